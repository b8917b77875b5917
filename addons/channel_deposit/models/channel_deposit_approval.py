from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

FINANCE = "channel_network.group_finance_clerk"
# Kinds of entries that a correction can undo.
UNDOABLE = ("top_up", "refund", "transfer", "capture", "lapse")
# Written by the buttons, never by a form or a call.
BUTTONS_ONLY = frozenset(
    {"name", "state", "maker_id", "submitted_at", "approver_id", "decided_at", "refusal_reason"}
)


def frozen_sql(table, columns, once=()):
    """A trigger by which an approved row keeps its facts and stays; only undoing it is recorded.

    :param columns: names of the columns that may not change any more
    :param once: of columns that may still be filled in, but not changed
    """
    facts = [*columns, "name", "account_id", "amount", "maker_id", "approver_id", "decided_at"]
    new = ", ".join(f"NEW.{column}" for column in (*facts, *once))
    old = ", ".join(
        [f"OLD.{column}" for column in facts]
        + [f"COALESCE(OLD.{column}, NEW.{column})" for column in once]
    )
    return f"""
CREATE OR REPLACE FUNCTION {table}_guard() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
    RAISE EXCEPTION 'what is approved is kept as it was'
          USING ERRCODE = 'check_violation';
END $guard$;
CREATE OR REPLACE TRIGGER {table}_guard BEFORE UPDATE ON {table} FOR EACH ROW
    WHEN (OLD.state IN ('approved', 'reversed')
          AND (NEW.state NOT IN (OLD.state, 'reversed') OR ({new}) IS DISTINCT FROM ({old})))
    EXECUTE FUNCTION {table}_guard();
CREATE OR REPLACE TRIGGER {table}_kept BEFORE DELETE ON {table} FOR EACH ROW
    WHEN (OLD.state IN ('approved', 'reversed'))
    EXECUTE FUNCTION {table}_guard();
"""


