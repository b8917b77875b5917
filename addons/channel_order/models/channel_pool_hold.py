from odoo import fields, models
from odoo.exceptions import UserError

from ..batch_sql import clean


class ChannelPool(models.Model):
    """Hold and release: an open offer gives nothing out for a while, its units stay its own.

    Orders that have units keep them. Those that come in wait in the queue with an exception of the
    type ``on_hold``, and take nothing of other offers either. A hold needs no lock of the
    allocation: every batch that begins after its commit sees it, and it never waits for one.
    """

    _inherit = "channel.pool"

    on_hold = fields.Boolean(
        readonly=True,
        copy=False,
        help="Nothing is given out until it is released; the units stay locked in stock.",
    )
    held_at = fields.Datetime(readonly=True, copy=False)
    held_by = fields.Many2one("res.users", readonly=True, copy=False)
    hold_reason = fields.Char(readonly=True, copy=False)

    _hold_check = models.Constraint(
        "CHECK(on_hold IS NOT TRUE OR state = 'open')", "Only an open offer can be on hold."
    )

    def write(self, vals):
        hold = {"on_hold", "held_at", "held_by", "hold_reason"}
        if not self.env.su and hold & vals.keys():
            raise UserError(self.env._("Use the buttons to hold or release an offer."))
        return super().write(vals)

    def action_hold(self, reason=None):
        """Put open offers on hold; without a reason, asks for one.

        :raise UserError: not open
        """
        self.check_access("write")
        if not (reason or "").strip():
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Hold %s", ", ".join(self.mapped("display_name"))),
                "res_model": "channel.pool.hold",
                "view_mode": "form",
                "target": "new",
                "context": {"default_pool_ids": self.ids},
            }
        self.sudo()._hold(reason)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_release(self):
        """Release offers: their units go to the orders that wait, first paid first.

        :raise UserError: not open
        """
        self.check_access("write")
        self.env["channel.order"]._lock_allocation(fresh=True)
        self.sudo()._release()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _hold(self, reason):
        """Put open offers on hold; those that are keep who, when and why.

        :raise UserError: not open
        """
        self._claim("open")
        self.filtered(lambda pool: not pool.on_hold).write(
            {
                "on_hold": True,
                "held_at": fields.Datetime.now(),
                "held_by": self.env.uid,
                "hold_reason": clean(reason.strip()),
            }
        )

    def _release(self):
        """Release those of these offers that are on hold, and serve the orders that wait.

        Many may wait: the first ones get their units here, a job that starts at once goes on.

        :raise UserError: not open
        """
        self.env["channel.order"]._lock_allocation()
        self._claim("open")
        held = self.filtered("on_hold")
        held.write({"on_hold": False})
        held._serve_waiting()

    def _close(self):
        """Closing lifts the hold; orders that waited for it say why they wait now."""
        self.env["channel.order"]._lock_allocation()
        held = self.filtered("on_hold")
        result = super()._close()
        held._serve_waiting()
        return result
