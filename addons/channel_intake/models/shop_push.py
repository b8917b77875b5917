from odoo import fields, models
from odoo.tools import SQL


class ChannelShop(models.Model):
    """What the push gateway brought for a shop, and what it refused."""

    _inherit = "channel.shop"

    last_push = fields.Datetime(compute="_compute_pushes")
    push_waiting_count = fields.Integer("Pushes Waiting", compute="_compute_pushes")
    push_refused_count = fields.Integer(
        "Pushes Refused (1 h)",
        compute="_compute_pushes",
        help="In the last hour, of this shop or of the app that pushes for it.",
    )

    def _compute_pushes(self):
        self.flush_model(["credential_ref", "platform_shop_ref"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT s.id, last.received_at, coalesce(todo.waiting, 0), coalesce(no.times, 0)
                  FROM channel_shop s
                  LEFT JOIN LATERAL (
                       SELECT received_at FROM channel_push
                        WHERE shop_id = s.id ORDER BY id DESC LIMIT 1) last ON true
                  LEFT JOIN (
                       SELECT shop_id, count(*) AS waiting FROM channel_push_todo GROUP BY 1) todo
                    ON todo.shop_id = s.id
                  LEFT JOIN LATERAL (
                       SELECT sum(r.times)::int AS times FROM channel_push_refusal r
                        WHERE r.minute >= now() AT TIME ZONE 'UTC' - interval '1 hour'
                          AND upper(r.app) = upper(s.credential_ref)
                          AND r.shop_ref IN ('', s.platform_shop_ref)) no ON true
                 WHERE s.id = ANY(%s)
                """,
                self.ids,
            )
        )
        found = {row[0]: row[1:] for row in rows}
        for shop in self:
            last, waiting, refused = found.get(shop.id, (False, 0, 0))
            shop.last_push = last
            shop.push_waiting_count = waiting
            shop.push_refused_count = refused

    def action_open_pushes(self):
        """The shop's pushes."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("channel_intake.action_push")
        return action | {"domain": [("shop_id", "=", self.id)]}

    def action_open_refusals(self):
        """What the gateway refused of this shop or its app."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("channel_intake.action_refusal")
        return action | {
            "domain": [
                ("app", "=ilike", self.sudo().credential_ref or ""),
                ("shop_ref", "in", ("", self.platform_shop_ref)),
            ]
        }
