import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..core import stages
from ..wizards.channel_receiver_show import readable
from .common import OrderCommon

LEAN = ("channel.order", "channel.order.line", "channel.order.event", "channel.exception",
        "channel.aftersale", "channel.aftersale.answer", "channel.outbox",
        "channel.fulfiller.load")  # fmt: skip
INTERNAL = ("finance", "warehouse", "sales_rep", "sales_manager", "operator", "integration",
            "admin")  # fmt: skip
# who may write: model -> {role: rights of create, write, unlink}
WRITERS = {
    "channel.shop": {"integration": "cw", "admin": "cw"},
    "channel.link": dict.fromkeys(("sales_manager", "operator", "integration", "admin"), "cwu"),
    "channel.link.component": dict.fromkeys(
        ("sales_manager", "operator", "integration", "admin"), "cwu"
    ),
    "channel.blocklist": {"sales_manager": "cwu", "operator": "cw", "admin": "cwu"},
}


@tagged("post_install", "-at_install")
class TestAccess(OrderCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop_a = cls._shop("Shop of A", "SHOPA", member_id=cls.dealer_a.id)
        cls.shop_a11 = cls._shop("Shop of A11", "SHOPA11", member_id=cls.retailer_a11.id)
        cls.shop_b = cls._shop("Shop of B", "SHOPB", member_id=cls.dealer_b.id)
        for shop in (cls.shop, cls.shop_a, cls.shop_a11, cls.shop_b):
            cls.Order._ingest(shop, [cls.order(f"O-{shop.code}")])
            cls.Order._ingest_aftersales(shop, [cls.aftersale(f"R-{shop.code}", f"O-{shop.code}")])

    def refs(self, env, model="channel.order", field="order_ref"):
        return sorted(env[model].search([]).mapped(field))

    def test_nobody_writes_lean_records(self):
        for role in (*INTERNAL, "member"):
            env = self.as_role(role)
            for model in LEAN:
                for operation in ("create", "write", "unlink"):
                    self.assertFalse(
                        env[model].has_access(operation), f"{role} may {operation} {model}"
                    )

    def test_who_writes_set_up(self):
        for model, writers in WRITERS.items():
            for role in (*INTERNAL, "member"):
                rights = writers.get(role, "")
                env = self.as_role(role)
                for letter, operation in zip("cwu", ("create", "write", "unlink"), strict=True):
                    self.assertEqual(
                        env[model].has_access(operation), letter in rights,
                        f"{role} {operation} {model}",
                    )  # fmt: skip

    def test_member_user_sees_its_own_subtree(self):
        env = self.as_role("member")
        mine = ["O-SHOPA", "O-SHOPA11"]
        self.assertEqual(self.refs(env), mine)
        self.assertEqual(self.refs(env, "channel.order.line", "order_id.order_ref"), mine)
        self.assertEqual(self.refs(env, "channel.aftersale", "order_ref"), mine)
        self.assertEqual(self.refs(env, "channel.shop", "code"), ["SHOPA", "SHOPA11"])
        for model in ("channel.order.event", "channel.exception", "channel.aftersale.answer",
                      "channel.link", "channel.pool", "channel.blocklist", "channel.outbox"):  # fmt: skip
            self.assertFalse(env[model].has_access("read"), model)
        other = self.find("O-SHOPB", self.shop_b).with_user(self.users["member"])
        with self.refused(AccessError):
            other.read(["order_ref"])
        with self.refused(AccessError):
            other.line_ids.with_user(self.users["member"]).read(["title"])

    def test_receiver_columns_stay_closed(self):
        order = self.find("O-SHOPA", self.shop_a)
        for name in ("receiver_secret", "snapshot_digest"):
            for role in (*INTERNAL, "member"):
                with self.refused(AccessError):
                    order.with_user(self.users[role]).read([name])
                self.assertNotIn(name, self.as_role(role)["channel.order"].fields_get())
        for name in ("phone_key", "name_key", "address_key", "merge_key"):
            with self.refused(AccessError):
                order.with_user(self.users["member"]).read([name])
        with self.refused(AccessError):
            order.with_user(self.users["member"]).search([("phone_key", "=", "x")])
        with self.refused(AccessError):
            order.with_user(self.users["member"]).action_show_receiver("me")

    def test_rep_sees_own_dealers_and_manager_all(self):
        self.assertEqual(self.refs(self.as_role("sales_rep")), ["O-SHOPA"])
        self.assertEqual(
            self.refs(self.as_role("sales_rep"), "channel.order.event", "order_id.order_ref"),
            ["O-SHOPA"],
        )
        for role in ("sales_manager", "warehouse", "finance", "operator", "integration", "admin"):
            self.assertEqual(len(self.refs(self.as_role(role))), 4, role)

    def test_answers_are_read_with_their_after_sale(self):
        for row in self.env["channel.aftersale"].search([("company_id", "=", self.company.id)]):
            row._answer("request", True, row.version)
        numbers = "aftersale_id.aftersale_ref"
        mine = self.refs(self.as_role("sales_rep"), "channel.aftersale.answer", numbers)
        self.assertEqual(mine, ["R-SHOPA"])
        for role in ("sales_manager", "warehouse", "finance", "operator", "integration", "admin"):
            found = self.refs(self.as_role(role), "channel.aftersale.answer", numbers)
            self.assertEqual(len(found), 4, role)

    def test_company_wall(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        row = self.find("O-SHOPA", self.shop_a).aftersale_ids
        row._answer("request", True, row.version)
        user = self._create_user("elsewhere", "group_channel_admin")
        user.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        env = self.env(
            user=user, su=False, context=dict(self.env.context, allowed_company_ids=other.ids)
        )
        for model in ("channel.shop", "channel.link", "channel.pool", "channel.order",
                      "channel.order.line", "channel.order.event", "channel.exception",
                      "channel.aftersale", "channel.aftersale.answer", "channel.outbox"):  # fmt: skip
            self.assertFalse(
                env[model].search([("id", "in", self.env[model].search([]).ids)]), model
            )

    # --- receiver -------------------------------------------------------------------------

    def test_receiver_is_shown_with_a_reason_and_logged(self):
        order = self.find("O-SHOPA", self.shop_a)
        self.env.cr.execute("SELECT receiver_secret FROM channel_order WHERE id = %s", [order.id])
        self.assertNotIn("13800138000", self.env.cr.fetchone()[0])
        warehouse = order.with_user(self.users["warehouse"])
        with self.refused(UserError, "Say why"):
            warehouse.action_show_receiver("  ")
        text = warehouse.action_show_receiver("label torn")
        self.assertEqual(json.loads(text)["phone"], "13800138000")
        event = order.event_ids.sorted("id")[-1]
        self.assertEqual((event.kind, event.note, event.user_id),
                         ("receiver_shown", "label torn", self.users["warehouse"]))  # fmt: skip
        for role in ("finance", "operator", "integration", "sales_rep"):
            with self.refused(AccessError):
                order.with_user(self.users[role]).action_show_receiver("curious")

    def test_receiver_dialogue_stores_nothing(self):
        order = self.find("O-SHOPA", self.shop_a)
        Wizard = self.as_role("sales_manager")["channel.receiver.show"]
        wizard = Form(Wizard.with_context(default_order_id=order.id))
        wizard.reason = "buyer calls"
        record = wizard.save()
        action = record.action_show()
        shown = record.with_context(**action["context"])
        shown.invalidate_recordset()
        self.assertIn("13800138000", shown.receiver)
        self.env.flush_all()
        self.env.cr.execute("SELECT to_jsonb(w)::text FROM channel_receiver_show w")
        self.assertNotIn("13800138000", str(self.env.cr.fetchall()))

    def test_receiver_text_for_people(self):
        self.assertEqual(readable('{"name": "张三", "phone": "1"}'), "张三\n1")
        self.assertEqual(readable("##cipher##"), "##cipher##")
        self.assertEqual(readable("[1]"), "[1]")

    def test_search_by_phone(self):
        self.Order._ingest(self.shop, [
            self.order("OTHER", receiver=self.receiver(phone="13900139000")),
        ])  # fmt: skip
        env = self.as_role("warehouse")
        for typed in ("13900139000", "+86 139 0013 9000", "１３９００１３９０００"):
            for operator in ("ilike", "="):
                found = env["channel.order"].search([("receiver_phone", operator, typed)])
                self.assertEqual(found.mapped("order_ref"), ["OTHER"], (typed, operator))
        self.assertFalse(env["channel.order"].search([("receiver_phone", "ilike", "139")]))
        self.assertEqual(found.receiver_phone, "139****9000")

    # --- other ----------------------------------------------------------------------------

    def test_outbox_retry(self):
        row = self.env["channel.outbox"].create(
            {
                "shop_id": self.shop.id,
                "action": "ship",
                "key": "k1",
                "state": "stopped",
                "attempts": 9,
                "error": "no",
            }
        )
        with self.refused(AccessError):
            row.with_user(self.users["warehouse"]).action_retry()
        row.with_user(self.users["integration"]).action_retry()
        self.assertEqual((row.state, row.attempts), ("todo", 0))

    def test_reassign_dialogue(self):
        self._offer("TEA", quota=2, fulfillers=self.fulfiller_1 | self.fulfiller_2)
        self.ingest(self.order("W"))
        order = self.find("W")
        Wizard = self.as_role("operator")["channel.order.reassign"]
        wizard = Form(Wizard.with_context(default_order_ids=order.ids))
        wizard.fulfiller_id = self.fulfiller_2
        wizard.save().action_confirm()
        order.invalidate_recordset()
        self.assertEqual((order.fulfiller_id, order.stage), (self.fulfiller_2, stages.ALLOCATED))

    def test_screens_open_for_each_role(self):
        actions = ("channel_order", "channel_exception", "channel_unfillable", "channel_link",
                   "channel_aftersale", "channel_shop", "channel_outbox")  # fmt: skip
        for role in INTERNAL:
            env = self.as_role(role)
            for name in actions:
                action = env["ir.actions.act_window"]._for_xml_id(f"channel_order.action_{name}")
                model = env[action["res_model"]]
                if not model.has_access("read"):
                    self.assertEqual((role, name), ("sales_rep", "channel_outbox"))
                    continue
                self.assertIn("smiling_face", action["help"])
                views = model.get_views([(False, view) for _id, view in action["views"]])
                fields = [x for x in views["models"][action["res_model"]]["fields"]][:40]
                model.search([], limit=5).read(fields)
