from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import format_amount, format_datetime

from odoo.addons.channel_network.core.money import from_fen

from ..batch_sql import unix
from ..core.aftersales import Why

SOON = 6 * 3600
HOUR, DAY = 3600, 86400
ENDED_STEPS = ("done", "refused", "closed")


class ChannelAftersale(models.Model):
    """After-sales in words: what they are about, the time left, and why one is not decided."""

    _inherit = "channel.aftersale"

    title = fields.Char("Article", compute="_compute_title")
    time_left = fields.Char(compute="_compute_time_left")
    urgency = fields.Selection(
        [("over", "Over"), ("soon", "Soon"), ("later", "Later")], compute="_compute_time_left"
    )
    tell_error = fields.Char("Not Told", compute="_compute_tell_error", groups="base.group_user")

    @api.depends("order_id", "line_ref")
    def _compute_title(self):
        orders = self.order_id.ids
        rows = self.env.execute_query(
            SQL(
                """
                SELECT order_id, line_ref, max(title) FROM channel_order_line
                 WHERE order_id = ANY(%s) GROUP BY order_id, line_ref ORDER BY order_id, min(id)
                """,
                orders,
            )
        )
        titles = {}
        for order_id, line_ref, title in rows:
            titles[order_id, line_ref] = title
            titles.setdefault((order_id, False), []).append(title or "")
        for aftersale in self:
            found = titles.get((aftersale.order_id.id, aftersale.line_ref))
            aftersale.title = ", ".join(found) if isinstance(found, list) else found

    @api.depends_context("lang")
    @api.depends("deadline_at", "step")
    def _compute_time_left(self):
        now = unix(fields.Datetime.now())
        for aftersale in self:
            aftersale.time_left = aftersale.urgency = False
            if not aftersale.deadline_at or aftersale.step in ENDED_STEPS:
                continue
            left = unix(aftersale.deadline_at) - now
            aftersale.urgency = "over" if left < 0 else "soon" if left < SOON else "later"
            aftersale.time_left = aftersale._duration(left)

    def _duration(self, seconds):
        """A time left, or passed, as a person counts it down."""
        if seconds < 0:
            return self.env._("over by %s", self._span(-seconds))
        return self._span(seconds)

    def _span(self, seconds):
        if seconds >= 2 * DAY:
            return self.env._(
                "%(days)s d %(hours)s h", days=seconds // DAY, hours=seconds % DAY // HOUR
            )
        return self.env._(
            "%(hours)s h %(minutes)s min", hours=seconds // HOUR, minutes=seconds % HOUR // 60
        )

    def _compute_tell_error(self):
        """The platform's words about the newest answer that it has not taken."""
        rows = (
            self.env["channel.outbox"]
            .sudo()
            .search(
                [
                    ("order_id", "in", self.sudo().order_id.ids),
                    ("action", "in", ("aftersale", "intercept")),
                    ("state", "in", ("failed", "stopped", "overtaken")),
                ],
                order="id",
            )
        )
        errors = {(row.shop_id.id, row.payload.get("aftersale_ref")): row.error for row in rows}
        for aftersale in self:
            key = (aftersale.shop_id.id, aftersale.aftersale_ref)
            aftersale.tell_error = aftersale.step not in ENDED_STEPS and errors.get(key)

    def _why_not(self, refusal, answer):
        """Why an answer is not taken, and what to do, as a sentence."""
        self.ensure_one()
        steps = dict(self._fields["step"]._description_selection(self.env))
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        statuses = dict(self._fields["status"]._description_selection(self.env))
        values = {
            "ref": self.aftersale_ref,
            "when": format_datetime(self.env, self.updated_at),
            "kind": kinds[self.kind],
            "status": statuses[self.status],
            "step": steps[self.step],
            "amount": format_amount(self.env, self.amount, self.currency_id),
        }
        match refusal.why:
            case Why.CHANGED:
                return self.env._(
                    "After-sale %(ref)s changed on the platform (%(when)s). It is now: %(kind)s, "
                    "%(amount)s, %(status)s. Read it again, then decide.",
                    **values,
                )
            case Why.ANSWERED:
                return self._who_was_first(answer)
            case Why.OVER:
                return self.env._(
                    "After-sale %(ref)s is over on the platform since %(when)s: %(status)s.",
                    **values,
                )
            case Why.TOO_MUCH:
                return self.env._(
                    "After-sale %(ref)s asks for %(wanted)s, but only %(allowed)s of what the "
                    "buyer paid is not given back or granted yet. Refuse it, or look at the "
                    "order's other after-sales.",
                    ref=self.aftersale_ref,
                    wanted=self._yuan(refusal.wanted),
                    allowed=self._yuan(max(refusal.allowed, 0)),
                )
            case Why.REASON if answer.accept:
                return self.env._(
                    "Units of after-sale %(ref)s are missing, wrong or spoilt. Say why it is "
                    "granted all the same.",
                    **values,
                )
            case Why.REASON:
                return self.env._("Say why after-sale %(ref)s is refused.", **values)
        return self.env._(
            "Nobody asks this about after-sale %(ref)s now. It stands at: %(step)s.", **values
        )

    def _who_was_first(self, answer):
        first = self.sudo().answer_ids.filtered(
            lambda row: (row.gate, row.version) == (answer.gate.value, answer.version)
        )[:1]
        values = {
            "ref": self.aftersale_ref,
            "user": first.user_id.name,
            "when": format_datetime(self.env, first.at),
        }
        if first.accept:
            return self.env._(
                "%(user)s was first and granted after-sale %(ref)s on %(when)s.", **values
            )
        return self.env._(
            "%(user)s was first and refused after-sale %(ref)s on %(when)s.", **values
        )

    def _yuan(self, fen):
        return format_amount(self.env, float(from_fen(fen)), self.currency_id)
