from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.channel_order.core import stages

from ..core import rules
from .channel_alarm_rule import KIND_SELECTION

ACTIVITY = "channel_alarm.mail_activity_alarm"
# What a person may write on an alarm without a button: its activities and followers.
OF_THE_CHATTER = ("activity_", "message_", "website_message_")


class ChannelAlarm(models.Model):
    """Something in a running session that a person should look at, and what was decided.

    Alarms are raised by ``_evaluate`` only. While one is open or held, another about the same
    subject is not raised: its number grows instead. ``subject`` is the item's id, a receiver's keyed
    hash, or empty for the whole session.
    """

    _name = "channel.alarm"
    _description = "Alarm"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_name = "text"
    _check_company_auto = True

    session_id = fields.Many2one(
        "channel.session", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        "res.company", related="session_id.company_id", store=True, index=True
    )
    shop_id = fields.Many2one(related="session_id.shop_id")
    kind = fields.Selection(KIND_SELECTION, required=True, readonly=True)
    item_id = fields.Many2one(
        "channel.session.item", readonly=True, ondelete="cascade", index="btree_not_null"
    )
    subject = fields.Char(readonly=True, required=True, default="", groups=fields.NO_ACCESS)
    number = fields.Integer(
        readonly=True,
        required=True,
        aggregator=None,
        help="How bad it was at worst: orders a minute, orders, units or minutes.",
    )
    # what was seen, as values: core.rules.Found
    facts = fields.Json(readonly=True, groups=fields.NO_ACCESS)
    text = fields.Char("What Happened", compute="_compute_text")
    state = fields.Selection(
        [("open", "Open"), ("held", "On Hold"), ("released", "Released"), ("ignored", "Ignored")],
        required=True,
        readonly=True,
        default="open",
        index=True,
        tracking=True,
    )
    raised_at = fields.Datetime("Since", readonly=True, required=True, default=fields.Datetime.now)
    decided_at = fields.Datetime(readonly=True)
    decided_by = fields.Many2one("res.users", readonly=True)
    reason = fields.Char(readonly=True, tracking=True)
    can_hold = fields.Boolean(compute="_compute_can_hold")

    _open_uniq = models.UniqueIndex(
        "(session_id, kind, subject) WHERE state IN ('open', 'held')",
        "This alarm is open already.",
    )
    _latest_idx = models.Index("(session_id, kind, subject, id DESC)")
    _receiver_idx = models.Index("(company_id, subject) WHERE kind = 'receiver' AND state = 'held'")
    _item_check = models.Constraint(
        "CHECK((item_id IS NOT NULL) = (kind IN ('spike', 'price', 'stock')))",
        "An alarm about an item names it, and no other does.",
    )

    @api.depends("kind", "state")
    def _compute_can_hold(self):
        for alarm in self:
            alarm.can_hold = alarm.state == "open" and alarm.kind in rules.HOLDABLE

    def write(self, vals):
        if not self.env.su and any(not name.startswith(OF_THE_CHATTER) for name in vals):
            raise UserError(self.env._("Use the buttons to hold, release or ignore an alarm."))
        return super().write(vals)

    # -- what people decide --------------------------------------------------------------------

    def action_hold(self):
        """Put the items or the receivers of open alarms on hold.

        :raise UserError: decided already, nothing to hold, or the item is not on sale any more
        """
        self.check_access("write")
        self._require("open")
        if self.filtered(lambda alarm: alarm.kind not in rules.HOLDABLE):
            raise UserError(
                self.env._(
                    "There is nothing to put on hold when orders wait: add units, release an item,"
                    " or ignore the alarm with a reason."
                )
            )
        if self.filtered(lambda alarm: alarm.kind == rules.RECEIVER):
            self.env["channel.order"]._lock_allocation(fresh=True)
        self.sudo()._hold()
        return self._reload()

    def action_release(self):
        """Release the items or the receivers of held alarms; orders that wait get their units.

        :raise UserError: not on hold
        """
        self.check_access("write")
        self.env["channel.order"]._lock_allocation(fresh=True)
        self._require("held")
        self.sudo()._release()
        return self._reload()

    def action_ignore(self, reason=None):
        """Close open alarms without doing anything; without a reason, asks for one.

        :raise UserError: decided already
        """
        self.check_access("write")
        self._require("open")
        if not (reason or "").strip():
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Ignore Alarms"),
                "res_model": "channel.alarm.ignore",
                "view_mode": "form",
                "target": "new",
                "context": {"default_alarm_ids": self.ids},
            }
        self.sudo()._decide("ignored", reason.strip())
        return self._reload()

    def action_view_orders(self):
        """Open the orders that the alarm speaks of."""
        self.ensure_one()
        self.check_access("read")
        alarm = self.sudo()
        domain = [("session_id", "=", alarm.session_id.id)]
        if alarm.kind == rules.RECEIVER:
            domain.append(("phone_key", "=", alarm.subject))
        elif alarm.kind == rules.WAITING:
            domain.append(("stage", "=", stages.QUEUED))
        else:
            domain.append(("line_ids.pool_id", "=", alarm.item_id.pool_id.id))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Orders"),
            "res_model": "channel.order",
            "view_mode": "list,form",
            "domain": domain,
        }

    def _reload(self):
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _require(self, state):
        self.invalidate_recordset(["state"])
        late = self.filtered(lambda alarm: alarm.state != state)
        if late:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "This alarm is “%s” now: reload the page to see who decided it.",
                    labels[late[0].state],
                )
            )

    # -- what is done ----------------------------------------------------------------------------

    def _decide(self, state, reason=None):
        """Write a decision of this user and close what reminded people of the alarm."""
        self.write(
            {
                "state": state,
                "decided_at": fields.Datetime.now(),
                "decided_by": self.env.uid,
                **({"reason": reason} if reason else {}),
            }
        )
        self.activity_unlink([ACTIVITY])

    def _hold(self):
        """Hold items and receivers.

        :raise UserError: an item is not on sale any more
        """
        for alarm in self.filtered("item_id"):
            alarm.item_id.pool_id._hold(alarm._sentence())
        self._decide("held")
        keys = self.filtered(lambda alarm: alarm.kind == rules.RECEIVER).mapped("subject")
        if keys:
            self.flush_recordset()
            self.env["channel.order"]._stop_receivers(self.company_id, keys)

    def _release(self):
        """Release items and receivers; the decision about an item is written by its pool."""
        pools = self.item_id.pool_id.filtered("on_hold")
        if pools:
            pools._release()
        self._released()

    def _released(self):
        """Held alarms whose hold is lifted; the orders of their receivers go on."""
        held = self.filtered(lambda alarm: alarm.state == "held")
        if not held:
            return
        held._decide("released")
        keys = held.filtered(lambda alarm: alarm.kind == rules.RECEIVER).mapped("subject")
        if keys:
            held.flush_recordset()
            self.env["channel.order"]._restart_receivers(held.company_id, keys)
