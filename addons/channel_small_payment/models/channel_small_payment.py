from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_amount

from odoo.addons.channel_network.core.money import from_fen, to_fen
from odoo.addons.channel_network.fields import LeanMany2one
from odoo.addons.channel_order.core.aftersales import GOODS_BACK

from ..core.limits import Purpose, Why, check, needs_second, overpaid

FINANCE = "channel_network.group_finance_clerk"
MANAGER = "channel_network.group_sales_manager"
OPERATOR = "channel_network.group_livestream_operator"
# States in which a payment was made, or may still be.
LIVE = ("to_approve", "to_pay", "paid")
# Written by the buttons, never by a form or a call.
BUTTONS_ONLY = frozenset(
    {"name", "state", "maker_id", "second_person", "approver_id", "decided_at", "refusal_reason",
     "by_platform", "number", "paid_at", "paid_by", "back_at", "back_by", "back_reason"}
)  # fmt: skip
FACTS = ("order_id", "aftersale_id", "purpose", "amount", "maker_id")
PAID_FACTS = ("number", "paid_at", "paid_by")
ACTIVITY = "channel_small_payment.mail_activity_small_payment"


def _row(side, names):
    return ", ".join(f"{side}.{name}" for name in names)


GUARD = f"""
CREATE OR REPLACE FUNCTION channel_small_payment_guard() RETURNS trigger
LANGUAGE plpgsql AS $guard$
BEGIN
    RAISE EXCEPTION 'a small payment that was agreed or made is kept as it was'
          USING ERRCODE = 'check_violation';
END $guard$;
CREATE OR REPLACE TRIGGER channel_small_payment_guard BEFORE UPDATE ON channel_small_payment
    FOR EACH ROW WHEN (
        OLD.state <> 'draft' AND ({_row("NEW", FACTS)}) IS DISTINCT FROM ({_row("OLD", FACTS)})
        OR OLD.state = 'paid' AND NEW.state NOT IN ('paid', 'taken_back')
        OR OLD.state = 'taken_back' AND NEW.state <> 'taken_back'
        OR OLD.state IN ('paid', 'taken_back')
           AND ({_row("NEW", PAID_FACTS)}) IS DISTINCT FROM ({_row("OLD", PAID_FACTS)}))
    EXECUTE FUNCTION channel_small_payment_guard();
CREATE OR REPLACE TRIGGER channel_small_payment_kept BEFORE DELETE ON channel_small_payment
    FOR EACH ROW WHEN (OLD.state IN ('paid', 'taken_back'))
    EXECUTE FUNCTION channel_small_payment_guard();
"""


