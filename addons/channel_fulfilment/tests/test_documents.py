from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import FulfilmentCommon


@tagged("post_install", "-at_install")
class TestDocuments(FulfilmentCommon):
    """Taxes, accounts, rules, and the way from each document to its wave and back."""

    def test_twin_has_the_same_accounts_and_leaves_the_original(self):
        before = self.tax_13.read()[0]
        twin = self.tax_13._channel_included_twins()
        self.assertEqual((twin.amount, twin.price_include), (13, True))
        self.assertEqual(twin._channel_postings(), self.tax_13._channel_postings())
        self.assertEqual(self.tax_13.read()[0], before)
        self.assertEqual(self.tax_13._channel_included_twins(), twin)
        self.assertEqual(twin._channel_included_twins(), twin)

    def test_an_included_tax_with_other_accounts_is_no_twin(self):
        decoy = self.tax_13.copy({"name": "Decoy", "price_include_override": "tax_included"})
        part = decoy.invoice_repartition_line_ids.filtered(
            lambda line: line.repartition_type == "tax"
        )
        part.account_id = self.env["account.account"].search(
            [("company_ids", "in", self.company.ids), ("account_type", "=", "income")], limit=1
        )
        self.assertNotEqual(self.tax_13._channel_included_twins(), decoy)

    def test_a_fixed_tax_is_refused(self):
        fixed = self.tax_13.copy({"name": "Fixed", "amount_type": "fixed", "amount": 1})
        with self.assertRaisesRegex(UserError, "percentage"):
            fixed._channel_included_twins()

    def test_clearing_account_is_made_once(self):
        account = self.company._channel_clearing_account()
        self.assertEqual(self.company._channel_clearing_account(), account)
        self.assertTrue(account.reconcile)
        self.assertEqual(account.account_type, "asset_receivable")

    def test_a_company_without_chart_is_told_what_to_do(self):
        company = self.env["res.company"].create({"name": "No chart"})
        with self.assertRaisesRegex(UserError, "chart of accounts"):
            company._channel_clearing_account()

    def test_documents_link_to_the_wave_and_back(self):
        self.make_orders(1)
        wave = self.build()
        self.pack_all(wave)
        self.hand_over()
        for document in (wave.picking_ids, wave.invoice_ids, wave.sale_id):
            action = document.action_view_channel_wave()
            self.assertEqual((action["res_model"], action["res_id"]), ("channel.wave", wave.id))
        self.assertEqual(wave.action_view_deliveries()["res_id"], wave.picking_ids.id)
        self.assertEqual(wave.action_view_invoices()["res_id"], wave.invoice_ids.id)
        self.assertEqual(
            self.env["channel.order"].search(wave.action_view_orders()["domain"]), wave.order_ids
        )

    def test_no_mail_and_no_activity(self):
        self.make_orders(3)
        wave = self.build()
        self.pack_all(wave)
        manifest = self.hand_over()
        self.assertFalse(wave.picking_ids.activity_ids | wave.sale_id.activity_ids)
        self.assertFalse(wave.sale_id.message_partner_ids & self.shop.clearing_partner_id)
        self.assertFalse(
            self.env["mail.mail"].search_count(
                [("res_id", "in", manifest.invoice_ids.ids), ("model", "=", "account.move")]
            )
        )

    def test_rule_needs_a_one_step_warehouse(self):
        self.warehouse_2.delivery_steps = "pick_ship"
        with self.assertRaisesRegex(ValidationError, "several steps"):
            self.env["channel.wave.rule"].create(
                {"fulfiller_id": self.fulfiller_2.id, "carrier_id": self.carrier.id,
                 "company_id": self.company.id}
            )  # fmt: skip

    @mute_logger("odoo.sql_db")
    def test_one_rule_per_shop_and_fulfiller(self):
        with self.assertRaises(Exception) as caught, self.cr.savepoint():
            self.rule.copy()
            self.env.flush_all()
        self.assertIn("unique", str(caught.exception).lower())

    def test_own_rule_before_the_one_for_all_shops(self):
        own = self.rule.copy({"shop_id": self.shop.id})
        found = self.env["channel.wave.rule"]._by_pair(
            [(self.shop.id, self.fulfiller_1.id), (self.shop.id + 1, self.fulfiller_1.id)]
        )
        self.assertEqual(set(found.values()), {own, self.rule})

    def test_bad_waybill_pattern(self):
        with self.assertRaisesRegex(ValidationError, "cannot be read"):
            self.carrier.channel_waybill_pattern = "SF["

    def test_waves_and_parcels_are_kept(self):
        self.make_orders(1)
        wave = self.build()
        with self.assertRaises(UserError):
            wave.unlink()
        with self.assertRaises(UserError):
            wave.parcel_ids.unlink()
