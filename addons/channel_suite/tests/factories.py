"""Makes a record of any model of ours, on one of two branches, without knowing the model.

A ``Branch`` is a member with what belongs to it (company, shop, order …). ``Factory.make`` fills what
a model requires from its fields: a reference to a member, company or shop is the branch's own; any
other record is made in the same way and kept, so that all records of a branch hang together. What
cannot be guessed (a rule between two fields) is said in ``VALUES``.
"""

from datetime import date, timedelta
from itertools import count

from odoo import Command, fields, models
from odoo.fields import Domain

from odoo.addons.channel_deposit.core.operations import Open, PlaceHold, TopUp

from .common import our_models

_numbers = count(1)


def _unique(prefix):
    return f"{prefix}-{next(_numbers)}"


def _in_a_year(_factory):
    return fields.Date.today() + timedelta(days=365)


def _warehouse(factory):
    return factory.outside("stock.warehouse").id


def _components(factory):
    return [Command.create({"product_id": factory.outside("product.product").id})]


def _deposit_entry(factory):
    """Entries and holds are written by the deposit ledger alone."""
    account = factory.get("channel.deposit.account")
    account._book_or_raise(
        [
            Open(key=_unique("open"), account=account.id),
            TopUp(key=_unique("top up"), account=account.id, amount=100),
        ]
    )
    return account.env["channel.deposit.entry"].search(
        [("account_id", "=", account.id), ("kind", "=", "top_up")]
    )


def _deposit_hold(factory):
    account = factory.get("channel.deposit.entry").account_id
    account._book_or_raise([PlaceHold(key=_unique("hold"), account=account.id, amount=40)])
    return account.env["channel.deposit.hold"].search([("account_id", "=", account.id)])


def _deposit_posting(factory):
    """In the general ledger: a company needs a chart of accounts for it."""
    entry, company = factory.get("channel.deposit.entry"), factory.made["res.company"]
    if not company.chart_template:
        factory.env["account.chart.template"].try_loading("cn", company, install_demo=False)
    factory.env["channel.deposit.posting"]._post_entries(entry)
    return entry.posting_ids


def _small_payment_posting(factory):
    """A payment that was made; its company needs a chart of accounts."""
    payment, company = factory.get("channel.small.payment"), factory.made["res.company"]
    if not company.chart_template:
        factory.env["account.chart.template"].try_loading("cn", company, install_demo=False)
    payment.write(
        {
            "purpose": "price",
            "amount": 1,
            "state": "paid",
            "number": _unique("number"),
            "paid_at": fields.Datetime.now(),
        }
    )
    postings = factory.env["channel.small.payment.posting"]
    postings._post(companies=company)
    return postings.search([("payment_id", "=", payment.id)])


def _deposit_tie_out(factory):
    partner = factory.get("channel.deposit.posting").entry_id.account_id.member_id.partner_id
    rows = factory.env["channel.deposit.tie.out"].sudo()._as_of(None)
    return rows.search([("partner_id", "=", partner.id)])


def _dealer_order(factory):
    member = factory.get("channel.member")
    orders = factory.env["sale.order"].sudo().with_company(member.company_id)
    return orders.create(
        {"partner_id": member.partner_id.id, "company_id": member.company_id.id}
    ).id


def _dealer_order_line(factory):
    order = factory.env["sale.order"].sudo().browse(_dealer_order(factory))
    product = factory.outside("product.product")
    return order.order_line.create({"order_id": order.id, "product_id": product.id}).id


def _statement_line(factory):
    """Only a draft takes shares in."""
    statement = factory.get("settlement.statement")
    statement.state = "draft"
    statement.flush_recordset()
    lines = factory.env["settlement.statement.line"].sudo()
    share = factory.get("settlement.share")
    line = lines.create({"statement_id": statement.id, "share_id": share.id})
    statement.state = "sent"
    return line


