import { Component, onWillStart, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { _t } from "@web/core/l10n/translation";
import { deserializeDate, deserializeDateTime } from "@web/core/l10n/dates";
import { useService } from "@web/core/utils/hooks";
import { formatMonetary } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const { DateTime } = luxon;

/** The sales manager's home: what waits, who is short, who is quiet, today; each number opens its rows. */
export class ChannelSalesHome extends Component {
    static template = "channel_sale.SalesHome";
    static props = { ...standardActionServiceProps };
    static path = "sales-home";
    static displayName = _t("Sales Home");

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ data: null, error: false, loading: false });
        onWillStart(() => this.load());
    }

    /** Read the figures; a failed read keeps the old ones and says so. */
    async load() {
        this.state.loading = true;
        try {
            this.state.data = await this.orm.call("channel.sales.home", "figures", []);
            this.state.error = false;
        } catch {
            this.state.error = true;
        } finally {
            this.state.loading = false;
        }
    }

    /** The rows behind a figure. */
    async open(what, value = null) {
        const action = await this.orm.call("channel.sales.home", "open_list", [what, value]);
        return this.action.doAction(action);
    }

    openMember(id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "channel.member",
            res_id: id,
            views: [[false, "form"]],
        });
    }

    money(amount) {
        return formatMonetary(amount, { currencyId: this.state.data.currency_id });
    }

    /** How long ago in words, as coarse as people say it. */
    age(text) {
        return deserializeDateTime(text).toRelative({ base: DateTime.now() });
    }

    ordersText(count) {
        return count === 1 ? _t("1 order") : _t("%s orders", count);
    }

    get waitingText() {
        return _t("orders, together %s", this.money(this.state.data.waiting.amount));
    }

    get lastDay() {
        return _t("Last %s", deserializeDate(this.state.data.today.last.day).toFormat("cccc"));
    }

    get averageText() {
        return _t("Average of %s weeks", this.state.data.today.average.days);
    }

    gap(days) {
        return days === 1 ? _t("daily") : _t("every %s days", days);
    }

    since(days) {
        return _t("%s days ago", days);
    }

    get changeText() {
        const change = this.state.data.today.change;
        const sign = change > 0 ? "▲" : change < 0 ? "▼" : "±";
        return change === null ? "" : `${sign} ${Math.abs(change)} %`;
    }
}

registry.category("actions").add("channel_sales_home", ChannelSalesHome);
