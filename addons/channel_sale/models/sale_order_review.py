from odoo import models
from odoo.exceptions import UserError

from ..core.review import Kind, Outcome

STATES = {Outcome.PASS: "passed", Outcome.HOLD: "waiting", Outcome.REFUSE: "refused"}
# What is wrong with each line by itself; of the others the sum of a group is.
PER_LINE = (Kind.ASSORTMENT, Kind.PACK, Kind.PRICE, Kind.STOCK)
VERDICTS = {Outcome.PASS: "remark", Outcome.HOLD: "held", Outcome.REFUSE: "refused"}


class SaleOrderReview(models.Model):
    """Confirming a dealer order asks the rules first, whoever confirms it and however."""

    _inherit = "sale.order"

    def action_confirm(self):
        """Confirm what passes its review and has its money set aside.

        The others are not confirmed and nothing is raised: the decisions about them are kept,
        their review state says what became of them.

        :return: True, or a notice for the user with the words of what was not confirmed
        """
        dealer = self.filtered("member_id")
        if not dealer:
            return super().action_confirm()
        dealer._check_confirmable()
        dealer._lock_rows()
        dealer.filtered(lambda order: order.review_state != "passed")._review()
        passed = dealer.filtered(lambda order: order.review_state == "passed")
        going = (self - dealer) | passed._place_holds()
        result = True
        if going:
            result = super(SaleOrderReview, going).action_confirm()
        stopped = self - going
        return stopped._stopped_notice() if stopped else result

    def action_confirm_dealer(self):
        """The Confirm button of dealer orders: those of one dealer wait for each other."""
        self._wait_for_dealers()
        return self.action_confirm()

    def _check_confirmable(self):
        """:raises UserError: for what no review could change"""
        for order in self:
            if error := order._confirmation_error_message():
                raise UserError(error)
            if order.currency_id != order.company_id.currency_id:
                raise UserError(
                    self.env._(
                        "%(order)s is in %(currency)s, but deposits are kept in %(company)s: choose"
                        " a price list in %(company)s.",
                        order=order.name,
                        currency=order.currency_id.name,
                        company=order.company_id.currency_id.name,
                    )
                )
            billed = order.partner_invoice_id.commercial_partner_id
            if billed != order.sudo().member_id.partner_id:
                raise UserError(
                    self.env._(
                        "%(order)s is paid from the deposit of %(member)s: choose an invoice"
                        " address of that company.",
                        order=order.name,
                        member=order.sudo().member_id.display_name,
                    )
                )

    def _review(self):
        """Ask the rules about dealer orders and keep what they say. Confirms nothing.

        :return: {order id: core.review.Verdict}
        """
        if not self:
            return {}
        orders = self.sudo()
        verdicts = orders._verdicts()
        notes = []
        Decision = self.env["channel.review.decision"].sudo()
        for order in orders:
            verdict = verdicts[order.id]
            first = verdict.stops[0] if verdict.stops else None
            order.write(
                {
                    "review_state": STATES[verdict.outcome],
                    "review_round": order.review_round + 1,
                    "review_kind": first.kind.value if first else False,
                    "review_rule_id": first.rule if first else False,
                    "review_missing": max(map(_missing, verdict.stops), default=0) / 100,
                }
            )
            notes += [
                Decision._note(order, VERDICTS[failure.outcome], **order._failure_values(failure))
                for failure in verdict.failures
            ]
            if verdict.outcome is Outcome.PASS:
                notes.append(Decision._note(order, "passed"))
        Decision.create(notes)
        return verdicts

    def _failure_values(self, failure):
        """A failure as a decision keeps it: figures and ids, in nobody's language.

        ``with`` are the products that fail only because they pass or fail together with others.
        """
        lines = {line.id: line for line in self.order_line}
        products = {line.id: line.product_id.id for line in self.order_line}
        per_line = failure.kind in PER_LINE or len(failure.lines) == 1
        found_lines = {found.line for found in failure.findings}
        together = self.env["channel.review.rule"].sudo().browse(failure.rule).together
        findings = [
            [
                found.wanted,
                found.allowed,
                products.get(found.line, 0) if per_line else 0,
                *(() if per_line else _group_of(together, lines.get(found.line))),
            ]
            for found in failure.findings
        ]
        return {
            "rule_id": failure.rule,
            "kind": failure.kind.value,
            "missing": _missing(failure) / 100,
            "facts": {
                "findings": findings,
                "lines": sorted(failure.lines),
                "with": [products[i] for i in sorted(failure.lines - found_lines)]
                if per_line
                else [],
            },
        }

    def _stop(self, kind, words, missing=0):
        """The ledger set nothing aside: the order waits, with the ledger's words.

        :param missing: fen
        """
        order = self.sudo()
        order.write(
            {
                "review_state": "waiting",
                "review_kind": kind,
                "review_rule_id": False,
                "review_missing": missing / 100,
            }
        )
        Decision = self.env["channel.review.decision"].sudo()
        note = Decision._note(
            order, "held", kind=kind, missing=missing / 100, facts={"ledger": words}
        )
        Decision.create([note])

    def _stopped_notice(self):
        """What is shown to whoever pressed Confirm: each order that was not, with the reasons."""
        refused = all(order.review_state == "refused" for order in self)
        lines = [f"{order.name}: {order.sudo().review_text or ''}" for order in self[:10]]
        if len(self) > 10:
            lines.append(self.env._("… and %s more.", len(self) - 10))
        title = (
            self.env._("Refused: not confirmed")
            if refused
            else self.env._("Waiting for the sales manager: not confirmed yet")
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": title,
                "message": "\n".join(lines),
                "type": "danger" if refused else "warning",
                "sticky": True,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }


def _group_of(together, line):
    """The group that a finding is about: [model, id], or nothing for a line or the whole order."""
    groups = {
        "category": lambda: line.product_id.categ_id,
        "brand": lambda: line.product_id.brand_id,
        "warehouse": lambda: line.warehouse_id or line.order_id.warehouse_id,
    }
    group = line and together in groups and groups[together]()
    return [group._name, group.id] if group else []


def _missing(failure):
    """Fen that are missing, for rules about money; 0 for the others."""
    if failure.kind not in (Kind.OVERDUE, Kind.DEPOSIT):
        return 0
    return max((finding.missing for finding in failure.findings), default=0)
