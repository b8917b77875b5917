from odoo import api, fields, models


class ChannelSessionItem(models.Model):
    """A product on offer in a session: a pool of its own with the session's shop and room."""

    _name = "channel.session.item"
    _description = "Session Item"
    _inherits = {"channel.pool": "pool_id"}
    _order = "session_id, sequence, id"

    session_id = fields.Many2one("channel.session", required=True, ondelete="cascade", index=True)
    pool_id = fields.Many2one(
        "channel.pool", "Pool", required=True, ondelete="restrict", index=True, copy=False
    )
    sequence = fields.Integer(default=10)

    _pool_uniq = models.UniqueIndex("(pool_id)", "A pool belongs to one item.")

    @api.model_create_multi
    def create(self, vals_list):
        """Give every item the shop and room of its session."""
        for vals in vals_list:
            if vals.get("session_id") and not vals.get("pool_id"):
                session = self.env["channel.session"].browse(vals["session_id"])
                vals["shop_id"] = session.shop_id.id
                vals["room_ref"] = session.room_ref or ""
        return super().create(vals_list)
