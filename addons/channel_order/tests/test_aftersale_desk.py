from datetime import timedelta

import psycopg2

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..core import stages
from ..core.aftersales import Fate, Goods, GoodsFacts, Step
from ..core.snapshot import AfterSaleKind as K
from ..core.snapshot import AfterSaleStatus as S
from .common import PAID_AT, OrderCommon

V = PAID_AT  # the version of an after-sale that was told once


class DeskCommon(OrderCommon):
    """Order A has left: L1 two tea for 39.80, L2 a box (four units) for 10.00, freight 6.00."""

    def setUp(self):
        super().setUp()
        self._offer("TEA")
        self._offer("BOX")
        self.ingest(
            self.order("A", self.line(quantity=2, paid=3980),
                       self.line("L2", sku="BOX", paid=1000), freight=600)
        )  # fmt: skip
        self.sold = self.find("A")
        self.Order._advance(self.sold, stages.WAVED, "waved")
        self.Order._advance(self.sold, stages.SHIPPED, "shipped")

    def ask(self, ref="R1", kind=K.RETURN, status=S.APPLIED, at=0, amount=3980, **values):
        """The platform tells of an after-sale."""
        values = {"kind": kind, "status": status, "at": at, "amount": amount} | values
        self.ingest_aftersales(self.aftersale(ref, "A", **values))
        return self.row(ref)

    def row(self, ref="R1"):
        return self.env["channel.aftersale"].search([("aftersale_ref", "=", ref)])

    def counted(self, **facts):
        """The warehouse knows this of every after-sale."""
        known = GoodsFacts(**facts)
        self.patch(
            type(self.env["channel.aftersale"]), "_goods_facts",
            lambda _model, ids: dict.fromkeys(ids, known),
        )  # fmt: skip

    def told(self):
        """Payloads of the outbox, oldest first."""
        rows = self.env["channel.outbox"].search([("shop_id", "=", self.shop.id)], order="id")
        return rows.mapped("payload")


