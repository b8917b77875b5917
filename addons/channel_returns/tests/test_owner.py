from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import CUP, TEA, ReturnsCommon

PHONE = "13800138000"


@tagged("post_install", "-at_install")
class TestOwner(ReturnsCommon):
    """Parcels without owner: kept, searched, matched later."""

    def known_order(self, *lines):
        """A shipped order of the receiver with PHONE."""
        snapshot = self.snapshot(*(lines or (self.line("TEA"),)))
        [order] = self.ship(snapshot)
        [key] = self.env["channel.order"]._phone_keys(PHONE, self.env["channel.shop"])
        self.env.cr.execute(
            "UPDATE channel_order SET phone_key = %s WHERE id = %s", [key, order.id]
        )
        self.env.invalidate_all()
        return order

    def wizard(self, waybill):
        parcel = self.parcel(waybill).with_env(self.Return.env)
        action = parcel.action_match()
        wizard = parcel.env["channel.return.match"].browse(action["res_id"])
        wizard.write({"date_from": "2026-01-01", "date_to": "2036-01-01"})
        return wizard

    def test_kept_counted_and_found_by_phone(self):
        order = self.known_order()
        other = self.known_order(self.line("CUP"))
        self.env.cr.execute("UPDATE channel_order SET phone_key = 'x' WHERE id = %s", [other.id])
        answer = self.scan("ZT10000001")
        self.assertEqual((answer["state"], answer["next"]), ("already", "product"))
        answer = self.scan(PHONE, TEA, "R-GOOD", "R-MISSING", station=answer["station"])
        self.assertEqual(answer["state"], "stop")
        self.scan("R-CONFIRM", station=answer["station"])
        parcel = self.parcel("ZT10000001")
        self.assertEqual((parcel.state, parcel.source, parcel.batch_id.id),
                         ("inspected", False, False))  # fmt: skip
        self.assertEqual(parcel.sender_phone_masked, "138****8000")
        found = self.Return.search([("sender_phone", "ilike", f"+86 {PHONE}")])
        self.assertEqual(found.waybill, "ZT10000001")
        wizard = self.wizard("ZT10000001")
        wizard.action_search()
        best = wizard.line_ids[0]
        self.assertEqual((best.order_id.id, best.same_phone, best.hits), (order.id, True, 1))
        aftersale = self.aftersale(order, line=1)
        best.action_choose()
        self.env.invalidate_all()
        self.assertEqual((parcel.source, parcel.order_ids), ("buyer", order))
        self.assertEqual(parcel.batch_id.state, "open")
        self.assertEqual(aftersale.step, "goods")
        self.assertEqual(self.env["channel.aftersale"]._may_release(aftersale.ids), aftersale)

    def test_the_number_is_kept_nowhere(self):
        self.scan("ZT10000001", PHONE)
        parcel = self.parcel("ZT10000001")
        self.env.cr.execute(
            "SELECT to_jsonb(r)::text FROM channel_return r WHERE id = %s", [parcel.id]
        )
        self.assertNotIn(PHONE, self.env.cr.fetchone()[0])

    def test_found_by_product_and_date(self):
        order = self.known_order()
        self.known_order(self.line("CUP"))
        self.scan("ZT10000001", TEA, "R-GOOD", "R-CONFIRM")
        wizard = self.wizard("ZT10000001")
        wizard.action_search()
        self.assertEqual(wizard.line_ids.order_id.ids, order.ids)
        wizard.write({"date_to": "2026-01-02"})
        wizard.action_search()
        self.assertFalse(wizard.line_ids)

    def test_what_the_order_does_not_expect_is_wrong(self):
        order = self.known_order()
        self.scan("ZT10000001", TEA, "R-GOOD", CUP, "R-GOOD", "R-CONFIRM")
        self.parcel("ZT10000001").with_env(self.Return.env)._match(order.with_env(self.Return.env))
        self.env.invalidate_all()
        self.assertEqual(self.counts("ZT10000001"), (1, 1, 0, 1, 0))

    def test_matched_once_and_only_with_an_order_that_left(self):
        order = self.known_order()
        [waiting] = self.make_orders(1)
        self.scan("ZT10000001", TEA, "R-GOOD", "R-CONFIRM")
        parcel = self.parcel("ZT10000001").with_env(self.Return.env)
        with self.assertRaisesRegex(UserError, "has not left"):
            parcel._match(waiting.with_env(self.Return.env))
        parcel._match(order.with_env(self.Return.env))
        with self.assertRaisesRegex(UserError, "has found the owner"):
            parcel._match(order.with_env(self.Return.env))

    def test_a_waybill_told_late_finds_its_parcel_at_the_next_scan(self):
        [order] = self.ship(self.snapshot(self.line("TEA")))
        self.scan("ZT10000001", TEA, "R-GOOD", "R-LEAVE")
        self.aftersale(order, "ZT10000001")
        answer = self.scan("ZT10000001")
        self.assertEqual(answer["parcel"]["orders"], order.order_ref)
        self.assertEqual(self.counts("ZT10000001"), (1, 1, 0, 0, 0))

    def test_an_order_without_aftersale_that_came_back(self):
        order = self.known_order()
        self.scan("ZT10000001", TEA, "R-GOOD", "R-CONFIRM")
        self.parcel("ZT10000001").with_env(self.Return.env)._match(order.with_env(self.Return.env))
        self.env.invalidate_all()
        self.assertEqual(self.counts("ZT10000001"), (1, 1, 0, 0, 0))
        self.assertEqual(self.parcel("ZT10000001").batch_id.parcels, 1)