# Models whose records are not made by ``create``.
MAKERS = {
    "channel.deposit.entry": _deposit_entry,
    "channel.deposit.hold": _deposit_hold,
    "channel.deposit.posting": _deposit_posting,
    "channel.deposit.tie.out": _deposit_tie_out,
    "channel.small.payment.posting": _small_payment_posting,
    "settlement.statement.line": _statement_line,
    "settlement.rule": lambda f: f.get("settlement.scheme").rule_ids,
}
# Values the fields alone do not tell. A callable gets the factory.
VALUES = {
    # the kinds about an item must name one
    "channel.alarm": {"kind": "waiting", "subject": lambda f: _unique("alarm")},
    "channel.assortment": {"member_ids": lambda f: [Command.set(f.get("channel.member").ids)]},
    "channel.blocklist": {"text": lambda f: f"138{next(_numbers):08d}"},
    "channel.carrier.service": {
        "credential_ref": "MAIN",
        "company_id": lambda f: f.made["res.company"].id,
    },
    "channel.contract": {"date_end": _in_a_year},
    "channel.dealer.return.line": {"sale_line_id": _dealer_order_line},
    "channel.deposit.account": {"creditor_id": False},
    "channel.deposit.bonus.rule": {"method": "percent", "percent": 2},
    "channel.deposit.request": {"kind": "refund"},
    "channel.deposit.voucher": {"kind": "bank_slip"},
    "channel.control": {"code": lambda f: _unique("code")},
    "settlement.scheme": {
        "rule_ids": [Command.create({"role": "brand", "basis": "remainder"})],
    },
    "channel.payment": {"amount": 1},
    "channel.payment.merchant": {"credential_ref": "TEST", "cap_bp": 3000},
    "channel.split.part": {"amount": 1},
    "channel.split.return": {"amount": 1},
    # handed over to a statement it has no part
    "channel.split.share": {"part_id": lambda f: f.get("channel.split.part").id},
    "reconcile.bill": {"file": b"eA=="},
    "reconcile.bill.row": {"amount": 1},
    "reconcile.difference": {
        "row_id": lambda f: f.get("reconcile.bill.row").id,
        "amount": 1,
        "amount_bill": 1,
    },
    "reconcile.layout": {
        "column_ids": [
            Command.create({"header": "Day", "field": "at"}),
            Command.create({"header": "Amount", "field": "amount"}),
        ],
        "sample_id": False,
    },
    "settlement.fee": {"amount": 1, "statement_id": False, "dispute_id": False},
    "settlement.invoice": {"amount": 1},
    "settlement.payout": {"amount": 1},
    "settlement.reserve": {"amount": 1},
    "settlement.statement": {
        "date_start": "2000-01-01",
        "date_end": lambda f: date(2000, 1, 1) + timedelta(next(_numbers)),
        "previous_id": False,
        "state": "sent",
        "partner_id": lambda f: f.get("channel.member").partner_id.id,
        **dict.fromkeys(
            (
                "amount_share",
                "amount_fee",
                "amount_brought",
                "amount_freed",
                "amount_kept",
                "amount_payable",
                "amount_carried",
            ),
            0,
        ),
    },
    "channel.fulfiller": {"kind": "warehouse", "member_id": False, "warehouse_id": _warehouse},
    "channel.link": {"component_ids": _components},
    "channel.link.component": {"price_share": 2},
    "channel.manifest": {"warehouse_id": _warehouse},
    # one open place a member exists already: this one lies in the past
    "channel.member.position": {"date_from": "2020-01-01", "date_to": "2020-12-31"},
    "channel.platform.settlement": {
        "digest": lambda f: _unique("settlement"),
        "income": 0,
        "fees": 0,
        "amount": 0,
    },
    "channel.platform.settlement.difference": {"amount": 1},
    "channel.platform.stock.call": {"kind": "zero", "units": 0},
    "channel.qualification": {"valid_to": _in_a_year},
    "channel.replacement": {"warehouse_id": _warehouse},
    "channel.return": {"warehouse_id": _warehouse},
    "channel.return.batch": {"warehouse_id": _warehouse},
    # a policy is for a member, for a grade, or for everybody
    "channel.return.policy": {"member_id": False},
    "channel.review.decision": {"order_id": _dealer_order, "verdict": "passed"},
    "channel.session.item": {"link_id": lambda f: f.get("channel.link").id},
    "channel.target": {"amount": 1},
    "channel.wave": {"warehouse_id": _warehouse},
}
# Records that the database makes itself when another one is made.
BROUGHT = {
    "channel.alarm.rule": ("company_id", "res.company"),
    "channel.push.todo": ("push_id", "channel.push"),
}
# Records of Odoo's own models that every branch has for itself.
OWN_OUTSIDE = {"product.product", "stock.warehouse"}


