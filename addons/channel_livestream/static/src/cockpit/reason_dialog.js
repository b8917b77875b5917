import { Component, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { useAutofocus } from "@web/core/utils/hooks";

/** Asks why, then goes on: in the cockpit nothing may reload the screen. */
export class ReasonDialog extends Component {
    static template = "channel_livestream.ReasonDialog";
    static components = { Dialog };
    static props = {
        title: String,
        text: String,
        button: String,
        confirm: Function,
        close: Function,
    };

    setup() {
        this.state = useState({ reason: "" });
        useAutofocus();
    }

    get reason() {
        return this.state.reason.trim();
    }

    onConfirm() {
        if (this.reason) {
            this.props.confirm(this.reason);
            this.props.close();
        }
    }

    onKeydown(ev) {
        // Enter also ends a choice of Chinese characters
        if (ev.key === "Enter" && !ev.isComposing) {
            this.onConfirm();
        }
    }
}
