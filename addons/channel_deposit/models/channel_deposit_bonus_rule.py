from datetime import UTC, timedelta

from odoo import api, fields, models
from odoo.tools import format_amount

from odoo.addons.channel_network.core.money import to_fen

from ..core.bonus import Rule, best
from ..core.posting import end_of


class ChannelDepositBonusRule(models.Model):
    """An offer to those who top up: a bonus on the rebate account. Amounts are yuan."""

    _name = "channel.deposit.bonus.rule"
    _description = "Top-up Bonus"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, help="As the dealer reads it on the entry of the bonus.")
    active = fields.Boolean(default=True)
    sequence = fields.Integer(
        default=10,
        help="A top-up earns one bonus: that of the rule which gives most. Of rules that give the"
        " same, the first in the list counts.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date("Valid from", help="Empty: from the beginning.")
    date_to = fields.Date("Valid to", help="The last valid day. Empty: until archived.")
    grade_ids = fields.Many2many(
        "channel.member.grade", string="Grades", help="Empty: all members."
    )
    minimum = fields.Monetary(
        "From a Top-up of", required=True, default=0, help="Each top-up counts by itself."
    )
    method = fields.Selection(
        [("fixed", "Amount"), ("percent", "Percentage")], required=True, default="percent"
    )
    fixed = fields.Monetary("Bonus", default=0)
    percent = fields.Float(
        "Bonus (%)", digits=(5, 2), default=0, help="Of the top-up, rounded down to the fen."
    )

    valid_days = fields.Integer(
        "Valid for (Days)",
        required=True,
        default=0,
        help="So many days after the payment what is left of the bonus lapses. 0: it never does.",
    )

    _valid_check = models.Constraint(
        "CHECK (valid_days >= 0)", "A bonus is valid for 0 days (for ever) or more."
    )
    _dates_in_order = models.Constraint(
        "CHECK (date_to >= date_from)", "A bonus is valid until after it begins."
    )
    _minimum_check = models.Constraint("CHECK (minimum >= 0)", "The minimum is 0 or more.")
    _bonus_check = models.Constraint(
        "CHECK (CASE method WHEN 'fixed' THEN fixed > 0 ELSE percent > 0 AND percent <= 100 END)",
        "A bonus is an amount above 0, or a percentage above 0 and up to 100.",
    )

    @api.model
    def _best(self, account, fen, day):
        """The rule that gives most for a top-up, and what it gives.

        Only money that the brand keeps for goods earns a bonus.

        :param fen: the top-up in whole fen
        :param day: date of the payment
        :return: ``(rule, fen of the bonus, words for the entry)`` or None
        """
        if account.purpose != "goods" or account.creditor_id:
            return None
        rules = self.sudo().search([("company_id", "=", account.company_id.id)])
        found = best(
            (rule._to_core() for rule in rules), fen, account.sudo().member_id.grade_id.id, day
        )
        if found is None:
            return None
        chosen = self.browse(found[0].id).sudo()
        return chosen, found[1], chosen._words()

    def _lapses_at(self, day):
        """When what is left of a bonus lapses, in unix seconds; None: never.

        :param day: date of the payment
        """
        self.ensure_one()
        if not self.valid_days:
            return None
        end = end_of(day + timedelta(days=self.valid_days))
        return int(end.replace(tzinfo=UTC).timestamp())

    def _to_core(self):
        """The rule as ``core/bonus.py`` knows it."""
        self.ensure_one()
        is_fixed = self.method == "fixed"
        return Rule(
            self.id,
            to_fen(self.minimum),
            to_fen(self.fixed) if is_fixed else 0,
            0 if is_fixed else to_fen(round(self.percent, 2)),
            self.date_from or None,
            self.date_to or None,
            frozenset(self.grade_ids.ids),
        )

    def _words(self):
        """What the entry keeps of the rule, whatever becomes of it later."""
        self.ensure_one()
        gives = (
            format_amount(self.env, self.fixed, self.currency_id)
            if self.method == "fixed"
            else f"{self.percent:.2f} %"
        )
        return self.env._(
            "Bonus %(id)s, %(name)s: %(gives)s from %(minimum)s",
            id=self.id,
            name=self.name,
            gives=gives,
            minimum=format_amount(self.env, self.minimum, self.currency_id),
        )