class Factory:
    """Records of one branch. ``owners``: model name -> the record of this branch."""

    def __init__(self, env, owners):
        self.env = env
        self.made = dict(owners)

    def get(self, model):
        """The branch's record of ``model``, made on first use."""
        if model not in self.made:
            self.made[model] = self.make(model)
        return self.made[model]

    def make(self, model):
        """A new record of ``model`` on this branch, as superuser."""
        records = self.env[model].sudo()
        if model in MAKERS:
            return MAKERS[model](self)
        if model in BROUGHT:
            field, other = BROUGHT[model]
            return records.search([(field, "=", self.get(other).id)])
        values = {}
        known = {
            name: value(self) if callable(value) else value
            for name, value in VALUES.get(model, {}).items()
        }
        defaults = records.default_get(list(records._fields))
        for name, field in records._fields.items():
            if name in known or not self._wanted(records, field, defaults):
                continue
            values[name] = self._value(field)
        with self.env.cr.savepoint():
            return records.create(values | known)

    def _wanted(self, records, field, defaults):
        """Required fields, and references that put the record on the branch."""
        if field.name in models.MAGIC_COLUMNS or field.related or field.compute:
            return False
        if field.type == "many2one" and field.comodel_name in self.OWNERS and field.store:
            return field.comodel_name != records._name
        return field.required and field.name not in defaults and not field.inherited

    OWNERS = ("channel.member", "res.company", "channel.shop", "channel.order")

    def _value(self, field):
        match field.type:
            case "many2one":
                return self._reference(field.comodel_name)
            case "char" | "text" | "html":
                return _unique(field.name)
            case "integer" | "float" | "monetary" | "many2one_reference":
                return 1
            case "boolean":
                return False
            case "date":
                return fields.Date.today()
            case "datetime":
                return fields.Datetime.now()
            case "selection":
                return field.get_values(self.env)[0]
            case "json":
                return {"a": 1}  # an empty one would be stored as NULL
        raise NotImplementedError(f"{field}: say a value in VALUES")

    def _reference(self, model):
        if model in our_models(self.env):
            return self.get(model).id
        return self.outside(model).id

    def outside(self, model):
        """A record of one of Odoo's own models: an existing one of the company, else a new one."""
        if model in self.made:
            return self.made[model]
        records = self.env[model].sudo()
        domain = Domain.TRUE
        if "company_id" in records._fields:
            domain = Domain("company_id", "in", [self.made["res.company"].id, False])
        found = records.browse() if model in OWN_OUTSIDE else records.search(domain, limit=1)
        self.made[model] = found or self._new_outside(model)
        return self.made[model]

    def _new_outside(self, model):
        company = self.made["res.company"]
        values = {"name": _unique(model)}
        match model:
            case "res.partner":
                values |= {"is_company": True}
            case "product.product":
                values |= {"is_storable": True}
            case "stock.warehouse":
                values |= {"code": f"W{next(_numbers)}", "company_id": company.id}
            case "delivery.carrier":
                values |= {"product_id": self.outside("product.product").id}
        return self.env[model].sudo().create(values)
