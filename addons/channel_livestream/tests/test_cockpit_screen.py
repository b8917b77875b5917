from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestCockpitScreen(HttpCase):
    """The cockpit opens in a browser, shows the figures and refreshes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        env = cls.env
        company = env.company
        warehouse = env["stock.warehouse"].search([("company_id", "=", company.id)], limit=1)
        fulfiller = env["channel.fulfiller"].search([("warehouse_id", "=", warehouse.id)])
        fulfiller = fulfiller or env["channel.fulfiller"].create(
            {"name": "Screen", "code": "SCREEN", "warehouse_id": warehouse.id}
        )
        product = env["product.product"].create({"name": "Lip Balm", "is_storable": True})
        env["stock.quant"]._update_available_quantity(product, warehouse.lot_stock_id, 500)
        cls.shop = env["channel.shop"].create(
            {"name": "Screen Shop", "code": "SCREEN", "fulfiller_ids": [Command.set(fulfiller.ids)]}
        )
        cls.link = env["channel.link"].create(
            {
                "shop_id": cls.shop.id,
                "title": "Lip Balm",
                "sku_ref": "LIP",
                "component_ids": [Command.create({"product_id": product.id})],
            }
        )
        cls.operator = new_test_user(
            env, login="screen_operator", groups="channel_network.group_livestream_operator"
        )

    def _open_session(self):
        session = self.env["channel.session"].create(
            {
                "name": "Screen Session",
                "shop_id": self.shop.id,
                "room_ref": "screen",
                "item_ids": [
                    Command.create({"link_id": self.link.id, "price": 29.9, "quota": 321})
                ],
            }
        )
        session.action_open()
        return session

    def test_cockpit_shows_the_items(self):
        self._open_session()
        self.browser_js(
            "/odoo/channel-cockpit",
            """
            const until = async (test, what) => {
                for (let i = 0; i < 100; i++) {
                    if (test()) return;
                    await new Promise((r) => setTimeout(r, 100));
                }
                throw new Error("never: " + what);
            };
            const text = (css) => document.querySelector(css)?.textContent || "";
            (async () => {
                await until(() => text(".o_cockpit_left") === "321", "321 left");
                await until(() => text(".o_cockpit_item_name") === "Lip Balm", "name");
                await until(() => text(".o_cockpit_orders") === "0", "no orders");
                const size = parseFloat(
                    getComputedStyle(document.querySelector(".o_cockpit_left")).fontSize);
                if (size < 40) throw new Error("too small to read from afar: " + size);
                document.querySelector(".o_cockpit_refresh").click();
                await until(() => text(".o_cockpit_age").includes("0"), "just read");
                console.log("test successful");
            })().catch((error) => console.error(error.message));
            """,
            ready="document.querySelector('.o_channel_cockpit')",
            login="screen_operator",
        )

    def test_cockpit_without_a_session_says_what_to_do(self):
        self.env["channel.session"].search([]).write({"state": "draft"})
        self.browser_js(
            "/odoo/channel-cockpit",
            """
            const button = document.querySelector(".o_cockpit_empty button");
            if (button) console.log("test successful");
            else console.error("no empty state");
            """,
            ready="document.querySelector('.o_cockpit_empty button')",
            login="screen_operator",
        )
