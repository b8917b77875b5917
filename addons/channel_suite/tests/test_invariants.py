"""What holds for every model and every file of the suite, whoever wrote it."""

import inspect
from pathlib import Path

import polib

from odoo import models, tools
from odoo.modules import Manifest
from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL

from .common import our_addons, our_models

# Many2one fields without an index, and why: nobody searches by them on a table that grows.
INDEX_EXEMPT = {"create_uid", "write_uid"}
LEAN = "lean table: every index costs each order; screens filter by the indexes it has"
SMALL = "a few rows a day at most, never searched by this field"
PERSON = "who did it; shown with the record, never searched"
INDEX_EXEMPT_FIELDS = {
    "channel.aftersale.company_id": LEAN,
    "channel.aftersale.answer.user_id": PERSON,
    "channel.alarm.decided_by": PERSON,
    "channel.contract.grade_id": SMALL,
    "channel.dealer.return.approver_id": PERSON,
    "channel.dealer.return.line.company_id": SMALL,
    "channel.dealer.return.line.reason_id": SMALL,
    "channel.deposit.account.currency_id": "the company's, always",
    "channel.deposit.account.requested_by_id": PERSON,
    "channel.deposit.entry.user_id": PERSON,
    "channel.exception.aftersale_id": LEAN,
    "channel.exception.cleared_by": PERSON,
    "channel.exception.company_id": LEAN,
    "channel.intercept.carrier_id": SMALL,
    "channel.intercept.company_id": LEAN,
    "channel.intercept.user_id": PERSON,
    "channel.link.component.company_id": SMALL,
    "channel.manifest.handed_by": PERSON,
    "channel.manifest.warehouse_id": SMALL,
    "channel.order.company_id": LEAN,
    "channel.order.credit.company_id": LEAN,
    "channel.order.credit.line_id": LEAN,
    "channel.order.credit.product_id": LEAN,
    "channel.order.currency_id": LEAN,
    "channel.order.event.user_id": PERSON,
    "channel.order.fulfiller_id": LEAN,
    "channel.order.line.link_id": LEAN,
    "channel.order.territory_id": LEAN,
    "channel.parcel.company_id": LEAN,
    "channel.parcel.packed_by": PERSON,
    "channel.parcel.shop_id": LEAN,
    "channel.parcel.warehouse_id": LEAN,
    "channel.parcel.trace.company_id": LEAN,
    "channel.parcel.trace.user_id": PERSON,
    "channel.platform.settlement.company_id": LEAN,
    "channel.platform.settlement.difference.company_id": LEAN,
    "channel.platform.settlement.difference.order_id": LEAN,
    "channel.platform.settlement.difference.shop_id": LEAN,
    "channel.platform.stock.todo.shop_id": LEAN,
    "channel.pool.held_by": PERSON,
    "channel.replacement.carrier_id": SMALL,
    "channel.replacement.company_id": SMALL,
    "channel.replacement.line.order_line_id": SMALL,
    "channel.replacement.line.product_id": SMALL,
    "channel.replacement.sent_by": PERSON,
    "channel.replacement.shop_id": SMALL,
    "channel.return.accrual.move_id": SMALL,
    "channel.return.accrual.reversal_id": SMALL,
    "channel.return.batch.done_by": PERSON,
    "channel.return.inspected_by": PERSON,
    "channel.return.received_by": PERSON,
    "channel.return.tally.company_id": LEAN,
    "channel.review.decision.user_id": PERSON,
    "channel.territory.country_id": SMALL,
    "channel.tracking.cared_by": PERSON,
    "channel.tracking.carrier_id": LEAN,
    "channel.tracking.company_id": LEAN,
    "channel.tracking.shop_id": LEAN,
    "channel.tracking.warehouse_id": LEAN,
    "channel.wave.carrier_id": SMALL,
    "channel.wave.hot_product_id": SMALL,
    "channel.wave.picker_id": PERSON,
    "channel.wave.rule.carrier_id": SMALL,
    "channel.wave.sale_id": SMALL,
    "res.company.channel_clearing_account_id": SMALL,
    "res.company.channel_defect_location_id": SMALL,
    "res.company.channel_deposit_contra_account_id": SMALL,
    "res.company.channel_deposit_goods_account_id": SMALL,
    "res.company.channel_deposit_guarantee_account_id": SMALL,
    "res.company.channel_deposit_journal_id": SMALL,
    "res.company.channel_deposit_rebate_account_id": SMALL,
    "res.company.channel_deposit_receipts_account_id": SMALL,
    "res.company.channel_freight_product_id": SMALL,
    "res.company.channel_return_cost_account_id": SMALL,
    "res.company.channel_return_goods_account_id": SMALL,
    "res.company.channel_return_liability_account_id": SMALL,
    "res.company.channel_return_revenue_account_id": SMALL,
    "channel.push.todo.push_id": "is the id, by a constraint",
    "channel.push.todo.shop_id": "a queue: short, and taken in the order of its time",
    "channel.small.payment.approver_id": PERSON,
    "channel.small.payment.back_by": PERSON,
    "channel.small.payment.maker_id": PERSON,
    "channel.small.payment.paid_by": PERSON,
    "channel.small.payment.shop_id": SMALL,
    "channel.target.brand_id": SMALL,
    "channel.target.category_id": SMALL,
    "channel.target.grade_id": SMALL,
    "channel.target.territory_id": SMALL,
    "reconcile.bill.row.company_id": LEAN,
    "settlement.event.aftersale_id": LEAN,
    "settlement.event.company_id": LEAN,
    "settlement.event.shop_id": LEAN,
    "settlement.dispute.answered_by": PERSON,
    "settlement.dispute.raised_by": PERSON,
    "settlement.payout.company_id": SMALL,
    "settlement.scheme.published_by": PERSON,
    "settlement.share.company_id": LEAN,
    "settlement.share.line_id": LEAN,
    "settlement.share.rule_id": LEAN,
    "settlement.statement.confirmed_by": PERSON,
    "res.company.platform_balance_account_id": SMALL,
    "res.company.platform_cost_account_id": SMALL,
    "res.company.platform_deductions_account_id": SMALL,
    "res.company.platform_fee_account_id": SMALL,
    "res.company.settlement_commission_account_id": SMALL,
    "res.company.settlement_journal_id": SMALL,
    "res.company.settlement_payable_account_id": SMALL,
    "res.company.settlement_supply_account_id": SMALL,
    "res.company.settlement_tax_account_id": SMALL,
    "res.company.settlement_transit_account_id": SMALL,
    "res.company.channel_rebate_product_id": SMALL,
    "res.company.channel_small_account_id": SMALL,
    "res.company.channel_small_journal_id": SMALL,
}
# Folders whose files must be named in the manifest.
DATA_FOLDERS = ("security", "data", "views", "wizards", "reports", "report", "templates")