@tagged("post_install", "-at_install")
class TestAftersaleSteps(DeskCommon):
    def test_what_the_platform_tells_is_kept(self):
        self.ask(items=1, freight=600, amount=2590, deadline=V + 3600, return_company="yuantong",
                 return_waybill="YT1", parcel_fate="stopped")  # fmt: skip
        row = self.row()
        self.assertEqual((row.items, row.freight, row.amount, row.version), (1, 6.0, 25.9, V))
        self.assertEqual(row.deadline_at - row.updated_at, timedelta(hours=1))
        self.assertEqual(
            (row.return_company_code, row.return_waybill, row.parcel_fate),
            ("yuantong", "YT1", "stopped"),
        )
        self.assertEqual(row.title, "Tea")

    def test_more_time_is_news_of_the_same_version(self):
        self.ask(deadline=V + 3600)
        same = self.aftersale("R1", "A", kind=K.RETURN, amount=3980, deadline=V + 3600)
        self.assertEqual(self.ingest_aftersales(same).unchanged, ["R1"])
        self.ask(deadline=V + 7200)
        self.assertEqual(self.row().deadline_at - self.row().updated_at, timedelta(hours=2))

    def test_the_step_follows_what_the_platform_says(self):
        for at, (status, step) in enumerate(
            [(S.APPLIED, Step.REQUEST), (S.AGREED, Step.WAIT_GOODS), (S.RETURNED, Step.WAIT_GOODS),
             (S.REFUSED, Step.REFUSED), (S.APPLIED, Step.REQUEST), (S.SUCCEEDED, Step.DONE)]
        ):  # fmt: skip
            self.assertEqual(self.ask(status=status, at=at).step, step)
        kinds = self.kinds(self.sold)[-6:]
        self.assertEqual(
            kinds,
            ["aftersale_applied", "aftersale_agreed", "aftersale_returned", "aftersale_refused",
             "aftersale_applied", "aftersale_succeeded"],
        )  # fmt: skip
        self.assertEqual(self.sold.event_ids[0].note, "R1")

    def test_an_unknown_order_still_waits_for_its_goods(self):
        self.ingest_aftersales(self.aftersale("R9", "LATE", kind=K.RETURN, status=S.AGREED))
        self.assertEqual(self.row("R9").step, "wait_goods")
        with self.refused(UserError, "has not come in"):
            self.row("R9")._answer("goods", True, V)
        self.ingest(self.order("LATE"))
        self.assertEqual((self.row("R9").order_id, self.row("R9").step),
                         (self.find("LATE"), "wait_goods"))  # fmt: skip

    def test_units_expected_are_those_of_the_products(self):
        """A box holds four units; one of two tea is one."""
        self.ask("BOX", line_ref="L2", status=S.AGREED, amount=1000)
        self.ask("TEA", items=1, status=S.AGREED, amount=1990)
        self.ask("ALL", line_ref="", status=S.AGREED, amount=4980)
        cases = self.env["channel.aftersale"]._cases(self.sold.aftersale_ids.ids)
        expected = {self.row(ref).id: n for ref, n in (("BOX", 4), ("TEA", 1), ("ALL", 6))}
        self.assertEqual({key: case.goods.expected for key, case in cases.items()}, expected)

    def test_goods_that_were_counted_move_it_on(self):
        row = self.ask(status=S.AGREED)
        for facts, step in (
            ({"parcels": 1}, "inspect"),
            ({"fate": Fate.ASKED}, "intercept"),
            ({"goods": Goods(good=1)}, "wait_goods"),
            ({"goods": Goods(good=1), "complete": True}, "goods"),
            ({"goods": Goods(good=2)}, "goods"),
        ):
            self.counted(**facts)
            row._restep(row.ids)
            self.assertEqual(row.step, step, facts)
        self.assertFalse(row._restep(row.ids), "nothing has changed since")

    def test_only_what_is_clean_may_be_released(self):
        row = self.ask(status=S.AGREED)
        self.counted(goods=Goods(good=2))
        self.assertEqual(row._may_release(row.ids), row)
        self.counted(goods=Goods(good=1, defect=1))
        self.assertFalse(row._may_release(row.ids))

    def test_time_left_is_counted_down_until_it_is_over(self):
        now = fields.Datetime.now().replace(microsecond=0)
        moment = int((now - fields.Datetime.from_string("1970-01-01")).total_seconds())
        for seconds, urgency in ((-7200, "over"), (7200, "soon"), (3 * 86400, "later")):
            row = self.ask(deadline=moment + seconds)
            row.invalidate_recordset()
            self.assertEqual(row.urgency, urgency)
            self.assertTrue(row.time_left)
        self.assertEqual(row._duration(7260), "2 h 1 min")
        self.assertEqual(row._duration(-60), "over by 0 h 1 min")
        self.assertEqual(row._duration(3 * 86400 + 3600), "3 d 1 h")
        row = self.ask(status=S.CLOSED, at=1, deadline=moment)
        row.invalidate_recordset()
        self.assertFalse(row.time_left)

    def test_a_refund_before_shipment_stays_open_whatever_odd_state_it_is_in(self):
        self.ingest(self.order("B"))
        self.ingest_aftersales(self.aftersale("RB", "B", status=S.RETURNED))
        self.assertTrue(self.find("B").refund_open)

    def test_the_order_counts_and_opens_its_aftersales(self):
        self.ask("R1", amount=100)
        self.assertEqual(self.sold.aftersale_count, 1)
        self.assertEqual(self.sold.action_open_aftersales()["res_id"], self.row().id)
        self.ask("R2", amount=100)
        self.sold.invalidate_recordset()
        self.assertEqual(self.sold.aftersale_count, 2)
        action = self.sold.action_open_aftersales()
        self.assertNotIn("res_id", {key for key, value in action.items() if value})
        self.assertEqual(action["domain"], [("order_id", "=", self.sold.id)])


