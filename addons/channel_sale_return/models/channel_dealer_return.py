from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

MANAGER = "channel_network.group_sales_manager"
SEES_MONEY = "channel_network.group_finance_clerk,channel_network.group_sales_rep"
TODO = "mail.mail_activity_data_todo"
STATES = [
    ("draft", "Draft"),
    ("submitted", "To Approve"),
    ("approved", "Waiting for the Goods"),
    ("received", "Received"),
    ("done", "Done"),
    ("refused", "Refused"),
    ("cancelled", "Cancelled"),
]
# Written by the steps alone; a user's write would get round them.
GUARDED = {
    "name", "state", "stops", "hold", "refusal_reason", "approver_id", "approved_at",
    "picking_ids", "credit_ids",
}  # fmt: skip
EDITABLE = {"member_id", "company_id", "kind", "line_ids"}  # of a draft


class ChannelDealerReturn(models.Model):
    """A dealer asks to send goods back (退换货): request, approval, receipt, inspection, credit.

    The goods come in as the return of their deliveries. A return is credited at what was invoiced,
    with the rebate that was used; of an exchange the same goods are delivered again (decision 0013).
    """

    _name = "channel.dealer.return"
    _description = "Dealer Return"
    _inherit = ["portal.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(
        required=True, readonly=True, copy=False, default=lambda self: self.env._("New")
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True,
        default=lambda self: self.env.company,
    )  # fmt: skip
    currency_id = fields.Many2one(related="company_id.currency_id")
    member_id = fields.Many2one(
        "channel.member", required=True, index=True, check_company=True, ondelete="restrict"
    )
    kind = fields.Selection(
        [("return", "Return"), ("exchange", "Exchange")], required=True, default="return",
        help="Return: what comes back is credited. Exchange: the same goods are delivered again, and"
        " no money moves.",
    )  # fmt: skip
    state = fields.Selection(
        STATES, required=True, readonly=True, default="draft", copy=False, index=True, tracking=True
    )
    note = fields.Text("Words of the Dealer")
    line_ids = fields.One2many("channel.dealer.return.line", "return_id", "Lines", copy=True)
    stops = fields.Text(
        "Outside the Policy", readonly=True, copy=False,
        help="Why a sales manager must say a reason to approve it.",
    )  # fmt: skip
    hold = fields.Text(
        "Waits for a Person", readonly=True, copy=False,
        help="Why it was received, but is neither credited nor replaced.",
    )  # fmt: skip
    refusal_reason = fields.Text(readonly=True, copy=False)
    approver_id = fields.Many2one(
        "res.users", readonly=True, copy=False,
        help="Empty for an approved return: the policy approved it.",
    )  # fmt: skip
    approved_at = fields.Datetime(readonly=True, copy=False)
    picking_ids = fields.One2many(
        "stock.picking", "channel_dealer_return_id", "Receipts", readonly=True
    )
    credit_ids = fields.One2many(
        "account.move", "channel_dealer_return_id", "Credit Notes", readonly=True,
        groups="account.group_account_invoice,account.group_account_readonly",
    )  # fmt: skip
    amount = fields.Monetary(
        compute="_compute_amount", groups=SEES_MONEY,
        help="What the goods were invoiced with, less rebate.",
    )  # fmt: skip

    _approved_check = models.Constraint(
        "CHECK (state NOT IN ('approved', 'received', 'done') OR approved_at IS NOT NULL)",
        "What is approved says when.",
    )
    _checker_check = models.Constraint(
        "CHECK (approver_id IS NULL OR approver_id <> create_uid)",
        "Who asked for a return does not approve it: ask another sales manager.",
    )

    @api.depends("line_ids.worth")
    def _compute_amount(self):
        for request in self:
            request.amount = sum(request.line_ids.mapped("worth"))

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_guarded(set().union(*vals_list))
        for vals in vals_list:
            company = vals.get("company_id") or self.env.company.id
            sequence = self.env["ir.sequence"].with_company(company).sudo()
            vals["name"] = sequence.next_by_code(self._name) or "/"
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_guarded(vals.keys())
        if not EDITABLE.isdisjoint(vals) and not self.env.su:
            self._refuse_fixed()
        return super().write(vals)

    def _refuse_guarded(self, names):
        if not self.env.su and not GUARDED.isdisjoint(names):
            raise AccessError(self.env._("A return changes by its buttons only."))

    def _refuse_fixed(self):
        """:raise UserError: what was asked for does not change any more"""
        for request in self:
            if request.state != "draft":
                raise UserError(
                    self.env._(
                        "%s was sent: cancel it and set it back to draft to change it.",
                        request.name,
                    )
                )

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for request in self:
            request.access_url = f"/my/returns/{request.id}"
        return result

    # -- buttons ---------------------------------------------------------------------------------

    def action_submit(self):
        """Ask for it. What can never be is refused at once, in words; what the policy does not
        allow waits for the sales manager.

        :raise UserError: more than was delivered, no quantity, a reason or a picture is missing
        """
        for request in self:
            request._move("draft", "submitted")
            request.sudo().line_ids.order_id._count_returns()
            hard, soft, policy = request.sudo()._judge()
            if hard:
                raise UserError("\n".join(hard))
            request.sudo().stops = "\n".join(soft) or False
            if not soft and policy.automatic:
                request._approve()
            else:
                request._ask(request.env._("A dealer wants to send goods back"))
        return True

    def action_approve(self, reason=""):
        """The goods may come: their receipt waits in Inventory.

        :raise UserError: it is outside the policy and no reason is given, or it is decided already
        """
        self._require_manager()
        for request in self:
            if request.stops and not (reason or "").strip():
                raise UserError(
                    request.env._(
                        "%(name)s is outside the policy. Say why it is approved:\n%(stops)s",
                        name=request.name,
                        stops=request.stops,
                    )
                )
            if request.create_uid == request.env.user:
                raise UserError(
                    request.env._(
                        "You asked for %s yourself: another sales manager approves it.",
                        request.name,
                    )
                )
            request._approve(reason, request.env.user)
        return True

    def action_refuse(self, reason):
        """Not taken back; the dealer reads why.

        :raise UserError: without a reason, or it is decided already
        """
        self._require_manager()
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why it is refused: the dealer reads it."))
        for request in self:
            request._move("submitted", "refused", refusal_reason=reason)
            request._tell(request.env._("Refused: %s", reason))
        return True

    def action_cancel(self):
        """Take it back, while no goods have come."""
        for request in self:
            request._move(("draft", "submitted", "approved"), "cancelled")
            request.sudo().picking_ids.filtered(lambda p: p.state != "done").action_cancel()
        return True

    def action_draft(self):
        """Change a request that was cancelled or refused, and ask anew."""
        for request in self:
            request._move(
                ("refused", "cancelled"), "draft", stops=False, refusal_reason=False,
                approver_id=False, approved_at=False,
            )  # fmt: skip
        return True

    def action_decide(self):
        """Button “Decide…”: approve or refuse, with a reason."""
        return self._open_wizard("channel.dealer.return.decide", self.env._("Decide"))

    def action_receive(self):
        """Button “Count…”: what came of it, unit by unit."""
        return self._open_wizard("channel.dealer.return.count", self.env._("Count"))

    def _open_wizard(self, model, name):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "form",
            "target": "new",
            "context": {"default_return_id": self.id},
        }

    # -- steps -----------------------------------------------------------------------------------

    def _approve(self, reason="", approver=None):
        values = {"approver_id": approver and approver.id, "approved_at": fields.Datetime.now()}
        self._move("submitted", "approved", **values)
        self.sudo()._make_receipt()
        words = self.env._("Approved. Send the goods, with %s on the parcel.", self.name)
        reason = (reason or "").strip()
        self._tell(f"{words} {reason}" if reason else words)

    def _move(self, old, new, **values):
        """Change the state for one of two people who do it at once; to-dos about it are over.

        :raise UserError: it is not in the old state any more
        """
        self.ensure_one()
        self.check_access("write")
        self.env.flush_all()
        # Who waits here is run again by Odoo, and then sees what the other one did.
        self.env.execute_query(
            SQL("SELECT id FROM channel_dealer_return WHERE id = %s FOR NO KEY UPDATE", self.id)
        )
        self.invalidate_recordset(["state"])
        if self.state not in ([old] if isinstance(old, str) else old):
            states = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(name)s is “%(state)s” already. Reload the page.",
                    name=self.name,
                    state=states[self.state],
                )
            )
        self.sudo().write({"state": new, **values})
        self.sudo().activity_unlink([TODO])

    def _require_manager(self):
        if not self.env.su and not self.env.user.has_group(MANAGER):
            raise AccessError(
                self.env._("Returns are decided about by sales managers. Ask one of them.")
            )

    def _ask(self, summary):
        """A to-do for who leads the sales of the member, else for its representative."""
        user = self.member_id.sudo().user_id
        leader = user.sale_team_id.user_id or user
        if leader:
            self.sudo().activity_schedule(TODO, user_id=leader.id, summary=summary)

    def _tell(self, words):
        """A message that the dealer reads."""
        self.sudo().message_post(
            body=words,
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.sudo().member_id.partner_id.ids,
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_drafts(self):
        if any(request.state not in ("draft", "cancelled") for request in self):
            raise UserError(self.env._("Only drafts and cancelled returns are deleted."))
