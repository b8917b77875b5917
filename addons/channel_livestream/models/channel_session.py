from odoo import api, fields, models
from odoo.exceptions import LockError, UserError


class ChannelSession(models.Model):
    """One livestream with its items: planned, open (units locked out of stock), closed.

    A session without a room id is the standing session (日常场次): its items sell in any room of
    the shop. A closed session stays closed; the next one is made from it with its plan.
    """

    _name = "channel.session"
    _description = "Livestream Session"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "planned_start desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    shop_id = fields.Many2one(
        "channel.shop",
        required=True,
        ondelete="restrict",
        index=True,
        check_company=True,
        tracking=True,
    )
    company_id = fields.Many2one(
        "res.company", related="shop_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    host_id = fields.Many2one(
        "channel.talent",
        domain="[('kind', 'in', ('host', 'affiliate'))]",
        index="btree_not_null",
        check_company=True,
        tracking=True,
    )
    user_id = fields.Many2one(
        "res.users", "Operator", default=lambda self: self.env.user, index="btree_not_null"
    )
    room_ref = fields.Char(
        "Room ID",
        default="",
        copy=False,
        tracking=True,
        help="The platform's id of the livestream room. Empty: a standing session that sells in any"
        " room of the shop.",
    )
    is_standing = fields.Boolean("Standing Session", compute="_compute_is_standing")
    planned_start = fields.Datetime(
        required=True, default=fields.Datetime.now, copy=False, tracking=True
    )
    planned_end = fields.Datetime(copy=False, tracking=True)
    opened_at = fields.Datetime("Opened", readonly=True, copy=False)
    closed_at = fields.Datetime("Closed", readonly=True, copy=False)
    fulfiller_ids = fields.Many2many(
        "channel.fulfiller",
        check_company=True,
        help="Who holds the stock of this session. Empty: the fulfillers of the shop.",
    )
    state = fields.Selection(
        [("draft", "Planned"), ("open", "Open"), ("closed", "Closed")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    item_ids = fields.One2many("channel.session.item", "session_id", "Items", copy=True)
    item_count = fields.Integer(compute="_compute_item_count")
    shortage = fields.Text(
        compute="_compute_shortage", help="What is missing in stock to open the session now."
    )
    order_count = fields.Integer("Orders", compute="_compute_order_count")
    waiting_count = fields.Integer("Waiting Orders", compute="_compute_order_count")
    note = fields.Html()

    _room_uniq = models.UniqueIndex(
        "(shop_id, COALESCE(room_ref, '')) WHERE state = 'open'",
        "Another session of this shop is open in this room. Close it first.",
    )
    _dates_check = models.Constraint(
        "CHECK(planned_end IS NULL OR planned_end > planned_start)",
        "A session cannot end before it starts.",
    )

    @api.depends("room_ref")
    def _compute_is_standing(self):
        for session in self:
            session.is_standing = not session.room_ref

    @api.depends("item_ids")
    def _compute_item_count(self):
        for session in self:
            session.item_count = len(session.item_ids)

    @api.depends("state", "fulfiller_ids", "shop_id", "item_ids.quota", "item_ids.link_id")
    def _compute_shortage(self):
        for session in self:
            texts = session.item_ids.filtered("shortage").mapped(
                lambda item: f"{item.display_name}: {item.shortage}"
            )
            session.shortage = "\n".join(texts)

    def _compute_order_count(self):
        # sudo: whoever reads the session may know how many orders it has
        groups = (
            self.env["channel.session.tally"]
            .sudo()
            ._read_group([("session_id", "in", self.ids)], ["session_id", "stage"], ["orders:sum"])
        )
        waiting = self._waiting_stages()
        for session in self:
            rows = [(stage, n) for owner, stage, n in groups if owner == session]
            session.order_count = sum(n for _stage, n in rows)
            session.waiting_count = sum(n for stage, n in rows if stage in waiting)

    @api.model
    def _waiting_stages(self):
        """Stages of orders that were paid but have neither units nor a decision yet."""
        return ["held", "exception", "queued"]

    # -- CRUD ----------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals["room_ref"] = vals.get("room_ref") or ""
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and {"state", "opened_at", "closed_at"} & vals.keys():
            raise UserError(self.env._("Use the buttons to open or close a session."))
        if "room_ref" in vals:
            vals = vals | {"room_ref": (vals["room_ref"] or "").strip()}
        if "shop_id" in vals:
            self._check_shop_change(vals["shop_id"])
        res = super().write(vals)
        if "room_ref" in vals:
            # the platform names the room when the stream starts, after the plan was made
            pools = self.item_ids.pool_id.filtered(lambda pool: pool.state != "closed")
            pools.write({"room_ref": vals["room_ref"]})
        return res

    def _check_shop_change(self, shop_id):
        changed = self.filtered(lambda session: session.shop_id.id != shop_id)
        if changed.item_ids:
            raise UserError(
                self.env._(
                    "The items are links of the shop %s. Remove them before you choose another"
                    " shop.",
                    ", ".join(changed.shop_id.mapped("name")),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_opened(self):
        if any(session.state != "draft" for session in self):
            raise UserError(
                self.env._("Only planned sessions can be deleted: orders refer to the others.")
            )

    def unlink(self):
        """Delete the pools of the items too; the database alone would leave them behind."""
        self.item_ids.unlink()
        return super().unlink()

    def copy_data(self, default=None):
        values = super().copy_data(default)
        for session, vals in zip(self, values, strict=True):
            if "name" not in (default or {}):
                vals["name"] = self.env._("%s (copy)", session.name)
        return values

    # -- actions -------------------------------------------------------------------------------

    def action_open(self):
        """Lock the units of all items in stock and start to sell.

        :raise UserError: nothing to sell, opened meanwhile, or stock is short (nothing is locked)
        """
        self.check_access("write")
        self.env["channel.order"]._lock_allocation(fresh=True)
        for session in self:
            session._claim("draft")
            session._check_plan()
            pools = session.item_ids.pool_id.filtered(lambda pool: pool.state == "draft")
            session.sudo().write({"state": "open", "opened_at": fields.Datetime.now()})
            session.sudo().flush_recordset()
            pools.sudo().with_context(channel_whole_session=True)._open()

    def action_close(self):
        """Close the session; asks first when orders still wait for units or for a decision."""
        self.ensure_one()
        self.check_access("write")
        if self.state == "open" and self.waiting_count:
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Close %s", self.name),
                "res_model": "channel.session.close",
                "view_mode": "form",
                "target": "new",
                "context": {"default_session_id": self.id},
            }
        self._close()
        return True

    def _close(self):
        """Stop selling and give back what no order took; there is no way back.

        :raise UserError: not open any more
        """
        self.check_access("write")
        self.env["channel.order"]._lock_allocation(fresh=True)
        for session in self:
            session._claim("open")
            pools = session.item_ids.pool_id.sudo().with_context(channel_whole_session=True)
            pools.filtered(lambda pool: pool.state == "open")._close()
            session.sudo().write({"state": "closed", "closed_at": fields.Datetime.now()})

    def action_new_from_this(self):
        """Plan a new session with the same items and open its form."""
        self.ensure_one()
        session = self.copy()
        return {
            "type": "ir.actions.act_window",
            "res_model": "channel.session",
            "res_id": session.id,
            "view_mode": "form",
        }

    def action_view_orders(self):
        """Open the orders of the session."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Orders of %s", ", ".join(self.mapped("name"))),
            "res_model": "channel.order",
            "view_mode": "list,form,pivot,graph",
            "domain": [("session_id", "in", self.ids)],
        }

    def action_cockpit(self):
        """Open the cockpit of the session."""
        self.ensure_one()
        action = self.env["ir.actions.client"]._for_xml_id(
            "channel_livestream.action_channel_cockpit"
        )
        return action | {"params": {"session_id": self.id}}

    def _check_plan(self):
        """Refuse to open without items or with an item that has no units."""
        self.ensure_one()
        if not self.item_ids:
            raise UserError(
                self.env._("Add at least one item to %s before you open it.", self.name)
            )
        empty = self.item_ids.filtered(lambda item: item.state == "draft" and not item.quota)
        if empty:
            raise UserError(
                self.env._(
                    "Plan units for these items, or remove them: %s",
                    ", ".join(empty.mapped("display_name")),
                )
            )

    def _claim(self, state):
        """Take the session for this transaction; exactly one of two people gets past this."""
        self.ensure_one()
        self.flush_recordset()
        try:
            self.lock_for_update()
        except LockError as error:
            raise UserError(
                self.env._(
                    "Somebody else is opening or closing %s at this moment. Wait a few seconds and"
                    " reload the page.",
                    self.name,
                )
            ) from error
        self.invalidate_recordset(["state"])
        if self.state != state:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(session)s is already “%(state)s”. Reload the page; the notes below the"
                    " session say who did it and when.",
                    session=self.name,
                    state=labels[self.state],
                )
            )
