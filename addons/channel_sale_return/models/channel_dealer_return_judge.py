from collections import defaultdict
from datetime import date

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from odoo.addons.channel_network.core.money import from_fen

from ..core.returnable import MILLI, Delivered, Why, Wish, judge

PENDING = ("submitted", "approved")
# What no manager can approve: it is not there, or not said.
HARD = {Why.UNKNOWN, Why.QUANTITY, Why.MORE, Why.REASON, Why.PICTURE}


class ChannelDealerReturn(models.Model):
    """What the policy says to a request: gathered in a few queries, judged by the pure core."""

    _inherit = "channel.dealer.return"

    def _judge(self):
        """:return: words of what can never be, words of what the policy does not allow, the policy"""
        self.ensure_one()
        lines = self.line_ids
        if not lines:
            return [self.env._("Say what comes back: the request has no lines.")], [], None
        policy = self.env["channel.return.policy"]._for_member(self.member_id)
        core = policy._core()
        wishes = [
            Wish(
                line.sale_line_id.id, round(line.quantity * MILLI), line.reason_id.id or 0,
                len(line.picture_ids),
            )
            for line in lines
        ]  # fmt: skip
        delivered = self._delivered(lines.sale_line_id)
        bought, returned = self._period_figures(core.period) if core.percent else (0, 0)
        verdict = judge(
            wishes, delivered, core, fields.Date.context_today(self), bought=bought,
            returned=returned,
        )  # fmt: skip
        hard, soft = [], []
        for failure in verdict.failures:
            (hard if failure.why in HARD else soft).append(self._words(failure))
        if verdict.quota and verdict.quota.exceeded:
            soft.append(self._quota_words(verdict.quota))
        return hard, soft, policy

    @api.model
    def _delivered(self, sale_lines, besides=None):
        """{order line id: ``Delivered``} of what is with the dealer, of these order lines.

        :param besides: a request whose own lines are not counted as asked elsewhere
        """
        besides = besides or self
        rows = self.env.execute_query(
            SQL(
                """
                SELECT m.sale_line_id, max(m.date)::date
                  FROM stock_move m JOIN stock_location l ON l.id = m.location_dest_id
                 WHERE m.sale_line_id = ANY(%s) AND m.state = 'done' AND l.usage = 'customer'
                 GROUP BY m.sale_line_id
                """,
                sale_lines.ids,
            )
        )
        days = dict(rows)
        asked = self._asked_elsewhere(sale_lines, besides)
        return {
            line.id: Delivered(
                line.id,
                days.get(line.id) or date.min,
                max(round(line.qty_delivered * MILLI), 0),
                round(asked.get(line.id, 0) * MILLI),
                line._delivered_fen(),
                frozenset(line._rebate_marks()),
            )
            for line in sale_lines.sudo()
            if line.order_id.member_id and (not self or line.order_id.member_id in self.member_id)
        }

    def _asked_elsewhere(self, sale_lines, besides):
        """{order line id: units} on other requests that are not over, and defects that came back
        without being credited."""
        asked = defaultdict(float)
        Line = self.env["channel.dealer.return.line"].sudo()
        others = [("sale_line_id", "in", sale_lines.ids), ("return_id", "not in", besides.ids)]
        for domain, field in (
            ([("return_id.state", "in", PENDING)], "quantity"),
            ([("uncredited", ">", 0)], "uncredited"),
        ):
            for line, units in Line._read_group(
                others + domain, ["sale_line_id"], [f"{field}:sum"]
            ):
                asked[line.id] += units
        return asked

    def _period_figures(self, period):
        """Fen delivered to the dealer in the last days, and fen of returns that count.

        :return: (bought, returned)
        """
        since = fields.Date.subtract(fields.Date.context_today(self), days=period)
        moves = (
            self.env["stock.move"]
            .sudo()
            ._read_group(
                [
                    ("sale_line_id.order_id.member_id", "=", self.member_id.id),
                    ("state", "=", "done"),
                    ("location_dest_id.usage", "=", "customer"),
                    ("date", ">=", since),
                ],
                ["sale_line_id"],
                ["quantity:sum"],
            )
        )
        bought = sum(line._worth_fen(round(quantity * MILLI)) for line, quantity in moves)
        earlier = self.env["channel.dealer.return.line"].sudo().search(
            [
                ("return_id.member_id", "=", self.member_id.id),
                ("return_id.state", "not in", ("draft", "refused", "cancelled")),
                ("return_id.create_date", ">=", since),
                ("return_id", "not in", self.ids),
                "|", ("reason_id", "=", False), ("reason_id.counts", "=", True),
            ]
        )  # fmt: skip
        returned = sum(
            line.sale_line_id._worth_fen(round(line.quantity * MILLI)) for line in earlier
        )
        return bought, returned

    def _words(self, failure):
        line = self.line_ids.filtered(lambda each: each.sale_line_id.id == failure.line)[:1]
        values = {
            "product": line.product_id.display_name,
            "order": line.order_id.name,
            "allowed": f"{failure.allowed / MILLI:g}",
            "until": failure.until and format_date(self.env, failure.until),
        }
        return {
            Why.UNKNOWN: self.env._("%(product)s: nothing of it was delivered by %(order)s."),
            Why.QUANTITY: self.env._("%(product)s: enter a quantity above 0."),
            Why.MORE: self.env._(
                "%(product)s of %(order)s: only %(allowed)s can come back. The others are back or on"
                " another request."
            ),
            Why.LATE: self.env._("%(product)s of %(order)s had to be asked for until %(until)s."),
            Why.EXCLUDED: self.env._("%(product)s is not taken back."),
            Why.REASON: self.env._("%(product)s: choose a reason from the list."),
            Why.PICTURE: self.env._("%(product)s: this reason wants a picture."),
        }[failure.why] % values

    def _quota_words(self, quota):
        return self.env._(
            "The quota is %(most)s, %(used)s of it is used; this request exceeds it by %(exceeded)s.",
            most=from_fen(quota.most),
            used=from_fen(quota.used),
            exceeded=from_fen(quota.exceeded),
        )
