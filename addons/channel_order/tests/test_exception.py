import re
from pathlib import Path

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from ..core import checks, stages
from ..core.snapshot import Fact
from ..models.channel_exception import TYPE_SELECTION
from .common import OrderCommon


@tagged("post_install", "-at_install")
class TestException(OrderCommon):
    def only(self, ref):
        return self.find(ref).exception_ids.filtered(lambda x: x.state == "open")

    def test_every_type_the_checks_know_is_a_type(self):
        known = {kind for kind, _label in TYPE_SELECTION}
        for group in (checks.FROM_SNAPSHOT, checks.FROM_DATA, checks.FROM_ALLOCATION,
                      checks.NOTICES, checks.ACCEPTABLE):  # fmt: skip
            self.assertLessEqual(group, known)

    def test_unknown_sku_is_retried_when_the_link_is_there(self):
        self._offer("TEA")
        self.ingest(self.order("A", self.line(), self.line("L2", sku="NEW", paid=500), freight=300))
        order, problem = self.find("A"), self.only("A")
        self.assertEqual((order.stage, problem.type), (stages.EXCEPTION, "sku_unknown"))
        self.assertIn("NEW", problem.detail)
        self.links["NEW"] = self._link("NEW", (self.product_9, 1, 1))
        self._offer("NEW")
        problem.with_user(self.users["operator"]).action_retry()
        order = self.find("A")
        self.assertEqual((order.stage, self.open_types(order)), (stages.ALLOCATED, []))
        self.assertEqual(order.line_ids.mapped("product_id"), self.product_13 | self.product_9)
        self.assertEqual((order.amount_paid, order.amount_freight), (27.9, 3.0))
        self.assertIn("retried", self.kinds(order))
        self.assertQuotasExact()

    def test_price_below_the_offer_waits_for_a_person(self):
        pool = self._offer("TEA", price_floor=15)
        self.ingest(self.order("A", self.line(paid=990)))
        problem = self.only("A")
        self.assertEqual((problem.type, self.taken(pool)), ("price_band", 0))
        self.assertIn("9.90 / 1 < 15.00", problem.detail)
        shown = problem.with_user(self.users["sales_manager"])
        self.assertEqual(shown.display_name, "Price outside the band A")
        self.assertEqual(
            shown.explanation,
            "Tea [TEA] was priced at ¥\xa09.90 a unit before discounts. Its offer allows no less"
            " than ¥\xa015.00 a unit.",
        )
        problem.with_user(self.users["operator"]).action_retry()
        self.assertEqual(self.find("A").stage, stages.EXCEPTION)
        action = problem.with_user(self.users["sales_manager"]).action_accept()
        self.assertEqual(action["res_model"], "channel.exception.decide")
        wizard = Form(
            self.as_role("sales_manager")["channel.exception.decide"].with_context(
                **action["context"]
            )
        )
        wizard.reason = "agreed with the platform"
        wizard.save().action_confirm()
        order = self.find("A")
        self.assertEqual((order.stage, self.taken(pool)), (stages.ALLOCATED, 1))
        self.assertEqual((problem.state, problem.accepted), ("cleared", True))
        self.assertEqual(problem.cleared_by, self.users["sales_manager"])
        self.assertIn("agreed with the platform", order.event_ids.mapped("note"))
        # the platform says something else about the order: the price stays accepted
        self.ingest(self.order("A", self.line(paid=990), at=1, seller_note="x"))
        self.assertEqual(self.find("A").stage, stages.ALLOCATED)

    def test_product_band_when_the_offer_has_none(self):
        self.env["channel.price.band"].create(
            {
                "product_id": self.product_13.id,
                "price_floor": 20,
                "price_ceiling": 30,
                "company_id": self.company.id,
            }
        )
        self._offer("TEA")
        self.ingest(self.order("A"), self.order("B", self.line(paid=2000)))
        self.assertEqual(self.open_types(self.find("A")), ["price_band"])
        self.assertEqual(self.find("B").stage, stages.ALLOCATED)
        problem = self.only("A")
        self.assertIn(self.product_13.display_name, problem.explanation)
        self.assertIn("The price band of the product allows no less", problem.explanation)
        self.ingest(self.order("C", self.line(paid=3979, quantity=2)))
        self.assertIn("39.79 for 2 units", self.only("C").explanation)

    def test_every_fact_is_a_sentence_in_both_languages(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        kinds = (
            "below_offer", "above_offer", "below_band", "above_band", "line_sum", "line_negative",
            "line_twice", "order_sum", "freight_negative", "quantity", "sku_unknown", "short",
            "unfillable", "no_offer", "blocked_phone", "blocked_name", "blocked_address",
            "address", "lines_changed", "platform_held", "platform_shipped", "platform_done",
            "no_lines", "on_hold", "risk", "",
        )  # fmt: skip
        self.ingest(self.order("A", self.line(sku="NOBODY")))
        problem = self.only("A")
        seen = set()
        for kind in kinds:
            fact = Fact(kind, "Tea [TEA]", self.product_13.id, 3, 1990, 2000, "x")
            for reader in (problem, problem.with_context(lang="zh_CN")):
                text = reader._sentence(fact, {self.product_13.id: "P"})
                self.assertNotIn("%(", text, kind)
                self.assertNotIn(text, seen, kind)
                seen.add(text)
        # no kind of fact is made that has no sentence
        core = Path(checks.__file__).parent
        source = "".join((core / name).read_text() for name in ("checks.py", "plan.py"))
        made = set(re.findall(r'Fact\("(\w+)"', source))
        self.assertLessEqual(made, set(kinds))

    def test_the_explanation_follows_its_reader_and_survives_a_retry(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self._offer("TEA")
        self.ingest(self.order("A", self.line(list_amount=2000)))
        problem = self.only("A")
        english = problem.explanation
        self.assertIn("payment and discounts are 19.90", english)
        self.assertRegex(problem.with_context(lang="zh_CN").explanation, "[一-鿿]")
        problem.action_retry()
        self.assertEqual(self.only("A").explanation, english)

    def test_an_exception_of_before_facts_tells_its_detail(self):
        self.ingest(self.order("A", self.line(sku="NOBODY")))
        problem = self.only("A")
        self.env.cr.execute(
            "UPDATE channel_exception SET facts = NULL WHERE id = %s", (problem.id,)
        )
        problem.invalidate_recordset()
        self.assertEqual(problem.explanation, problem.detail)

    def test_what_cannot_ship_cannot_be_accepted(self):
        self.ingest(self.order("A", self.line(sku="NOBODY")))
        with self.refused(UserError, "cannot be accepted"):
            self.only("A").action_accept("please")

    def test_ignoring_does_not_hide_an_order_that_waits(self):
        self.ingest(self.order("A", self.line(sku="NOBODY")))
        with self.refused(UserError, "would be forgotten"):
            self.only("A").action_ignore("later")
        self.ingest_aftersales(self.aftersale("R1", "UNKNOWN"))
        lost = self.env["channel.exception"].search([("ref", "=", "UNKNOWN")])
        self.assertEqual(lost.explanation, "Refund R1, but its order has not come in.")
        lost.action_ignore("a test order of the platform")
        self.assertEqual((lost.state, lost.note), ("ignored", "a test order of the platform"))
        with self.refused(UserError, "closed already"):
            lost.action_ignore("again")

    def test_amounts_stay_until_accepted(self):
        self._offer("TEA")
        self.ingest(self.order("A", self.line(list_amount=5)))
        problem = self.only("A")
        problem.action_retry()
        self.assertEqual(self.open_types(self.find("A")), ["amounts"])
        problem.action_accept("checked by hand")
        self.assertEqual(self.find("A").stage, stages.ALLOCATED)

    def test_who_decides(self):
        self.ingest(self.order("A", self.line(paid=990, list_amount=5)))
        problem = self.only("A")
        for role in ("finance", "warehouse"):
            for method in ("action_retry", "action_accept", "action_ignore"):
                with self.refused(AccessError):
                    getattr(problem.with_user(self.users[role]), method)()

    def test_blocklist(self):
        self._offer("TEA")
        entries = self.as_role("operator")["channel.blocklist"].create(
            [
                {"kind": "phone", "text": "+86 138-0013-8000", "reason": "fraud"},
                {"kind": "name", "text": "李 四", "reason": "fraud"},
                {"kind": "address", "text": "人民路 8 号", "reason": "fraud"},
            ]
        )
        self.assertEqual(entries.mapped("masked"), ["138****8000", "李*", "人民路8号****"])
        self.env.flush_all()
        self.env.cr.execute("SELECT to_jsonb(b)::text FROM channel_blocklist b")
        self.assertNotIn("13800138000", str(self.env.cr.fetchall()))
        free = {"phone": "13900000000", "name": "王五", "address": "中山路1号"}
        self.ingest(
            self.order("P"),
            self.order("N", receiver=self.receiver(**free | {"name": "李四"})),
            self.order("D", receiver=self.receiver(**free | {"address": "人民路8号"})),
            self.order("F", receiver=self.receiver(**free)),
        )
        for ref in "PND":
            self.assertEqual(self.open_types(self.find(ref)), ["blocklist"], ref)
        self.assertEqual(self.find("F").stage, stages.ALLOCATED)
        entries[0].active = False
        self.only("P").action_retry()
        self.assertEqual(self.find("P").stage, stages.ALLOCATED)

    def test_blocklist_entries_need_their_text(self):
        Blocklist = self.env["channel.blocklist"]
        with self.refused(UserError):
            Blocklist.create({"kind": "phone", "text": "-", "reason": "x"})
        entry = Blocklist.create({"kind": "phone", "text": "13800138000", "reason": "x"})
        with self.refused(UserError):
            entry.kind = "name"
        entry.text = "13900139000"
        self.assertEqual(entry.masked, "139****9000")

    def test_link_rules(self):
        with self.refused(ValidationError, "for some of these days"):
            self._link("TEA", (self.product_9, 1, 1))
        self.links["TEA"].date_to = "2026-01-31"
        later = self._link("TEA", (self.product_9, 1, 1), date_from="2026-02-01")
        with self.refused(ValidationError, "for some of these days"):
            later.date_from = "2026-01-31"
        with self.refused(ValidationError, "Add the products"):
            self._link("EMPTY")
        with self.refused(ValidationError, "price share above 0"):
            self._link("FREE", (self.product_9, 1, 0))
        self.product_9.tracking = "lot"
        with self.refused(ValidationError, "tracked by lot or serial"):
            self._link("LOT", (self.product_9, 1, 1))
        service = self.env["product.product"].create({"name": "Wrap", "type": "service"})
        with self.refused(ValidationError, "no goods"):
            self._link("SERVICE", (service, 1, 1))

    def test_link_version_of_the_day_explodes(self):
        self.links["TEA"].date_to = "2026-05-27"
        self._link("TEA", (self.product_9, 5, 1), date_from="2026-05-28")
        # paid 2026-05-28 20:26:40 UTC is the 29th in China
        self.ingest(self.order("A"))
        self.assertEqual(self.find("A").line_ids.product_id, self.product_9)

    def test_shop_makes_its_clearing_partner(self):
        shop = self.as_role("integration")["channel.shop"].create(
            {"name": "New", "code": "NEWSHOP", "fulfiller_ids": [Command.clear()]}
        )
        self.assertEqual(shop.sudo().clearing_partner_id.name, "New clearing")
        self.assertEqual(shop._allowed_fulfillers(), self.fulfiller_1 | self.fulfiller_2)
