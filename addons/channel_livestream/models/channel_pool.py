from odoo import api, fields, models
from odoo.exceptions import UserError


class ChannelPool(models.Model):
    """A pool that is a session's item holds stock where the session says and tells its history."""

    _inherit = "channel.pool"

    session_item_ids = fields.One2many("channel.session.item", "pool_id", "Session Items")
    session_id = fields.Many2one("channel.session", compute="_compute_session_id")

    @api.depends("session_item_ids.session_id")
    def _compute_session_id(self):
        for pool in self:
            pool.session_id = pool.session_item_ids.session_id[:1]

    def write(self, vals):
        """Keep price, units and holds of running items in the notes of their session."""
        watched = [name for name in ("price", "quota", "state", "on_hold") if name in vals]
        # when the whole session opens or closes, its own note says so for all items
        if not watched or self.env.context.get("channel_whole_session"):
            return super().write(vals)
        before = {pool: pool._history_values(watched) for pool in self.filtered("session_id")}
        running = {pool for pool in before if pool.state == "open"}
        res = super().write(vals)
        for pool, old in before.items():
            new = pool._history_values(watched)
            if (pool in running or pool.state != "draft") and new != old:
                pool._tell_session(old, new)
        return res

    def _history_values(self, names):
        """{field name: value as people read it}"""
        states = dict(self._fields["state"]._description_selection(self.env))
        texts = {
            "price": lambda: self.currency_id.format(self.price),
            "quota": lambda: str(self.quota),
            "state": lambda: states[self.state],
            "on_hold": lambda: (
                self.env._("yes (%s)", self.hold_reason) if self.on_hold else self.env._("no")
            ),
        }
        return {name: texts[name]() for name in names}

    def _tell_session(self, old, new):
        """Write what changed into the notes of the session."""
        labels = {name: self._fields[name]._description_string(self.env) for name in new}
        changes = "; ".join(
            f"{labels[name]}: {old[name]} → {new[name]}" for name in new if old[name] != new[name]
        )
        self.session_id.sudo().message_post(
            body=self.env._("%(item)s: %(changes)s", item=self.display_name, changes=changes),
            author_id=self.env.user.partner_id.id,
            subtype_xmlid="mail.mt_note",
        )

    def action_open(self):
        """Refuse to open an item before its session."""
        early = self.session_id.filtered(lambda session: session.state != "open")
        if early:
            raise UserError(
                self.env._(
                    "Open the session %s: that opens its items.", ", ".join(early.mapped("name"))
                )
            )
        return super().action_open()

    def _allowed_fulfillers(self):
        chosen = self.session_id.fulfiller_ids
        return chosen if chosen and len(self.session_id) == 1 else super()._allowed_fulfillers()

    def _lock_origin(self):
        return ", ".join(self.session_id.mapped("name")) or super()._lock_origin()