@tagged("post_install", "-at_install")
class TestModelInvariants(TransactionCase):
    maxDiff = None

    def _definitions(self, model):
        """The classes our addons wrote for this model."""
        for cls in type(model).__mro__:
            parts = cls.__module__.split(".")
            if parts[:2] == ["odoo", "addons"] and parts[2] in our_addons():
                yield cls

    def _extended_models(self):
        """Every model that one of our addons defines or extends."""
        return [
            self.env[name]
            for name in sorted(self.env.registry)
            if any(True for _cls in self._definitions(self.env[name]))
        ]

    def test_every_model_has_access_rights(self):
        bare = [
            name
            for name in our_models(self.env)
            if not self.env["ir.model.access"].search_count([("model_id.model", "=", name)])
        ]
        self.assertEqual(bare, [])

    def test_every_model_with_a_company_has_a_company_rule(self):
        bare = []
        for name, model in our_models(self.env).items():
            field = model._fields.get("company_id")
            if field is None or not field.store or model._transient:
                continue
            rules = self.env["ir.rule"].search([("model_id.model", "=", name)])
            ours = rules.filtered(
                lambda rule: not rule.groups and "company_ids" in rule.domain_force
            )
            if not ours:
                bare.append(name)
        self.assertEqual(bare, [])

    def test_every_model_says_its_order(self):
        bare = [
            name
            for name, model in our_models(self.env).items()
            if not model._transient
            and not any("_order" in vars(cls) for cls in self._definitions(model))
        ]
        self.assertEqual(bare, [])

    def test_every_model_has_a_description(self):
        bare = [
            name
            for name, model in our_models(self.env, abstract=True).items()
            if model._description == name
        ]
        self.assertEqual(bare, [])

    def test_every_many2one_is_indexed_or_exempt(self):
        bare = []
        for model in self._extended_models():
            if model._abstract or model._transient or not model._auto:
                continue
            for name, field in model._fields.items():
                ours = field._modules and set(field._modules) <= our_addons()
                if not ours or field.type != "many2one" or not field.store:
                    continue
                if field.index or name in INDEX_EXEMPT:
                    continue
                if f"{model._name}.{name}" not in INDEX_EXEMPT_FIELDS and not self._covered(
                    model, name
                ):
                    bare.append(f"{model._name}.{name}")
        self.assertEqual(
            bare, [], "Index them, or name them in INDEX_EXEMPT_FIELDS with the reason."
        )

    def _covered(self, model, column):
        """Whether an index of the database starts with this column."""
        return bool(
            self.env.execute_query(
                SQL(
                    "SELECT 1 FROM pg_index i JOIN pg_attribute a"
                    " ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
                    " WHERE i.indrelid = to_regclass(%s) AND a.attname = %s",
                    model._table,
                    column,
                )
            )
        )

    def test_every_public_method_says_what_it_does(self):
        bare = []
        for name in sorted(self.env.registry):
            for cls in self._definitions(self.env[name]):
                bare += [
                    f"{name}.{attribute}"
                    for attribute, value in vars(cls).items()
                    if inspect.isfunction(value)
                    and not attribute.startswith("_")
                    and not inspect.getdoc(value)
                    and not any(hasattr(base, attribute) for base in cls.__mro__[1:])
                    and not hasattr(models.Model, attribute)
                    and not self._overrides(self.env[name], cls, attribute)
                ]
        self.assertEqual(sorted(set(bare)), [])

    def _overrides(self, model, cls, attribute):
        """Whether the method replaces one of a class that is not ours (documented there)."""
        ours = set(self._definitions(model))
        return (
            any(attribute in vars(other) for other in type(model).__mro__ if other not in ours)
            and cls in ours
        )

    def test_every_constraint_is_in_the_database(self):
        """A constraint that existing rows violate is only logged when it is added at an update."""
        missing = []
        for model in self._extended_models():
            if model._abstract or not model._auto:
                continue
            for table_object in model._table_objects.values():
                if table_object._module not in our_addons():
                    continue
                if not table_object.get_definition(self.env.registry):
                    continue
                name = table_object.full_name(model)
                catalog = (
                    SQL("SELECT 1 FROM pg_constraint WHERE conname = %s AND convalidated", name)
                    if isinstance(table_object, models.Constraint)
                    else SQL("SELECT 1 FROM pg_class WHERE relname = %s AND relkind = 'i'", name)
                )
                if not self.env.execute_query(catalog):
                    missing.append(name)
        self.assertEqual(missing, [])

    def test_every_required_column_refuses_null(self):
        missing = []
        for name, model in our_models(self.env).items():
            if not model._auto or model._transient:
                continue
            nullable = {
                column
                for (column,) in self.env.execute_query(
                    SQL(
                        "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s)"
                        " AND attnum > 0 AND NOT attisdropped AND NOT attnotnull",
                        model._table,
                    )
                )
            }
            missing += [
                f"{name}.{field.name}"
                for field in model._fields.values()
                if field.required and field.store and field.column_type and field.name in nullable
            ]
        self.assertEqual(missing, [])


