from odoo.tests import Form, tagged
from odoo.tools import format_amount

from odoo.addons.channel_deposit.core.operations import PlaceHold, TopUp

from .cash_common import CashCommon


@tagged("post_install", "-at_install")
class TestEntryName(CashCommon):
    """Entries are named in words wherever one is chosen or shown."""

    def _entry(self, key, fen, **facts):
        self.accounts._book_or_raise([TopUp(key=key, account=self.account.id, amount=fen, **facts)])
        return self._entries_of(self.account)[0]

    def test_day_kind_amount_document(self):
        voucher = self._approved()
        entry = self._entries_of(self.account)[0].with_context(tz="UTC", lang="en_US")
        amount = format_amount(entry.env, 100.0, self.company.currency_id)
        self.assertEqual(
            entry.display_name,
            f"{entry.at:%m/%d/%Y} · Top-up · {amount} · {voucher.display_name}",
        )

    def test_what_is_set_aside(self):
        self.accounts._book_or_raise([PlaceHold(key="so", account=self.account.id, amount=700)])
        entry = self._entries_of(self.account)[0]
        self.assertIn("Hold", entry.display_name)
        self.assertIn("7.00", entry.display_name)

    def test_found_by_amount_source_reason_and_key(self):
        found = self._entry("slip 88", 123456, source="res.partner,1", note="for tea")
        entries = self.as_user(self.maker)["channel.deposit.entry"]
        for text in ("1,234.56", "1234.56", "slip 88", "res.partner,1", "tea"):
            with self.subTest(text=text):
                names = entries.name_search(text)
                self.assertEqual([each[0] for each in names], found.ids)
        self.assertFalse(entries.name_search("77.77"))
        self.assertFalse(entries.name_search("nan"))

    def test_names_of_a_list_cost_the_same(self):
        """However many: a query for entries and one for each kind of document, no more."""
        for n in range(12):
            self._entry(f"many {n}", 100, source=f"res.partner,{self.dealer_a.partner_id.id}")
        entries = self._entries_of(self.account)[:12]
        self.env.invalidate_all()
        few = self._queries(entries[:2])
        self.env.invalidate_all()
        self.assertLessEqual(self._queries(entries), few)

    def _queries(self, entries):
        before = self.env.cr.sql_log_count
        entries.mapped("display_name")
        return self.env.cr.sql_log_count - before

    def test_the_dialogue_of_a_correction_shows_it(self):
        entry = self._entry("raw key", 500)
        requests = self.as_user(self.maker)["channel.deposit.request"]
        with Form(requests.with_context(default_kind="correction")) as form:
            form.account_id = self.account
            form.entry_id = entry
            form.reason = "wrong dealer"
        shown = form.record.read(["entry_id"])[0]["entry_id"][1]
        self.assertNotIn("raw key", shown)
        self.assertIn("5.00", shown)
