import { Component, onMounted, onWillStart, onWillUnmount, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { ReasonDialog } from "./reason_dialog";

const REFRESH_MS = 10000;
const LATE_MS = 35000;
const LOW_SHARE = 0.1;
const LOW_SECONDS = 120;
const OLD_QUEUE_SECONDS = 300;
const ALARMS = 3;

/** The session on a screen that is read from three metres: figures above, items below. */
export class ChannelCockpit extends Component {
    static template = "channel_livestream.Cockpit";
    static props = { ...standardActionServiceProps };
    static path = "channel-cockpit";
    static displayName = _t("Cockpit");

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.state = useState({
            sessions: [],
            sessionId: this.props.action.params?.session_id || this.props.state?.sessionId || null,
            data: null,
            error: false,
            loading: false,
            now: Date.now(),
            readAt: 0,
            busy: false,
            allAlarms: false,
        });
        onWillStart(() => this.start());
        onMounted(() => {
            this.timer = setInterval(() => this.poll(), REFRESH_MS);
            this.tick = setInterval(() => (this.state.now = Date.now()), 1000);
        });
        onWillUnmount(() => {
            clearInterval(this.timer);
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

    /** Every some seconds: read again by ourselves. */
    poll() {
        return this.refresh();
    }

    /** The figures of a session; ``fresh`` when nothing but the present will do. */
    readFigures(sessionId, { fresh = false } = {}) {
        return this.orm.silent.call("channel.session", "cockpit", [[sessionId]]);
    }

    /** Show figures unless newer ones are shown already; unchanged texts are not drawn again. */
    show(data, readAt = Date.now() - 1000 * (data.age || 0)) {
        const shown = this.state.data;
        const same = shown && shown.session.id === data.session.id;
        if (data.session.id !== this.state.sessionId) {
            return false;
        }
        if (!same || data.session.stamp >= shown.session.stamp) {
            this.state.data = { ...(same ? shown : {}), ...data };
            this.state.readAt = readAt;
        }
        return true;
    }

    /** Read the figures; a failed read keeps the old ones and says how old they are. */
    async refresh(options = {}) {
        if (this.state.loading && !options.fresh) {
            return;
        }
        this.state.loading = true;
        try {
            if (!this.state.sessionId) {
                await this.loadSessions();
            }
            if (this.state.sessionId) {
                this.show(await this.readFigures(this.state.sessionId, options));
            }
            this.state.error = false;
        } catch {
            this.state.error = true;
        } finally {
            this.state.loading = false;
        }
    }

    /** Call a button's method, then read what came of it. */
    press(model, method, id, ...values) {
        return this.alone(async () => {
            await this.orm.call(model, method, [[id], ...values]);
            await this.refresh({ fresh: true });
        });
    }

    hold(item) {
        this.dialog.add(ReasonDialog, {
            title: _t("Hold %s", item.name),
            text: _t(
                "Orders that come in wait and get nothing until you release it; then the first paid gets the first unit. Orders that have their units keep them."
            ),
            button: _t("Hold"),
            confirm: (reason) => this.press("channel.session.item", "action_hold", item.id, reason),
        });
    }

    ignore(alarm) {
        this.dialog.add(ReasonDialog, {
            title: _t("Ignore"),
            text: alarm.text,
            button: _t("Ignore"),
            confirm: (reason) => this.press("channel.alarm", "action_ignore", alarm.id, reason),
        });
    }

    /** Open the dialog a button asks with; read again when it is closed. */
    ask(resModel, name, resId) {
        return this.alone(() =>
            this.action.doActionButton({
                type: "object",
                resModel,
                name,
                resId,
                resIds: [resId],
                context: user.context,
                onClose: () => this.refresh({ fresh: true }),
            })
        );
    }

    /** No second press before the first one is through. */
    async alone(work) {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            await work();
        } finally {
            this.state.busy = false;
        }
    }

    async onRefresh() {
        await this.loadSessions();
        await this.refresh();
    }

    async onChooseSession(ev) {
        this.state.sessionId = parseInt(ev.target.value);
        this.state.data = null;
        await this.refresh({ fresh: true });
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

    /** How the figures come: ``polling`` by ourselves, or ``stale`` when they do not. */
    get connection() {
        return this.isLate ? "stale" : "polling";
    }

    get connectionText() {
        const age = this.age(this.secondsOld);
        return this.connection === "stale"
            ? _t("Not up to date: %s old", age)
            : _t("Every 10 s, read %s ago", age);
    }

    get secondsOld() {
        return Math.max(0, Math.round((this.state.now - this.state.readAt) / 1000));
    }

    get longRates() {
        return [
            _t("5 min: %s", this.ordersPerMinute(5)),
            _t("15 min: %s", this.ordersPerMinute(15)),
        ].join(" · ");
    }

    ordersPerMinute(minutes) {
        const orders = this.state.data.orders;
        const rate = orders[`rate_${minutes}`] ?? orders[`last_${minutes}`] / minutes;
        return this.rate(Number.isNaN(rate) ? null : rate);
    }

    get alarms() {
        return this.state.data.alarms || [];
    }

    /** The newest alarms; more of them would push the figures off the screen. */
    get shownAlarms() {
        return this.state.allAlarms ? this.alarms : this.alarms.slice(0, ALARMS);
    }

    get moreAlarms() {
        return this.state.allAlarms
            ? _t("Show fewer alarms")
            : _t("Show %s more alarms", this.alarms.length - ALARMS);
    }

    get mayJudge() {
        return Boolean(this.state.data.may?.judge);
    }

    get mayOperate() {
        return Boolean(this.state.data.may?.operate) && this.state.data.session.state === "open";
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

    /** A rate a minute: whole when it is large, "–" when it is not known. */
    rate(value) {
        if (value === null || value === undefined) {
            return "–";
        }
        return this.number(value < 10 ? Math.round(value * 10) / 10 : Math.round(value));
    }

    share(item) {
        return item.locked ? Math.round((100 * item.left) / item.locked) : 0;
    }

    isLow(item) {
        const short = item.lasts !== null && item.lasts !== undefined && item.lasts < LOW_SECONDS;
        return short || item.left < item.locked * LOW_SHARE;
    }

    itemClass(item) {
        if (item.state !== "open") {
            return "o_cockpit_item_off";
        }
        if (item.on_hold) {
            return "o_cockpit_item_hold";
        }
        if (item.left <= 0) {
            return "o_cockpit_item_out";
        }
        return this.isLow(item) ? "o_cockpit_item_low" : "o_cockpit_item_ok";
    }

    itemState(item) {
        if (item.state !== "open") {
            return item.state === "draft" ? _t("Planned") : _t("Closed");
        }
        return _t("of %s", this.number(item.locked));
    }

    /** One word over the card for what must be seen from afar. */
    itemFlag(item) {
        if (item.state !== "open") {
            return "";
        }
        if (item.on_hold) {
            return _t("On hold");
        }
        if (item.left <= 0) {
            return _t("Sold out");
        }
        return this.isLow(item) ? _t("Low") : "";
    }

    hasPace(item) {
        return item.state === "open" && item.lasts !== undefined;
    }

    isSelling(item) {
        return this.hasPace(item) && item.left > 0 && !item.on_hold;
    }

    paceText(item) {
        return _t("%s/min", this.rate(item.rate_1));
    }

    longPaceText(item) {
        return _t("5 min: %s", this.rate(item.rate_5));
    }

    lastsText(item) {
        return this.age(item.lasts);
    }

    soldText(item) {
        return _t("Sold %s", this.number(item.allocated));
    }

    paidText(item) {
        return _t("Paid %s", this.money(item.paid));
    }

    alarmAge(alarm) {
        return _t("%s ago", this.age(alarm.since));
    }

    get waitingText() {
        return _t("%s waiting", this.number(this.state.data.orders.queued));
    }

    get undecidedText() {
        return _t("%s undecided", this.number(this.state.data.orders.refunds_open));
    }
}

registry.category("actions").add("channel_cockpit", ChannelCockpit);
