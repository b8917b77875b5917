from odoo import api, fields, models
from odoo.exceptions import UserError


class ChannelSessionItem(models.Model):
    """A product on offer in a session: a pool of its own with the session's shop and room."""

    _name = "channel.session.item"
    _description = "Session Item"
    _inherits = {"channel.pool": "pool_id"}
    _order = "session_id, sequence, id"

    session_id = fields.Many2one("channel.session", required=True, ondelete="cascade", index=True)
    pool_id = fields.Many2one(
        "channel.pool", required=True, ondelete="restrict", index=True, copy=False
    )
    sequence = fields.Integer(default=10)
    shortage = fields.Char(
        compute="_compute_shortage", help="What is missing in stock to open this item now."
    )

    _pool_uniq = models.UniqueIndex("(pool_id)", "A pool belongs to one item.")
    _session_pool_idx = models.Index("(session_id, pool_id)")

    @api.depends(
        "quota", "link_id", "session_id.state", "session_id.shop_id", "session_id.fulfiller_ids"
    )
    def _compute_shortage(self):
        self.shortage = False
        for session, items in self.grouped("session_id").items():
            # an earlier item takes from the stock of a later one: always look at the whole plan
            planned = (session.item_ids | items).filtered(
                lambda item: item.state == "draft" and item._origin.pool_id and item.link_id
            )
            if not planned or session.state == "closed":
                continue
            texts = planned._shortage_texts()
            for item in items & planned:
                item.shortage = texts.get(item.pool_id._origin.id, False)

    def _shortage_texts(self):
        """What is missing per pool id; one text for all when nobody may hold the stock."""
        pools = self.pool_id._origin.sudo()
        try:
            rows = pools._shortages()
        except UserError as error:
            return dict.fromkeys(pools.ids, str(error))
        texts = {}
        for row in rows:
            text = self.env._(
                "%(product)s: wanted %(wanted)s, free %(free)s",
                product=self.env["product.product"].sudo().browse(row.product_id).display_name,
                wanted=row.wanted,
                free=row.free,
            )
            texts.setdefault(row.offer_id, []).append(text)
        return {pool_id: "; ".join(lines) for pool_id, lines in texts.items()}

    @api.model_create_multi
    def create(self, vals_list):
        """Give every item the shop and room of its session."""
        sessions = self.env["channel.session"]
        for vals in vals_list:
            session = sessions.browse(vals.get("session_id"))
            if not session:
                raise UserError(self.env._("Choose the session of the item."))
            if session.state == "closed":
                raise UserError(
                    self.env._(
                        "%s is closed. Make a new session from it to sell more.", session.name
                    )
                )
            if not vals.get("pool_id"):
                vals["shop_id"] = session.shop_id.id
                vals["room_ref"] = session.room_ref or ""
        return super().create(vals_list)

    def write(self, vals):
        if "session_id" in vals and any(item.session_id.id != vals["session_id"] for item in self):
            raise UserError(
                self.env._("An item stays in its session. Add it to the other session instead.")
            )
        return super().write(vals)

    def unlink(self):
        pools = self.pool_id
        res = super().unlink()
        pools.unlink()
        return res

    def action_open(self):
        """Open items that were added while the session is running."""
        return self.pool_id.action_open()

    def action_close(self):
        """Take items off sale while the session goes on."""
        return self.pool_id.action_close()

    def action_hold(self, reason=None):
        """Put items on hold; without a reason, asks for one."""
        return self.pool_id.action_hold(reason)

    def action_release(self):
        """Release items: their units go to the orders that wait."""
        return self.pool_id.action_release()

    def action_change(self):
        """Open the dialog that changes the price or the units."""
        return self.pool_id.action_change()
