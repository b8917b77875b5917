import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

const PAUSE = 250; // ms without a press before a quantity is saved

/**
 * Quantities of the catalogue and the cart, saved without loading the page again. One request
 * at a time, and always the quantity that stands there: presses in between are one.
 */
export class DealerOrder extends Interaction {
    static selector = ".o_dealer_order";
    dynamicContent = {
        ".o_order_up": { "t-on-click": (ev) => this.step(ev.currentTarget, 1) },
        ".o_order_down": { "t-on-click": (ev) => this.step(ev.currentTarget, -1) },
        ".o_order_remove": { "t-on-click": (ev) => this.remove(ev.currentTarget) },
        ".o_order_quantity": {
            "t-on-change": (ev) => this.save(ev.currentTarget.form),
            "t-on-focus": (ev) => ev.currentTarget.select(),
        },
        ".o_order_line": { "t-on-submit.prevent": (ev) => this.save(ev.currentTarget) },
        "form[data-confirm]": { "t-on-submit": (ev) => this.ask(ev) },
    };

    setup() {
        this.waiting = new Set();
        this.running = false;
        this.savePaused = this.debounced((form) => this.save(form), PAUSE);
    }

    start() {
        this.el.classList.add("o_order_live");
    }

    ask(ev) {
        if (!window.confirm(ev.currentTarget.dataset.confirm)) {
            ev.preventDefault();
        }
    }

    /** The next quantity that can be ordered: the server's rule for one product, core/catalogue.py. */
    step(button, direction) {
        const form = button.form;
        const pack = Number(form.dataset.pack);
        const least = Number(form.dataset.least);
        const quantity = Number(form.quantity.value) || 0;
        let next = Math.max(least, (Math.floor(quantity / pack) + 1) * pack);
        if (direction < 0) {
            next = Math.ceil(quantity / pack) * pack - pack;
            next = next >= least ? next : 0;
        }
        form.quantity.value = next || "";
        this.waiting.add(form);
        this.savePaused(form);
    }

    remove(button) {
        const form = button.closest(".o_order_product").querySelector(".o_order_line");
        form.quantity.value = 0;
        this.save(form);
    }

    async save(form) {
        this.waiting.add(form);
        if (this.running) {
            return;
        }
        this.running = true;
        try {
            while (this.waiting.size) {
                const [next] = this.waiting;
                this.waiting.delete(next);
                await this.waitFor(this.send(next));
            }
            if (this.el.dataset.refresh) {
                await this.waitFor(this.refresh());
            }
        } finally {
            this.running = false;
        }
    }

    async send(form) {
        const product = form.closest(".o_order_product");
        const error = product.querySelector(".o_order_error");
        product.classList.add("o_order_busy");
        try {
            const reply = await fetch(form.action, {
                method: "POST",
                headers: { Accept: "application/json" },
                body: new FormData(form),
            });
            if (!reply.headers.get("Content-Type")?.includes("json")) {
                window.location.reload(); // signed out meanwhile
                return;
            }
            this.show(form, product, await reply.json());
        } catch {
            error.textContent = this.el.dataset.offline;
        } finally {
            product.classList.remove("o_order_busy");
        }
    }

    show(form, product, values) {
        product.querySelector(".o_order_error").textContent = values.error;
        if (!this.waiting.has(form)) {
            form.quantity.value = values.quantity || "";
        }
        product
            .querySelector(".o_order_stepper")
            .classList.toggle("o_order_chosen", values.quantity > 0);
        const put = (selector, text) => {
            const found = this.el.querySelector(selector);
            if (found) {
                found.textContent = text;
            }
        };
        put(".o_bar_lines", values.lines);
        put(".o_bar_total", values.total);
        put(".o_bar_available", values.available);
        this.el.querySelector(".o_bar_available")?.classList.toggle("text-danger", values.short);
        const subtotal = product.querySelector(".o_cart_subtotal");
        if (subtotal) {
            subtotal.textContent = values.subtotal;
        }
        const total = this.el.querySelector("input[name=total_fen]");
        if (total) {
            total.value = values.total_fen;
        }
    }

    /** The cart's totals, and what the review would say, as the server has them now. */
    async refresh() {
        const reply = await fetch(window.location.href);
        const page = new DOMParser().parseFromString(await reply.text(), "text/html");
        const lines = new Set(
            [...page.querySelectorAll(".o_cart_line")].map((line) => line.dataset.product)
        );
        if (!lines.size) {
            window.location.reload();
            return;
        }
        for (const line of this.el.querySelectorAll(".o_cart_line")) {
            if (!lines.has(line.dataset.product)) {
                line.remove();
            }
        }
        for (const part of this.el.querySelectorAll("[data-live]")) {
            part.replaceChildren(...(page.getElementById(part.id)?.childNodes || []));
        }
    }
}

registry.category("public.interactions").add("channel_portal.dealer_order", DealerOrder);