class ChannelSmallPayment(models.Model):
    """A small sum to a buyer outside any refund (小额打款), from the shop's platform balance.

    Entered by one; above the company's limit approved by another; paid by a person in the
    platform's back office, who then records the platform's number of it. What is recorded stays:
    a payment that was not made is taken back. Limits: ``core.limits``; books:
    ``channel.small.payment.posting``.
    """

    _name = "channel.small.payment"
    _description = "Small Payment"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"

    name = fields.Char("Document Number", required=True, readonly=True, copy=False)
    order_id = LeanMany2one(
        "channel.order", required=True, index=True, domain=[("paid_at", "!=", False)]
    )
    aftersale_id = fields.Many2one(
        "channel.aftersale", "After-sale", ondelete="restrict", index="btree_not_null",
        domain="[('order_id', '=', order_id)]",
        help="The after-sale that it is about. Return freight needs one.",
    )  # fmt: skip
    shop_id = fields.Many2one(
        "channel.shop", compute="_compute_shop", store=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", compute="_compute_shop", store=True, index=True, ondelete="restrict"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    purpose = fields.Selection(
        [
            (Purpose.RETURN_FREIGHT.value, "Return freight"),
            (Purpose.PRICE.value, "Price difference"),
            (Purpose.COMPENSATION.value, "Compensation"),
            (Purpose.MISSING.value, "Missing or wrong goods or gift"),
        ],
        required=True,
        tracking=True,
        help="Return freight is what the buyer spent to send goods back. Everything else is a part "
        "of the price: together with refunds it never comes to more than was paid.",
    )
    amount = fields.Monetary(required=True, tracking=True)
    reason = fields.Char(required=True, help="In words, for whoever approves and pays it.")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("to_approve", "To Approve"),
            ("to_pay", "To Pay"),
            ("paid", "Paid"),
            ("taken_back", "Taken Back"),
            ("refused", "Refused"),
            ("cancelled", "Cancelled"),
        ],
        required=True, readonly=True, default="draft", copy=False, tracking=True,
    )  # fmt: skip
    maker_id = fields.Many2one(
        "res.users", "Entered by", required=True, readonly=True, copy=False, ondelete="restrict",
        default=lambda self: self.env.user,
    )  # fmt: skip
    second_person = fields.Boolean(
        "Needs Approval", readonly=True, copy=False,
        help="The small payments of the order come to more than one person decides.",
    )  # fmt: skip
    approver_id = fields.Many2one(
        "res.users", "Decided by", readonly=True, copy=False, ondelete="restrict", tracking=True,
        help="Who approved or refused it: never the person who entered it.",
    )  # fmt: skip
    decided_at = fields.Datetime("Decided", readonly=True, copy=False)
    refusal_reason = fields.Char("Reason of Refusal", readonly=True, copy=False, tracking=True)
    by_platform = fields.Boolean(
        "Paid by the Platform's Call", readonly=True, copy=False,
        help="The platform was asked to pay; nobody has to do it by hand.",
    )  # fmt: skip
    number = fields.Char(
        "Platform Number", readonly=True, copy=False, tracking=True,
        help="The platform's number of the payment, as its bill will name it.",
    )  # fmt: skip
    paid_at = fields.Datetime("Paid On", readonly=True, copy=False)
    paid_by = fields.Many2one(
        "res.users", "Recorded by", readonly=True, copy=False, ondelete="restrict"
    )
    back_at = fields.Datetime("Taken Back On", readonly=True, copy=False)
    back_by = fields.Many2one(
        "res.users", "Taken Back by", readonly=True, copy=False, ondelete="restrict"
    )
    back_reason = fields.Char("Why Taken Back", readonly=True, copy=False, tracking=True)
    is_mine = fields.Boolean(compute="_compute_is_mine")
    amount_owed = fields.Monetary(
        "Still Owed", compute="_compute_amount_owed",
        help="What the buyer paid, less what was refunded, granted or agreed in other small"
        " payments.",
    )  # fmt: skip
    amount_over = fields.Monetary("More than Owed", compute="_compute_amount_owed")

    _name_uniq = models.Constraint("UNIQUE(company_id, name)", "This number is taken.")
    _number_uniq = models.UniqueIndex(
        "(shop_id, number) WHERE state = 'paid'",
        "A small payment with this number of the platform is recorded already.",
    )
    _freight_uniq = models.UniqueIndex(
        "(aftersale_id) WHERE purpose = 'return_freight'"
        " AND state IN ('to_approve', 'to_pay', 'paid')",
        "The return freight of this after-sale is paid or agreed already.",
    )
    _desk_idx = models.Index("(state, id DESC)")
    _amount_check = models.Constraint(
        "CHECK (amount >= 0 AND (amount > 0 OR state IN ('draft', 'cancelled')))",
        "A small payment is of an amount above 0.",
    )
    _maker_checker = models.Constraint(
        "CHECK (approver_id <> maker_id)",
        "Who entered it cannot approve it: ask a colleague.",
    )
    _second_check = models.Constraint(
        "CHECK (NOT second_person OR approver_id IS NOT NULL"
        " OR state NOT IN ('to_pay', 'paid', 'taken_back'))",
        "Above the limit a second person approves before it is paid.",
    )
    _freight_check = models.Constraint(
        "CHECK (purpose <> 'return_freight' OR aftersale_id IS NOT NULL"
        " OR state IN ('draft', 'cancelled'))",
        "Return freight names the after-sale whose goods came back.",
    )
    _paid_check = models.Constraint(
        "CHECK ((state IN ('paid', 'taken_back')) = (paid_at IS NOT NULL AND number IS NOT NULL))",
        "Exactly what was paid has the platform's number and a moment.",
    )
    _back_check = models.Constraint(
        "CHECK ((state = 'taken_back') = (back_at IS NOT NULL) AND back_at >= paid_at)",
        "Exactly what was paid can be taken back, after it was paid.",
    )

    def init(self):
        self.env.cr.execute(GUARD)

    @api.depends("order_id")
    def _compute_shop(self):
        for payment in self:
            payment.shop_id = payment.order_id.shop_id
            payment.company_id = payment.order_id.company_id

    @api.depends_context("uid")
    @api.depends("maker_id")
    def _compute_is_mine(self):
        for payment in self:
            payment.is_mine = payment.maker_id == self.env.user

    @api.depends("order_id", "amount", "purpose")
    def _compute_amount_owed(self):
        stands = self.env["channel.order"]._small_stands(self.order_id)
        for payment in self:
            owed = over = 0
            if found := stands.get(payment.order_id._origin.id):
                owed = payment._apart(found).owed
                if payment.state in ("to_approve", "to_pay"):
                    over = overpaid(
                        Purpose(payment.purpose), to_fen(payment.amount), payment._apart(found)
                    )
            payment.amount_owed, payment.amount_over = from_fen(owed), from_fen(over)

    @api.constrains("order_id", "aftersale_id", "purpose")
    def _check_aftersale(self):
        for payment in self.filtered("aftersale_id"):
            aftersale = payment.aftersale_id
            if aftersale.order_id != payment.order_id:
                raise ValidationError(
                    self.env._(
                        "After-sale %(ref)s is about another order: choose one of order %(order)s.",
                        ref=aftersale.aftersale_ref,
                        order=payment.order_id.order_ref,
                    )
                )
            if payment.purpose == Purpose.RETURN_FREIGHT and aftersale.kind not in GOODS_BACK:
                raise ValidationError(
                    self.env._(
                        "No goods come back by after-sale %s, so it has no return freight: choose"
                        " another purpose.",
                        aftersale.aftersale_ref,
                    )
                )

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
        payments = super().create(vals_list)
        payments.order_id.check_access("read")
        return payments

    def write(self, vals):
        self._check_values(vals)
        mail = all(name.startswith(("message_", "activity_")) for name in vals)
        if not self.env.su and not mail:
            self._expect_mine("draft")
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_drafts(self):
        if any(payment.state != "draft" for payment in self):
            raise UserError(
                self.env._("Only drafts can be deleted. Cancel what is not wanted any more.")
            )
        if not self.env.su:
            self._expect_mine("draft")

    def _check_values(self, vals):
        """:raise UserError: for what only buttons set, and for amounts that are none"""
        if not self.env.su and BUTTONS_ONLY & vals.keys():
            raise UserError(
                self.env._("Number, state and people of %s change by its buttons only.",
                           self._description)
            )  # fmt: skip
        if "amount" in vals:  # before the field rounds it
            try:
                to_fen(vals["amount"] or 0)
            except ValueError:
                raise UserError(self.env._("An amount is a whole number of fen.")) from None

    # -- buttons -------------------------------------------------------------------------------

    def action_submit(self):
        """Ask for the payment: above the company's limit a colleague approves it first.

        :raise UserError: it is more than a limit allows
        """
        self._expect_role(OPERATOR, MANAGER, FINANCE)
        self._expect_mine("draft")
        self.order_id.sudo()._claim_small()
        for payment in self.sudo():
            stands, rules = payment._stands(), payment.company_id._channel_small_rules()
            payment._check_limits(stands, rules)
            second = needs_second(to_fen(payment.amount), stands, rules)
            payment.write({"second_person": second, "state": "to_approve" if second else "to_pay"})
            payment.flush_recordset()
            if second:
                payment._tell_approvers()
            else:
                payment._ask_platform()

    def action_draft(self):
        """Take back what waits for approval or was refused, to mend it."""
        self._expect_mine("to_approve", "refused")
        self._leave({"state": "draft", "second_person": False, "approver_id": False,
                     "decided_at": False, "refusal_reason": False})  # fmt: skip

    def action_cancel(self):
        """Give up what is not paid: by whoever entered it, or by a manager or finance."""
        if not self._has_role(MANAGER, FINANCE):
            self._expect_mine("draft", "to_approve", "to_pay", "refused")
        self._expect("draft", "to_approve", "to_pay", "refused")
        if asked := self.filtered("by_platform"):
            raise UserError(
                self.env._("The platform was asked to pay %s already: wait for its answer.",
                           asked[0].name)
            )  # fmt: skip
        self._leave({"state": "cancelled"})

    def action_approve(self):
        """Agree to what a colleague entered.

        :raise UserError: the user entered it, or it is more than a limit allows by now
        """
        self._expect_other()
        self.order_id.sudo()._claim_small()
        for payment in self.sudo():
            payment._check_limits(payment._stands(), payment.company_id._channel_small_rules())
            payment._decide("to_pay")
            payment._ask_platform()

    def action_refuse(self):
        """Ask for the reason, then refuse."""
        self._expect_other()
        return self._ask("channel.small.payment.reason", "refuse", self.env._("Refuse"))

    def action_pay(self):
        """Ask for the platform's number of the payment that was made."""
        self._expect_role(OPERATOR, MANAGER, FINANCE)
        self._expect("to_pay")
        return self._ask("channel.small.payment.paid", False, self.env._("Paid"))

    def action_take_back(self):
        """Ask why a payment that is recorded was not made, then reverse it."""
        self._expect_role(FINANCE)
        self._expect("paid")
        return self._ask("channel.small.payment.reason", "back", self.env._("Take Back"))

    def action_open_move(self):
        """The journal entries of the payment."""
        self.ensure_one()
        self._expect_role(FINANCE)
        moves = self.env["channel.small.payment.posting"].search([("payment_id", "=", self.id)])
        if not moves:
            raise UserError(
                self.env._(
                    "%s is not posted yet: that is done when its day is over, or by Post Now in the"
                    " list's actions.",
                    self.name,
                )
            )
        return moves.move_id._get_records_action(name=self.env._("Journal Entries"))

    @api.model
    def _new_action(self, context):
        """The form of a new one."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Small Payment"),
            "res_model": self._name,
            "views": [(False, "form")],
            "context": context,
        }

    def _ask(self, model, what, title):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": model,
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_payment_id": self.id, "default_what": what},
        }

    # -- what buttons do -----------------------------------------------------------------------

    def _refuse(self, reason):
        """Say no to what waits for approval, and why."""
        self._expect_other()
        self._decide("refused", reason)

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
        self.sudo().activity_unlink([ACTIVITY])

    def _leave(self, values):
        self.sudo().write(values)
        self.flush_recordset()
        self.sudo().activity_unlink([ACTIVITY])

    def _ask_platform(self):
        self.by_platform = self.shop_id._owe_small_payment(self)

    def _record_paid(self, number, paid_at):
        """The payment was made: keep the platform's number of it and the moment, once.

        :param number: as the platform's bill will name it
        :param paid_at: UTC
        :raise UserError: it was not agreed, or the number or the moment cannot be
        """
        self.ensure_one()
        self._expect("to_pay")
        payment, number = self.sudo(), (number or "").strip()
        if not number:
            raise UserError(self.env._("Enter the platform's number of the payment."))
        if not payment.order_id.paid_at <= paid_at <= fields.Datetime.now():
            raise UserError(
                self.env._("The moment of the payment lies after that of the order, up to now.")
            )
        same = self.sudo().search(
            [("shop_id", "=", payment.shop_id.id), ("number", "=", number), ("state", "=", "paid")],
            limit=1,
        )
        if same:
            raise UserError(
                self.env._(
                    "Number %(number)s stands on %(other)s of order %(order)s already: look up the"
                    " number of this payment.",
                    number=number,
                    other=same.name,
                    order=same.order_id.order_ref,
                )
            )
        payment.write(
            {"state": "paid", "number": number, "paid_at": paid_at, "paid_by": self.env.uid}
        )
        payment.flush_recordset()
        payment._log("small_payment_paid", number)

    def _take_back(self, reason):
        """The payment was not made: it is reversed in the books, and its money may be given anew."""
        self.ensure_one()
        self._expect_role(FINANCE)
        self._expect("paid")
        payment = self.sudo()
        payment.order_id._claim_small()
        payment.write(
            {
                "state": "taken_back",
                "back_at": fields.Datetime.now(),
                "back_by": self.env.uid,
                "back_reason": reason,
            }
        )
        payment.flush_recordset()
        payment._log("small_payment_back", reason)

    def _log(self, kind, words):
        order = self.order_id
        note = f"{self.name}: {self._yuan(to_fen(self.amount))}, {words}"
        order._log_events([(order.id, kind, order.stage, order.stage)], note)

    def _tell_approvers(self):
        """A to-do for everybody who may approve it but the maker."""
        groups = self.env.ref(MANAGER) | self.env.ref(FINANCE)
        for user in groups.all_user_ids.filtered(
            lambda user: (
                user.active
                and not user.share
                and user != self.maker_id
                and self.company_id in user.company_ids
            )
        ):
            self.with_context(mail_activity_quick_update=True).activity_schedule(
                ACTIVITY, user_id=user.id
            )

    # -- who, when, how much -------------------------------------------------------------------

    def _stands(self):
        """What the order stands at without this payment."""
        return self._apart(self.order_id._small_stands(self.order_id)[self.order_id.id])

    def _apart(self, stands):
        """What the order stands at, without this payment."""
        if self.state not in LIVE:
            return stands
        return stands.without(Purpose(self.purpose), to_fen(self.amount))

    def _check_limits(self, stands, rules):
        """:raise UserError: a limit, in words"""
        refusal = check(Purpose(self.purpose), to_fen(self.amount), stands, rules)
        if not refusal:
            return
        values = {"order": self.order_id.order_ref, "allowed": self._yuan(refusal.allowed)}
        match refusal.why:
            case Why.NOTHING:
                words = self.env._("Enter an amount above 0.")
            case Why.UNPAID:
                words = self.env._("Order %s is not paid: nothing is owed to its buyer.",
                                   self.order_id.order_ref)  # fmt: skip
            case Why.EACH:
                words = self.env._(
                    "A small payment is %(allowed)s at most. For more, ask for a refund on the"
                    " platform.",
                    **values,
                )
            case Why.ORDER:
                words = self.env._(
                    "Small payments of order %(order)s may come to %(allowed)s more. For more, ask"
                    " for a refund on the platform.",
                    **values,
                )
            case Why.OWED:
                words = self.env._(
                    "Of what the buyer of order %(order)s paid only %(allowed)s is not refunded,"
                    " granted or agreed in small payments yet: pay less, or look at its"
                    " after-sales.",
                    **values,
                )
        raise UserError(words)

    def _yuan(self, fen):
        return format_amount(self.env, float(from_fen(fen)), self.currency_id)

    def _has_role(self, *groups):
        return self.env.su or any(self.env.user.has_group(group) for group in groups)

    def _expect_role(self, *groups):
        """:raise AccessError: the user has none of the roles"""
        if not self._has_role(*groups):
            names = ", ".join(self.env.ref(group).sudo().name for group in groups)
            raise AccessError(self.env._("Ask somebody of these roles: %s.", names))
        self.check_access("read")

    def _expect(self, *states):
        """:raise UserError: it is somewhere else by now"""
        labels = dict(self._fields["state"]._description_selection(self.env))
        self.invalidate_recordset(["state"])
        for payment in self.filtered(lambda each: each.state not in states):
            raise UserError(
                self.env._(
                    "%(name)s: this is not possible any more, its state is %(state)s. Reload the"
                    " page.",
                    name=payment.name,
                    state=labels[payment.state],
                )
            )

    def _expect_mine(self, *states):
        """:raise UserError: somebody else entered it, or it is somewhere else by now"""
        self._expect(*states)
        for payment in self.filtered(lambda each: each.maker_id != self.env.user):
            raise UserError(
                self.env._(
                    "%(name)s was entered by %(maker)s, who alone changes it.",
                    name=payment.name,
                    maker=payment.sudo().maker_id.name,
                )
            )

    def _expect_other(self):
        """:raise UserError: it does not wait for approval, or the user entered it"""
        self._expect_role(MANAGER, FINANCE)
        self._expect("to_approve")
        for payment in self.filtered(lambda each: each.maker_id == self.env.user):
            raise UserError(
                self.env._(
                    "You entered %s yourself: a colleague has to decide on it.", payment.name
                )
            )
