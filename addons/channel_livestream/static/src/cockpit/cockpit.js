import { Component, onMounted, onWillStart, onWillUnmount, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const REFRESH_MS = 10000;
const LATE_MS = 35000;
const LOW_SHARE = 0.1;
const OLD_QUEUE_SECONDS = 300;

/** The session on a screen that is read from three metres: figures above, items below. */
export class ChannelCockpit extends Component {
    static template = "channel_livestream.Cockpit";
    static props = { ...standardActionServiceProps };
    static path = "channel-cockpit";
    static displayName = _t("Cockpit");

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({
            sessions: [],
            sessionId: this.props.action.params?.session_id || this.props.state?.sessionId || null,
            data: null,
            error: false,
            loading: false,
            now: Date.now(),
            readAt: 0,
        });
        onWillStart(() => this.start());
        onMounted(() => {
            this.poll = setInterval(() => this.refresh(), REFRESH_MS);
            this.tick = setInterval(() => (this.state.now = Date.now()), 1000);
        });
        onWillUnmount(() => {
            clearInterval(this.poll);
            clearInterval(this.tick);
        });
    }

    async start() {
        await this.loadSessions();
        await this.refresh();
    }

    async loadSessions() {
        this.state.sessions = await this.orm.silent.call("channel.session", "cockpit_sessions", []);
        if (!this.state.sessionId && this.state.sessions.length) {
            this.state.sessionId = this.state.sessions[0].id;
        }
    }

    /** Read the figures; a failed read keeps the old ones and says how old they are. */
    async refresh() {
        if (this.state.loading) {
            return;
        }
        this.state.loading = true;
        try {
            if (!this.state.sessionId) {
                await this.loadSessions();
            }
            const sessionId = this.state.sessionId;
            if (sessionId) {
                const data = await this.orm.silent.call("channel.session", "cockpit", [[sessionId]]);
                if (sessionId === this.state.sessionId) {
                    this.state.data = data;
                    this.state.readAt = Date.now();
                }
            }
            this.state.error = false;
        } catch {
            this.state.error = true;
        } finally {
            this.state.loading = false;
        }
    }

    async onRefresh() {
        await this.loadSessions();
        await this.refresh();
    }

    async onChooseSession(ev) {
        this.state.sessionId = parseInt(ev.target.value);
        this.state.data = null;
        this.state.loading = false;
        await this.refresh();
    }

    openSession() {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "channel.session",
            res_id: this.state.sessionId,
            views: [[false, "form"]],
        });
    }

    openSessions() {
        this.action.doAction("channel_livestream.action_channel_session");
    }

    openOrders(domain) {
        this.action.doAction({
            type: "ir.actions.act_window",
            name: _t("Orders"),
            res_model: "channel.order",
            views: [
                [false, "list"],
                [false, "form"],
            ],
            domain: [["session_id", "=", this.state.sessionId], ...domain],
        });
    }

    get isLate() {
        return this.state.error || this.state.now - this.state.readAt > LATE_MS;
    }

    get secondsOld() {
        return Math.max(0, Math.round((this.state.now - this.state.readAt) / 1000));
    }

    get perMinute() {
        const orders = this.state.data.orders;
        const rate = (count, minutes) => this.number(Math.round((count / minutes) * 10) / 10);
        return [
            { label: _t("1 min"), value: this.number(orders.last_1) },
            { label: _t("5 min"), value: rate(orders.last_5, 5) },
            { label: _t("15 min"), value: rate(orders.last_15, 15) },
        ];
    }

    get queueIsOld() {
        return (this.state.data.orders.queue_age || 0) > OLD_QUEUE_SECONDS;
    }

    number(value) {
        return new Intl.NumberFormat(user.lang || "en-US").format(value);
    }

    money(text) {
        const [whole, cents] = text.split(".");
        // the text is exact: only its whole part is grouped, nothing is rounded
        return `${this.state.data.session.currency}${this.number(BigInt(whole))}.${cents}`;
    }

    age(seconds) {
        if (seconds === null || seconds === undefined) {
            return "–";
        }
        if (seconds < 60) {
            return _t("%s s", seconds);
        }
        return seconds < 3600
            ? _t("%s min", Math.floor(seconds / 60))
            : _t("%s h", Math.floor(seconds / 3600));
    }

    share(item) {
        return item.locked ? Math.round((100 * item.left) / item.locked) : 0;
    }

    itemClass(item) {
        if (item.state !== "open") {
            return "o_cockpit_item_off";
        }
        if (item.left <= 0) {
            return "o_cockpit_item_out";
        }
        return item.left < item.locked * LOW_SHARE ? "o_cockpit_item_low" : "o_cockpit_item_ok";
    }

    itemState(item) {
        if (item.state === "open" && item.left > 0) {
            return _t("left of %s", this.number(item.locked));
        }
        return { draft: _t("Planned"), closed: _t("Closed"), open: _t("Sold out") }[item.state];
    }

    soldText(item) {
        return _t("Sold %s", this.number(item.allocated));
    }

    paidText(item) {
        return _t("Paid %s", this.money(item.paid));
    }

    get ageText() {
        const age = this.age(this.secondsOld);
        return this.isLate ? _t("Not up to date: %s old", age) : _t("Read %s ago", age);
    }

    get waitingText() {
        return _t("%s waiting", this.number(this.state.data.orders.queued));
    }

    get undecidedText() {
        return _t("%s undecided", this.number(this.state.data.orders.refunds_open));
    }
}

registry.category("actions").add("channel_cockpit", ChannelCockpit);