@tagged("post_install", "-at_install")
class TestAftersaleAnswers(DeskCommon):
    def test_granted_once_and_owed_to_the_platform(self):
        row = self.ask()
        row.with_user(self.users["operator"]).sudo()._answer("request", True, V, "gladly")
        self.assertEqual(row.step, "tell")
        answer = row.answer_ids
        self.assertEqual(
            (answer.gate, answer.accept, answer.version, answer.amount, answer.user_id),
            ("request", True, V, 39.8, self.users["operator"]),
        )
        self.assertEqual(
            self.told(),
            [{"aftersale_ref": "R1", "kind": "return", "gate": "request", "accept": True,
              "version": V, "reason": "gladly", "company_code": "", "waybill": ""}],
        )  # fmt: skip
        outbox = self.env["channel.outbox"].search([("shop_id", "=", self.shop.id)])
        self.assertEqual(outbox.key, f"answer:{self.shop.id}:R1:request:{V}")
        self.assertEqual((outbox.action, outbox.order_id), ("aftersale", self.sold))
        event = self.sold.event_ids[0]
        self.assertEqual((event.kind, event.note), ("aftersale_grant", "R1: gladly"))
        with self.refused(UserError, "was first and granted"):
            row._answer("request", False, V, "no")
        self.assertEqual(len(self.told()), 1)

    def test_a_changed_one_is_not_granted_blindly(self):
        row = self.ask()
        self.ask(at=5, amount=2000)
        with self.refused(UserError, "changed on the platform"):
            row._answer("request", True, V)
        self.ask(at=5, amount=3000)  # within the same second
        with self.refused(UserError, "changed on the platform"):
            row._answer("request", True, V + 5, amount=2000)
        row._answer("request", True, V + 5, amount=3000)
        self.assertEqual(row.step, "tell")

    def test_a_change_asks_anew(self):
        row = self.ask()
        row._answer("request", True, V)
        self.assertEqual(self.ask(at=5, amount=2000).step, "request")
        row._answer("request", False, V + 5, "no")
        self.assertEqual([x.accept for x in row.answer_ids.sorted("id")], [True, False])

    def test_a_refusal_says_why(self):
        row = self.ask()
        with self.refused(UserError, "Say why"):
            row._answer("request", False, V, "  ")
        row._answer("request", False, V, "worn")
        self.assertEqual(self.told()[0]["reason"], "worn")
        self.assertEqual(self.kinds(self.sold)[-1], "aftersale_refuse")

    def test_nothing_is_answered_that_nobody_asks(self):
        row = self.ask(status=S.AGREED)
        with self.refused(UserError, "Waiting for the goods"):
            row._answer("goods", True, V)
        self.ask(status=S.SUCCEEDED, at=1)
        with self.refused(UserError, "is over"):
            row._answer("goods", True, V + 1)

    def test_spoilt_goods_are_paid_with_a_reason_only(self):
        self.counted(goods=Goods(good=1, defect=1))
        row = self.ask(status=S.RETURNED)
        with self.refused(UserError, "missing, wrong or spoilt"):
            row._answer("goods", True, V)
        row._answer("goods", True, V, "our fault")
        self.assertEqual((row.step, self.told()[0]["gate"]), ("tell", "goods"))

    def test_never_more_than_was_paid(self):
        """L1 paid 39.80, all lines 49.80, freight 6.00; granted and given count, refused not."""
        first = self.ask("R1", kind=K.REFUND_ONLY, amount=2000)
        second = self.ask("R2", kind=K.PRICE, amount=1981)
        first._answer("request", True, V)
        with self.refused(UserError, "19.80"):
            second._answer("request", True, V)
        second = self.ask("R2", kind=K.PRICE, amount=1980, at=1)
        second._answer("request", True, V + 1)
        self.ask("R1", kind=K.REFUND_ONLY, amount=2000, status=S.REFUSED, at=2)
        third = self.ask("R3", kind=K.REFUND_ONLY, amount=2000)
        third._answer("request", True, V)
        self.assertEqual(third.step, "tell")

    def test_freight_is_given_once(self):
        first = self.ask("R1", kind=K.REFUND_ONLY, amount=3980 + 600, freight=600)
        first._answer("request", True, V)
        second = self.ask("R2", kind=K.REFUND_ONLY, line_ref="L2", amount=1600, freight=600)
        with self.refused(UserError, "10.00"):
            second._answer("request", True, V)
        second = self.ask("R2", kind=K.REFUND_ONLY, line_ref="L2", amount=1000, at=1)
        second._answer("request", True, V + 1)

    def test_one_of_the_whole_order_counts_for_the_order(self):
        self.ask("R1", kind=K.REFUND_ONLY, line_ref="", amount=1500, status=S.SUCCEEDED)
        second = self.ask("R2", kind=K.REFUND_ONLY, amount=3480)
        self.assertEqual(second._limits().room(), 3480)
        second._answer("request", True, V)
        third = self.ask("R3", kind=K.REFUND_ONLY, line_ref="L2", amount=1)
        with self.refused(UserError, "0.00"):
            third._answer("request", True, V)

    def test_an_exchange_is_told_when_its_new_goods_leave(self):
        self.counted(goods=Goods(good=1, defect=1))
        row = self.ask(kind=K.EXCHANGE, status=S.RETURNED, amount=0)
        row._answer("goods", True, V, "all right")
        self.assertEqual((row.step, self.told()), ("ship", []))
        self.counted(goods=Goods(good=1, defect=1), replaced=True)
        self.assertTrue(row._tell_replacement("shunfeng", "SF2"))
        self.assertFalse(row._tell_replacement("shunfeng", "SF2"))
        row._restep(row.ids)
        self.assertEqual(row.step, "tell")
        [told] = self.told()
        self.assertEqual(
            (told["gate"], told["accept"], told["company_code"], told["waybill"]),
            ("goods", True, "shunfeng", "SF2"),
        )

    def test_goods_that_never_come_are_waited_for_no_more(self):
        row = self.ask(status=S.RETURNED)
        self.assertEqual(row.step, "wait_goods")
        for user in ("warehouse", "finance"):
            with self.assertRaises(AccessError):
                row.with_user(self.users[user]).action_nothing_more()
        clerk = row.with_user(self.users["operator"])
        clerk.action_nothing_more()
        self.assertEqual(row.step, "goods")
        with self.refused(UserError, "has gone on"):
            clerk.action_nothing_more()
        with self.refused(UserError, "why"):
            clerk._answer("goods", True, V)  # money for goods that are not here needs a reason
        clerk.action_wait_again()
        self.assertEqual(row.step, "wait_goods")
        told = self.sold.event_ids.sorted("id").mapped("kind")
        self.assertEqual(told[-2:], ["aftersale_waits_no_more", "aftersale_waits_again"])

    def test_a_parcel_is_asked_back_once(self):
        row = self.ask()
        self.assertTrue(row._tell_intercept("shunfeng", "SF1"))
        self.assertFalse(row._tell_intercept("shunfeng", "SF1"))
        self.assertEqual(
            self.told(), [{"aftersale_ref": "R1", "company_code": "shunfeng", "waybill": "SF1"}]
        )

    def test_what_the_platform_refused_is_shown_until_it_moves_on(self):
        row = self.ask()
        row._answer("request", True, V)
        outbox = self.env["channel.outbox"].search([("shop_id", "=", self.shop.id)])
        outbox.write({"state": "stopped", "error": "No such thing"})
        row.invalidate_recordset()
        self.assertEqual(row.tell_error, "No such thing")
        self.ask(at=1, amount=2000)
        outbox.invalidate_recordset()
        self.assertEqual(outbox.state, "overtaken")

    def test_answers_are_never_rewritten(self):
        row = self.ask()
        row._answer("request", True, V)
        for statement in (
            "UPDATE channel_aftersale_answer SET accept = false",
            "DELETE FROM channel_aftersale_answer",
        ):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.CheckViolation),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(statement)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.UniqueViolation),
            self.env.cr.savepoint(),
        ):
            self.env["channel.aftersale.answer"].create(
                {"aftersale_id": row.id, "gate": "request", "version": V, "user_id": 1}
            )


