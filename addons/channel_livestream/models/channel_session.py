from odoo import api, fields, models


class ChannelSession(models.Model):
    """One livestream with its items: planned, open (units locked out of stock), closed.

    A session without a room id is the standing session (日常场次): its items sell in any room of the
    shop. A closed session stays closed; the next one is made from it with its plan.
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
        "res.company", required=True, index=True, default=lambda self: self.env.company
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
        help="The platform's id of the livestream room. Empty: a standing session, sells in any room.",
    )
    is_standing = fields.Boolean("Standing Session", compute="_compute_is_standing")
    planned_start = fields.Datetime(
        "Planned Start", required=True, default=fields.Datetime.now, copy=False, tracking=True
    )
    planned_end = fields.Datetime("Planned End", copy=False, tracking=True)
    opened_at = fields.Datetime("Opened", readonly=True, copy=False)
    closed_at = fields.Datetime("Closed", readonly=True, copy=False)
    fulfiller_ids = fields.Many2many(
        "channel.fulfiller",
        string="Fulfillers",
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