class ChannelDepositApproval(models.AbstractModel):
    """A document that one person enters and another approves (maker and checker).

    The person who entered it alone changes it, while it is a draft. Approving books it, once.
    Amounts are yuan.
    """

    _name = "channel.deposit.approval"
    _description = "Entered by One, Approved by Another"
    _inherit = ["mail.thread"]
    _mail_post_access = "read"
    _check_company_auto = True

    name = fields.Char(
        "Document Number",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: self.env._("New"),
    )
    account_id = fields.Many2one(
        "channel.deposit.account",
        "Deposit Account",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
        help="It decides on the company.",
    )
    member_id = fields.Many2one(related="account_id.member_id", store=True, index=True)
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="account_id.currency_id")
    amount = fields.Monetary(required=True, tracking=True)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "To Approve"),
            ("approved", "Approved"),
            ("refused", "Refused"),
            ("cancelled", "Cancelled"),
            ("reversed", "Reversed"),
        ],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )
    maker_id = fields.Many2one(
        "res.users",
        "Entered by",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
        copy=False,
    )
    submitted_at = fields.Datetime("Submitted", readonly=True, copy=False)
    approver_id = fields.Many2one(
        "res.users",
        "Decided by",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        tracking=True,
        help="Who approved or refused it: never the person who entered it.",
    )
    decided_at = fields.Datetime("Decided", readonly=True, copy=False)
    refusal_reason = fields.Char("Reason of Refusal", readonly=True, copy=False, tracking=True)
    is_mine = fields.Boolean(compute="_compute_is_mine")

    _name_uniq = models.Constraint("UNIQUE(company_id, name)", "This number is taken.")
    _maker_checker = models.Constraint(
        "CHECK (approver_id <> maker_id)",
        "Who entered it cannot approve it: ask a colleague.",
    )
    _decided_check = models.Constraint(
        "CHECK ((state IN ('approved', 'refused', 'reversed')) = (approver_id IS NOT NULL)"
        " AND (approver_id IS NULL) = (decided_at IS NULL))",
        "A decision names the person who took it.",
    )

    @api.depends_context("uid")
    @api.depends("maker_id")
    def _compute_is_mine(self):
        for document in self:
            document.is_mine = document.maker_id == self.env.user

    # -- what may be written -------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        entered = {"state": "draft", "maker_id": self.env.uid}
        empty = dict.fromkeys(BUTTONS_ONLY - entered.keys(), False)
        for vals in vals_list:
            self._check_values(vals)
            # given here, so that no default of the context can set them
            vals |= empty | entered
            vals["name"] = self.env["ir.sequence"].sudo().next_by_code(self._name)
        return super().create(vals_list)

    def write(self, vals):
        self._check_values(vals)
        mail = all(name.startswith(("message_", "activity_")) for name in vals)
        if not self.env.su and not mail:
            self._check_mine()
        return super().write(vals)

    def unlink(self):
        self._check_deletable()  # before the record rules, which have no words of their own
        return super().unlink()

    def _check_deletable(self):
        """:raise UserError: what was submitted once is kept, sudo or not"""
        if any(document.state != "draft" for document in self):
            raise UserError(
                self.env._(
                    "Only drafts can be deleted. Cancel what is not wanted any more; undo what is"
                    " approved by a correction with a reason."
                )
            )
        if not self.env.su:
            self._check_mine()

    def _check_values(self, vals):
        """:raise UserError: for what only buttons set, and for amounts that are none"""
        if not self.env.su and BUTTONS_ONLY & vals.keys():
            raise UserError(
                self.env._("Number, state and people of %s change by its buttons only.",
                           self._description)
            )  # fmt: skip
        if "amount" in vals:  # before the field rounds it
            fen = self.env["channel.deposit.account"]._fen(vals["amount"])
            if fen < 0:
                raise UserError(self.env._("An amount is not below 0."))

    def _check_mine(self):
        """:raise UserError: somebody else's document, or one that is no draft any more"""
        for document in self:
            if document.state != "draft":
                raise UserError(
                    self.env._(
                        "%s is not a draft any more. While it waits for approval, take it back to"
                        " draft; what is approved stays as it is.",
                        document.name,
                    )
                )
            if document.sudo().maker_id != self.env.user:
                raise UserError(
                    self.env._(
                        "%(name)s was entered by %(maker)s, who alone changes it: duplicate it to"
                        " go on with a copy of yours.",
                        name=document.name,
                        maker=document.sudo().maker_id.name,
                    )
                )

    # -- what addons fill in -------------------------------------------------------------------

    def _check_complete(self):
        """:raise UserError: something is missing; asked before it is submitted and approved"""

    def _operations(self):
        """What approving books, to be asked of the ledger when it is submitted."""
        return ()

    def _book_approved(self):
        """Book what was approved, once."""
        return self.env["channel.deposit.account"]._book_or_raise(self._operations())

    # -- buttons -------------------------------------------------------------------------------

    def action_submit(self):
        """Ask a colleague to approve drafts; they are checked first."""
        self._check_role()
        for document in self:
            document._check_mine()
            document._check_complete()
            self.env["channel.deposit.account"]._refuse_impossible(document._operations())
        self.sudo().write({"state": "submitted", "submitted_at": fields.Datetime.now()})

    def action_draft(self):
        """Take back what waits for approval or was refused, to mend it."""
        self._move_mine(("submitted", "refused"), "draft")

    def action_cancel(self):
        """Give up what is not approved."""
        self._move_mine(("draft", "submitted", "refused"), "cancelled")

    def _move_mine(self, states, state):
        self._check_role()
        for document in self:
            if document.state not in states:
                raise UserError(self._state_words(document))
            if document.maker_id != self.env.user:
                raise UserError(
                    self.env._(
                        "%(name)s was entered by %(maker)s, who alone takes it back.",
                        name=document.name,
                        maker=document.sudo().maker_id.name,
                    )
                )
        self.sudo().write(
            {"state": state, "approver_id": False, "decided_at": False, "submitted_at": False}
        )

    def action_approve(self):
        """Approve and book: one, or many with an answer for each.

        :return: True for one; for many a notification that names what was refused and why
        """
        self._check_role()
        if len(self) == 1:
            self._approve()
            return True
        failed = self._approve_each()
        done = len(self) - len(failed)
        lines = [self.env._("%s approved.", done)] if done else []
        lines += [f"{document.name}: {words}" for document, words in failed]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if failed else "success",
                "sticky": bool(failed),
                "message": "\n".join(lines),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _approve_each(self):
        """Approve one after the other; what is refused does not stop the others.

        :return: list of ``(document, words)``, of those that were not approved
        """
        failed = []
        for document in self:
            try:
                with self.env.cr.savepoint():
                    document._approve()
            except (UserError, AccessError) as error:
                failed.append((document, str(error)))
        return failed

    def _approve(self):
        self.ensure_one()
        self._check_other()
        self._check_complete()
        self._decide("approved")
        document = self.sudo()
        document._book_approved()
        # what cannot be posted now is the job's, which says why
        self.env["channel.deposit.posting"].sudo()._post_or_pass(document._entries(), [])

    def _refuse(self, reason):
        """Say no to what waits for approval, and why."""
        self._check_role()
        for document in self:
            document._check_other()
            document._decide("refused", reason)

    def action_refuse(self):
        """Ask for the reason, then refuse."""
        self._check_role()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Refuse"),
            "res_model": "channel.deposit.refuse",
            "view_mode": "form",
            "target": "new",
            "context": {"default_res_model": self._name, "default_res_ids": self.ids},
        }

    def action_undo(self):
        """Prepare the correction that undoes what was approved."""
        self.ensure_one()
        self._check_role()
        entry = self._entries().filtered(lambda each: each.kind in UNDOABLE)[:1]
        if self.state != "approved" or not entry:
            raise UserError(self.env._("There is nothing to undo in %s.", self.name))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Undo %s", self.name),
            "res_model": "channel.deposit.request",
            "view_mode": "form",
            "context": {
                "default_kind": "correction",
                "default_entry_id": entry.id,
                "default_account_id": entry.account_id.id,
                "default_amount": abs(entry.posted),
            },
        }

    def action_open_entries(self):
        """Show what approving has booked."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Entries of %s", self.name),
            "res_model": "channel.deposit.entry",
            "view_mode": "list,form",
            "domain": [("id", "in", self._entries().ids)],
        }

    def _source(self):
        """How the ledger's entries name this document."""
        return f"{self._name},{self.id}"

    def _entries(self):
        """The ledger's entries of this document, in their order."""
        return self.env["channel.deposit.entry"].search([("key", "in", self._keys())], order="id")

    def _keys(self):
        """Keys of what approving has booked."""
        return [operation.key for operation in self._operations()]

    def _decide(self, state, reason=False):
        self.sudo().write(
            {
                "state": state,
                "approver_id": self.env.uid,
                "decided_at": fields.Datetime.now(),
                "refusal_reason": reason,
            }
        )
        self.flush_recordset()  # two who decide at once meet here

    def _check_role(self):
        """:raise AccessError: for a user who is not of finance"""
        if not self.env.user.has_group(FINANCE):
            raise AccessError(self.env._("Only finance works on deposits: ask a finance clerk."))
        self.check_access("read")

    def _check_other(self):
        """:raise UserError: it does not wait for approval, or waits for somebody else's"""
        if self.state != "submitted":
            raise UserError(self._state_words(self))
        if self.maker_id == self.env.user:
            raise UserError(
                self.env._(
                    "You entered %s yourself: a colleague of finance has to decide on it.",
                    self.name,
                )
            )

    def _state_words(self, document):
        states = dict(self._fields["state"]._description_selection(self.env))
        return self.env._(
            "%(name)s: this is not possible any more, its state is %(state)s%(who)s. Reload the"
            " page.",
            name=document.name,
            state=states[document.state],
            who=f" ({document.sudo().approver_id.name})" if document.approver_id else "",
        )
