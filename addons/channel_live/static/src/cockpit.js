import { onMounted, onWillUnmount } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";
import { patch } from "@web/core/utils/patch";
import { useService } from "@web/core/utils/hooks";
import { ChannelCockpit } from "@channel_livestream/cockpit/cockpit";

const FIGURES = "channel.session/figures";
const SENT_MS = 6000; // figures come every 1.5 s; a few may be lost
const WATCH_MS = 18000; // the server takes us for gone after 45 s
const OLD_INTAKE_SECONDS = 60;

// By session, how many cockpits of this tab follow it: a screen that is reloaded is there before the
// one it replaces has gone.
const followers = new Map();

/** The cockpit hears of its figures; when it does not, it reads them as before. */
patch(ChannelCockpit.prototype, {
    setup() {
        super.setup();
        this.bus = useService("bus_service");
        this.state.heardAt = 0;
        this.watchedAt = 0;
        this.heard = (figures) => this.hear(figures);
        onMounted(() => this.bus.subscribe(FIGURES, this.heard));
        onWillUnmount(() => {
            this.bus.unsubscribe(FIGURES, this.heard);
            this.follow(null);
        });
    },

    /** Hear of this session, and of no other. */
    follow(sessionId) {
        if (this.followed === sessionId) {
            return;
        }
        const before = this.followed;
        this.followed = sessionId;
        this.state.heardAt = 0;
        this.watchedAt = 0;
        if (sessionId) {
            followers.set(sessionId, (followers.get(sessionId) || 0) + 1);
            this.bus.addChannel(`channel.session_${sessionId}`);
        }
        if (before) {
            followers.set(before, followers.get(before) - 1);
            if (!followers.get(before)) {
                this.bus.deleteChannel(`channel.session_${before}`);
            }
        }
    },

    hear(figures) {
        const alarms = figures.alarms?.[user.context.lang] || [];
        if (this.show({ ...figures, alarms })) {
            this.state.heardAt = Date.now();
            this.state.now = Date.now();
            this.state.error = false;
        }
    },

    get isHearing() {
        return this.state.now - this.state.heardAt < SENT_MS;
    },

    /** While figures are sent, only say now and then that we watch. */
    poll() {
        if (this.isHearing && Date.now() - this.watchedAt < WATCH_MS) {
            return;
        }
        return super.poll();
    },

    async readFigures(sessionId, options = {}) {
        this.follow(sessionId);
        if (options.fresh && this.watchedAt) {
            return super.readFigures(sessionId, options);
        }
        const data = await this.orm.silent.call("channel.session", "cockpit_watch", [[sessionId]]);
        this.watchedAt = Date.now();
        if (data.live && !this.state.heardAt) {
            this.state.heardAt = Date.now() - 1000 * data.age;
        }
        return data;
    },

    get connection() {
        return this.isHearing ? "live" : super.connection;
    },

    get connectionText() {
        return this.isHearing ? _t("Live") : super.connectionText;
    },

    get intakeText() {
        const intake = this.state.data.intake;
        const count = this.number(intake.waiting);
        return intake.most ? _t("more than %s", count) : count;
    },

    get intakeNeedsSomebody() {
        const intake = this.state.data.intake;
        return intake.stopped || intake.oldest > OLD_INTAKE_SECONDS;
    },

    get intakeRest() {
        const { oldest, stopped, refused, lag } = this.state.data.intake;
        const parts = [
            oldest === null ? "" : _t("oldest %s", this.age(oldest)),
            stopped ? _t("%s stopped", this.number(stopped)) : "",
            refused ? _t("%s refused", this.number(refused)) : "",
            lag === null ? "" : _t("pulled up to %s ago", this.age(lag)),
        ];
        return parts.filter(Boolean).join(" · ");
    },
});