@tagged("post_install", "-at_install")
class TestAftersaleWindow(DeskCommon):
    def window(self, rows, decision, role="operator"):
        action = getattr(rows.with_user(self.users[role]), f"action_{decision}")()
        model = self.as_role(role)[action["res_model"]].with_context(**action["context"])
        return Form(model)

    def test_a_clerk_grants_what_was_seen(self):
        row = self.ask()
        self.window(row, "grant").save().action_confirm()
        self.assertEqual((row.step, row.answer_ids.user_id), ("tell", self.users["operator"]))

    def test_a_change_behind_the_open_window_is_seen_first(self):
        row = self.ask()
        window = self.window(row, "grant", "sales_manager")
        self.ask(at=3)
        with self.refused(UserError, "changed on the platform"):
            window.save().action_confirm()

    def test_the_window_asks_why(self):
        row = self.ask()
        window = self.window(row, "refuse")
        with self.assertRaisesRegex(AssertionError, "required"):
            window.save()
        window.reason = "not ours"
        window.save().action_confirm()
        self.assertEqual(self.told()[0]["reason"], "not ours")

    def test_many_at_once_each_for_itself(self):
        rows = self.ask("R1", kind=K.REFUND_ONLY, amount=3000)
        rows |= self.ask("R2", kind=K.REFUND_ONLY, amount=3000)
        action = self.window(rows, "grant").save().action_confirm()
        self.assertEqual(sorted(rows.mapped("step")), ["request", "tell"])
        self.assertIn("of what the buyer paid", action["params"]["message"])
        self.assertEqual(action["params"]["next"]["tag"], "soft_reload")

    def test_who_may_not_decide(self):
        row = self.ask()
        for role in ("finance", "warehouse", "sales_rep", "integration", "member"):
            with self.refused(AccessError):
                row.with_user(self.users[role]).action_grant()
        done = self.ask("R2", status=S.SUCCEEDED, amount=1)
        with self.refused(UserError, "nothing to decide"):
            done.action_refuse()
