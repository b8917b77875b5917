from psycopg2.errors import CheckViolation, UniqueViolation

from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import ChannelCommon


@tagged("post_install", "-at_install")
class TestFulfiller(ChannelCommon):
    def _create(self, **values):
        return self.env["channel.fulfiller"].create({"name": "X", "code": "X", **values})

    def _warehouse(self, company=None):
        return self.env["stock.warehouse"].create(
            {"name": "North", "code": "QTN", "company_id": (company or self.company).id}
        )

    def test_form_takes_name_and_code_of_the_warehouse(self):
        form = Form(self.as_role("sales_manager")["channel.fulfiller"])
        form.warehouse_id = self._warehouse()
        fulfiller = form.save()
        self.assertEqual((fulfiller.name, fulfiller.code), ("North", "QTN"))

    @mute_logger("odoo.sql_db")
    def test_one_fulfiller_a_warehouse(self):
        with self.assertRaises(UniqueViolation):
            self._create(warehouse_id=self.warehouse_1.id)

    @mute_logger("odoo.sql_db")
    def test_each_kind_names_who_it_is(self):
        for values in (
            {"kind": "warehouse"},
            {"kind": "member"},
            {"kind": "warehouse", "member_id": self.dealer_a.id},
        ):
            with (
                self.subTest(values=values),
                self.assertRaises(CheckViolation),
                self.cr.savepoint(),
            ):
                self._create(**values)

    @mute_logger("odoo.sql_db")
    def test_numbers_are_not_negative(self):
        warehouse = self._warehouse()
        for values in ({"weight": -1}, {"capacity_day": -1}, {"priority": -1}):
            with (
                self.subTest(values=values),
                self.assertRaises(CheckViolation),
                self.cr.savepoint(),
            ):
                self._create(warehouse_id=warehouse.id, **values)

    def test_a_warehouse_of_another_company_is_refused(self):
        other = self.env["res.company"].create({"name": "Other Brand"})
        warehouse = self.env["stock.warehouse"].search(
            [("company_id", "=", other.id)], limit=1
        ) or self._warehouse(other)
        with self.assertRaises(UserError):
            self._create(warehouse_id=warehouse.id)
