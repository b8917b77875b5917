import { Component, onMounted, onWillUnmount, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

// Frequencies (Hz) of the short tones of each answer: rising for good, low and long for stop.
const TONES = {
    ok: [
        [880, 0.08],
        [1320, 0.12],
    ],
    stop: [
        [220, 0.25],
        [160, 0.4],
    ],
    unknown: [[220, 0.35]],
    already: [
        [520, 0.12],
        [520, 0.12],
    ],
    left: [
        [520, 0.12],
        [390, 0.2],
    ],
};
const COLOURS = { ok: "green", stop: "red", unknown: "red", already: "amber", left: "amber" };
const HISTORY = 12;

/**
 * The packer's screen: a keyboard-wedge scanner types into the one input, the whole screen answers
 * with a colour and a sound. It works with the keyboard alone; scans are answered in their order.
 */
export class ScanStation extends Component {
    static template = "channel_fulfilment.ScanStation";
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.input = useRef("input");
        this.state = useState({
            answer: null,
            history: [],
            busy: false,
            muted: false,
            packed: 0,
        });
        this.station = {};
        this.lastId = false;
        this.queue = Promise.resolve();
        this.pending = 0;
        this.focus = () => this.input.el?.focus();
        this.onKey = (ev) => this.onWindowKey(ev);
        onMounted(() => {
            this.focus();
            window.addEventListener("keydown", this.onKey);
            this.timer = setInterval(this.focus, 1000);
        });
        onWillUnmount(() => {
            window.removeEventListener("keydown", this.onKey);
            clearInterval(this.timer);
            this.audio?.close();
        });
    }

    get colour() {
        return this.state.answer ? COLOURS[this.state.answer.state] : "idle";
    }

    get prompt() {
        return this.state.answer?.next === "waybill"
            ? _t("Scan the waybill")
            : _t("Scan a parcel");
    }

    onWindowKey(ev) {
        if (ev.key === "F2") {
            ev.preventDefault();
            this.undo();
        } else if (ev.key === "F4") {
            ev.preventDefault();
            this.toggleSound();
        }
    }

    /** The input is the browser's alone: a scanner is faster than a screen that is drawn anew. */
    onInputKey(ev) {
        const code = ev.target.value.trim();
        if (ev.key === "Enter" || (ev.key === "Tab" && code)) {
            ev.preventDefault();
            ev.target.value = "";
            if (code) {
                this.scan(code);
            }
        } else if (ev.key === "Escape") {
            ev.target.value = "";
        }
    }

    scan(code) {
        return this.ask(code, () => this.orm.call("channel.parcel", "scan", [code, this.station]));
    }

    undo() {
        return this.ask(_t("Undo"), () =>
            this.orm.call("channel.parcel", "undo", [{ last_id: this.lastId }])
        );
    }

    toggleSound() {
        this.state.muted = !this.state.muted;
        this.focus();
    }

    /** Scans wait for each other, so that a waybill always meets the parcel before it. */
    ask(code, call) {
        this.pending += 1;
        this.state.busy = true;
        this.queue = this.queue.then(async () => {
            let answer;
            try {
                answer = await call();
            } catch (error) {
                answer = {
                    state: "unknown",
                    title: _t("No answer"),
                    message:
                        error.data?.message ||
                        _t("The server did not answer. Scan the parcel again."),
                    parcel: {},
                    take_out: [],
                    next: "parcel",
                    station: {},
                };
            }
            this.show(code, answer);
            this.pending -= 1;
            this.state.busy = this.pending > 0;
            this.focus();
        });
        return this.queue;
    }

    show(code, answer) {
        this.station = answer.station || {};
        if (answer.station?.last_id) {
            this.lastId = answer.station.last_id;
        }
        this.state.answer = answer;
        this.state.history.unshift({
            id: Date.now() + Math.random(),
            code,
            state: answer.state,
            title: answer.title,
            text:
                answer.parcel.name && answer.parcel.name !== code
                    ? answer.parcel.name
                    : answer.message,
            time: new Date().toLocaleTimeString(),
        });
        this.state.history.length = Math.min(this.state.history.length, HISTORY);
        this.play(answer.state);
    }

    play(answer) {
        if (this.state.muted || !(window.AudioContext || window.webkitAudioContext)) {
            return;
        }
        this.audio ||= new (window.AudioContext || window.webkitAudioContext)();
        let at = this.audio.currentTime;
        for (const [frequency, seconds] of TONES[answer] || []) {
            const tone = this.audio.createOscillator();
            const gain = this.audio.createGain();
            tone.frequency.value = frequency;
            tone.type = answer === "ok" ? "sine" : "square";
            gain.gain.setValueAtTime(0.2, at);
            gain.gain.exponentialRampToValueAtTime(0.001, at + seconds);
            tone.connect(gain).connect(this.audio.destination);
            tone.start(at);
            tone.stop(at + seconds);
            at += seconds;
        }
    }
}

registry.category("actions").add("channel_scan_station", ScanStation);
