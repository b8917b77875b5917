from uuid import uuid4

from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..batch_sql import clean

MAY_REMARK = (
    "channel_network.group_livestream_operator",
    "channel_network.group_sales_manager",
    "channel_network.group_warehouse",
)
NOT_TOLD = ("file", "manual")  # platforms that nobody can call


class ChannelOrder(models.Model):
    """The seller's note and flag: written here, told to the platform, read back by the pull."""

    _inherit = "channel.order"

    remark_waiting = fields.Boolean(
        "Note Not Told Yet", compute="_compute_remark_waiting", groups="base.group_user"
    )

    def _compute_remark_waiting(self):
        rows = (
            self.env["channel.outbox"]
            .sudo()
            .search(
                [
                    ("order_id", "in", self.ids),
                    ("action", "=", "remark"),
                    ("state", "in", ("todo", "failed", "stopped")),
                ]
            )
        )
        for order in self:
            order.remark_waiting = order in rows.order_id

    def action_remark(self):
        """Write a note and a flag, in a window."""
        self._require_remarker()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "channel_order.action_channel_order_remark"
        )
        one = self if len(self) == 1 else self.browse()
        return action | {
            "context": {
                "default_order_ids": self.ids,
                "default_note": one.seller_note or "",
                "default_flag": one.seller_flag or False,
            }
        }

    def _remark(self, note, flag):
        """Set the seller's note and flag: told to the platform, and shown here when it has them.

        What was to be told before and is not told yet is overtaken.

        :param flag: a value of ``FLAG_SELECTION`` or empty
        :return: the rows of the outbox
        """
        self._require_remarker()
        orders = self.sudo()
        note = clean((note or "").strip())[:500]
        told = orders.filtered(lambda order: order.shop_id.platform not in NOT_TOLD)
        (orders - told)._keep_remark(note, flag)
        outbox = self.env["channel.outbox"].sudo()
        outbox.search(
            [
                ("order_id", "in", told.ids),
                ("action", "=", "remark"),
                ("state", "in", ("todo", "failed", "stopped")),
            ]
        ).write({"state": "overtaken"})
        orders._log_events(
            [(order.id, "remark", order.stage, order.stage) for order in orders], note
        )
        return outbox.create(
            [
                {
                    "shop_id": order.shop_id.id,
                    "action": "remark",
                    "order_id": order.id,
                    "key": f"remark:{order.id}:{uuid4().hex}",
                    "payload": {"order_ref": order.order_ref, "note": note, "flag": flag or ""},
                }
                for order in told
            ]
        )

    def _keep_remark(self, note, flag):
        """Show a note and a flag that the platform has, or that no platform is told."""
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                "UPDATE channel_order SET seller_note = %s, seller_flag = %s WHERE id = ANY(%s)",
                note or None,
                flag or None,
                self.ids,
            )
        )
        self.invalidate_recordset(["seller_note", "seller_flag"])

    def _require_remarker(self):
        """:raises AccessError: the user's job is not to write notes"""
        if not self.env.su and not any(self.env.user.has_group(group) for group in MAY_REMARK):
            raise AccessError(
                self.env._(
                    "Notes on orders are written by livestream operators, sales managers and "
                    "warehouse staff. Ask one of them."
                )
            )
        self.check_access("read")
