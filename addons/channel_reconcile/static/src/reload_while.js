import { Component, onWillUnmount, useEffect, xml } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const EVERY = 2000;

/** Reads a form's record again every two seconds, as long as its field `state` is one of `states`. */
export class ReloadWhile extends Component {
    static template = xml`<span/>`;
    static props = { ...standardWidgetProps, states: { type: Array } };

    setup() {
        let timer;
        const stop = () => clearTimeout(timer);
        const again = async () => {
            if (!this.props.record.dirty) {
                await this.props.record.load();
            }
            if (this.isWaiting) {
                timer = setTimeout(again, EVERY);
            }
        };
        useEffect(
            (isWaiting) => {
                if (isWaiting) {
                    timer = setTimeout(again, EVERY);
                }
                return stop;
            },
            () => [this.isWaiting]
        );
        onWillUnmount(stop);
    }

    get isWaiting() {
        return this.props.states.includes(this.props.record.data.state);
    }
}

registry.category("view_widgets").add("reload_while", {
    component: ReloadWhile,
    extractProps: ({ attrs }) => ({ states: attrs.while.split(",") }),
});
