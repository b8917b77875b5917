import { ScanStation } from "@channel_fulfilment/scan_station/scan_station";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

// The warehouse of this desk: kept in the browser, because the desk stands where it stands.
const WAREHOUSE = "channel_returns_desk.warehouse";

/**
 * The returns desk: the scanner types waybills, products and condition codes into the one input;
 * the screen shows what is expected, what is counted and what to do next.
 */
export class ReturnsDesk extends ScanStation {
    static template = "channel_returns.ReturnsDesk";

    setup() {
        super.setup();
        this.action = useService("action");
        this.station = { warehouse_id: Number(browser.localStorage.getItem(WAREHOUSE)) || false };
    }

    get prompt() {
        switch (this.state.answer?.next) {
            case "product":
                return _t("Scan a product");
            case "condition":
                return _t("Scan its condition");
            default:
                return _t("Scan a waybill");
        }
    }

    scan(code) {
        return this.ask(code, () => this.orm.call("channel.return", "scan", [code, this.station]));
    }

    undo() {
        return this.scan("R-UNDO");
    }

    async printCodes() {
        this.action.doAction(await this.orm.call("channel.return", "action_print_codes", []));
    }

    /** A lost answer must not close the parcel: the desk stays as it was. */
    show(code, answer) {
        if (!answer.lines) {
            const last = this.state.answer || {};
            Object.assign(answer, {
                parcel: last.parcel || {},
                lines: last.lines || [],
                trolley: last.trolley || {},
                warehouse: last.warehouse || {},
                next: last.next || "waybill",
                station: this.station,
            });
        }
        super.show(code, answer);
        if (answer.station.warehouse_id) {
            browser.localStorage.setItem(WAREHOUSE, answer.station.warehouse_id);
        }
    }
}

registry.category("actions").add("channel_returns_desk", ReturnsDesk);