@tagged("post_install", "-at_install")
class TestFileInvariants(TransactionCase):
    def test_every_data_file_is_in_the_manifest(self):
        unused = []
        for addon in sorted(our_addons()):
            manifest = Manifest.for_addon(addon)
            named = set(manifest["data"]) | set(manifest.get("demo", []))
            root = Path(manifest.path)
            for folder in DATA_FOLDERS:
                for path in sorted((root / folder).rglob("*")):
                    if path.suffix in {".xml", ".csv"}:
                        name = str(path.relative_to(root))
                        if name not in named:
                            unused.append(f"{addon}/{name}")
        self.assertEqual(unused, [])

    def test_every_static_source_is_in_a_bundle(self):
        unused = []
        for addon in sorted(our_addons()):
            manifest = Manifest.for_addon(addon)
            root = Path(manifest.path)
            patterns = [
                entry if isinstance(entry, str) else entry[-1]
                for entries in manifest.get("assets", {}).values()
                for entry in entries
            ]
            used = {
                path
                for pattern in patterns
                for path in root.parent.glob(pattern.lstrip("/"))
                if path.is_file()
            }
            for path in sorted((root / "static" / "src").rglob("*")):
                if path.suffix in {".js", ".xml", ".scss", ".css"} and path not in used:
                    unused.append(str(path.relative_to(root.parent)))
        self.assertEqual(unused, [])

    def test_every_group_has_a_privilege(self):
        groups = self._ours("res.groups")
        self.assertTrue(groups)
        self.assertEqual(groups.filtered(lambda group: not group.privilege_id).mapped("name"), [])

    def test_every_screen_helps_when_it_is_empty(self):
        actions = self._ours("ir.actions.act_window")
        bare = actions.filtered(
            lambda action: (
                action.target not in {"new", "inline"}
                and action.view_mode != "form"  # a form is never empty
                and action.res_model in self.env
                and not self.env[action.res_model]._transient
                and not tools.html2plaintext(action.help or "").strip()
            )
        )
        self.assertEqual(sorted(bare.mapped("xml_id")), [])

    def test_every_view_is_valid(self):
        """Loaded as superuser: fields and methods named in our views exist."""
        for view in self._ours("ir.ui.view"):
            with self.subTest(view=view.xml_id):
                view._check_xml()

    def test_every_term_is_translated(self):
        missing = []
        for addon in sorted(our_addons()):
            path = Path(Manifest.for_addon(addon).path) / "i18n" / "zh_CN.po"
            if not path.exists():
                missing.append(f"{addon}: no i18n/zh_CN.po")
                continue
            missing += [
                f"{addon}: {entry.msgid[:60]!r}"
                for entry in polib.pofile(str(path))
                if not entry.obsolete and (not entry.msgstr or entry.fuzzy)
            ]
        self.assertEqual(missing, [])

    def _ours(self, model):
        """Records of a model that our addons' data made."""
        data = self.env["ir.model.data"].search(
            [("model", "=", model), ("module", "in", list(our_addons()))]
        )
        return self.env[model].browse(data.mapped("res_id")).exists()
