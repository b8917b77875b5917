from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.channel_order.batch_sql import unix

from ..core.choose import Terms
from ..core.scheme import EVERYONE, Bucket, Scheme
from ..core.validate import problems

# Once published, who counted with a version must find it as it was; only its end is written.
FROZEN = frozenset(
    {"company_id", "sequence", "date_start", "date_end", "shop_ids", "session_ids", "talent_ids",
     "categ_ids", "grade_ids", "order_kind", "rule_ids", "previous_id", "version", "published_at",
     "published_by"}
)  # fmt: skip
KEPT = "a scheme that was published is kept as it was"
GUARD = f"""
CREATE OR REPLACE FUNCTION settlement_scheme_guard() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
    RAISE EXCEPTION '{KEPT}' USING ERRCODE = 'check_violation';
END $guard$;
CREATE OR REPLACE TRIGGER settlement_scheme_guard BEFORE UPDATE ON settlement_scheme
    FOR EACH ROW WHEN (OLD.state <> 'draft' AND (
        (NEW.company_id, NEW.sequence, NEW.date_start, NEW.date_end, NEW.order_kind, NEW.version,
         NEW.previous_id, NEW.published_at) IS DISTINCT FROM
        (OLD.company_id, OLD.sequence, OLD.date_start, OLD.date_end, OLD.order_kind, OLD.version,
         OLD.previous_id, OLD.published_at)
        OR NEW.state = 'draft' OR OLD.ended_at IS NOT NULL AND NEW.ended_at IS DISTINCT FROM
           OLD.ended_at))
    EXECUTE FUNCTION settlement_scheme_guard();
CREATE OR REPLACE TRIGGER settlement_scheme_kept BEFORE DELETE ON settlement_scheme
    FOR EACH ROW WHEN (OLD.state <> 'draft') EXECUTE FUNCTION settlement_scheme_guard();
"""
ROWS_GUARD = """
CREATE OR REPLACE FUNCTION {table}_guard() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
    IF EXISTS (
        SELECT FROM settlement_scheme s{join}
         WHERE s.state <> 'draft' AND {ours} IN (NEW.{key}, OLD.{key})
    ) THEN
        RAISE EXCEPTION '{kept}' USING ERRCODE = 'check_violation';
    END IF;
    RETURN coalesce(NEW, OLD);
END $guard$;
CREATE OR REPLACE TRIGGER {table}_guard BEFORE INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {table}_guard();
"""


class SettlementScheme(models.Model):
    """Who earns what part of which orders: one version of an agreement.

    A draft is edited and tried; published it is in force from that moment and never changed.
    New terms are the next version, which takes the place of this one for what is released after
    it is published. An order is settled by the first version that is for it, by sequence.
    """

    _name = "settlement.scheme"
    _description = "Settlement Scheme"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    sequence = fields.Integer(
        default=10, help="An order is settled by the first scheme that is for it."
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(
        [("draft", "Draft"), ("running", "In Force"), ("ended", "Ended")],
        required=True, default="draft", readonly=True, copy=False, index=True, tracking=True,
    )  # fmt: skip
    version = fields.Integer(default=1, readonly=True, copy=False, aggregator=None)
    previous_id = fields.Many2one(
        "settlement.scheme", "Previous Version", readonly=True, copy=False, ondelete="restrict"
    )
    published_at = fields.Datetime("In Force Since", readonly=True, copy=False)
    published_by = fields.Many2one("res.users", readonly=True, copy=False)
    ended_at = fields.Datetime("Ended", readonly=True, copy=False)
    date_start = fields.Date(
        "Released From", required=True, default=fields.Date.context_today,
        help="The first day of release, in China, of the orders it is for.",
    )  # fmt: skip
    date_end = fields.Date("Released Until", help="The last day. Empty: open end.")
    shop_ids = fields.Many2many(
        "channel.shop", string="Shops", check_company=True, help="Empty: all shops."
    )
    session_ids = fields.Many2many(
        "channel.session", string="Sessions", check_company=True, help="Empty: any or none."
    )
    talent_ids = fields.Many2many(
        "channel.talent", string="Talents", check_company=True,
        domain=[("kind", "in", ("host", "affiliate"))],
        help="Who sold it: hosts and affiliates. Empty: any or none.",
    )  # fmt: skip
    categ_ids = fields.Many2many(
        "product.category", string="Product Categories", help="With those below. Empty: all."
    )
    grade_ids = fields.Many2many(
        "channel.member.grade", string="Member Grades",
        help="Of the member who owns the shop. Empty: any or none.",
    )  # fmt: skip
    order_kind = fields.Selection(
        [
            ("live", "From a Livestream Room"),
            ("promoted", "By a Talent Elsewhere"),
            ("shop", "From the Shop"),
        ],
        help="Empty: all orders.",
    )
    rule_ids = fields.One2many("settlement.rule", "scheme_id", "Parties", copy=True)
    note = fields.Html()
    trouble = fields.Text(compute="_compute_trouble")

    _version_uniq = models.UniqueIndex(
        "(previous_id) WHERE previous_id IS NOT NULL",
        "There is a next version of this scheme already: open it.",
    )
    _published_check = models.Constraint(
        "CHECK ((state = 'draft') = (published_at IS NULL))",
        "A scheme is in force from the moment it is published.",
    )
    _ended_check = models.Constraint(
        "CHECK ((state = 'ended') = (ended_at IS NOT NULL))", "Only an ended scheme has an end."
    )
    _dates_check = models.Constraint(
        "CHECK (date_end IS NULL OR date_end >= date_start)",
        "A scheme cannot end before it starts.",
    )

    def init(self):
        self.env.cr.execute(GUARD)

    # -- CRUD ----------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        schemes = super().create(vals_list)
        schemes._check_terms()
        return schemes

    def write(self, vals):
        if not self.env.su and {"state", "published_at", "ended_at", "version"} & vals.keys():
            raise UserError(self.env._("Use the buttons to publish or end a scheme."))
        if FROZEN & vals.keys() and any(scheme.published_at for scheme in self):
            raise UserError(
                self.env._(
                    "A published scheme is not changed: orders were split by it. Press Change"
                    " Terms to prepare the next version."
                )
            )
        if "state" in vals:
            self.env.flush_all()  # a published scheme's rules are written no more
        result = super().write(vals)
        if "rule_ids" in vals:
            self._check_terms()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_drafts_only(self):
        if any(scheme.state != "draft" for scheme in self):
            raise UserError(
                self.env._("Only drafts are deleted. Press End to take a scheme out of force.")
            )

    @api.depends("name", "version")
    def _compute_display_name(self):
        for scheme in self:
            name = scheme.name or ""
            scheme.display_name = f"{name} v{scheme.version}" if scheme.version > 1 else name

    @api.depends("rule_ids")
    @api.depends_context("lang")
    def _compute_trouble(self):
        for scheme in self:
            scheme.trouble = "\n".join(scheme._problems()) or False

    # -- terms ---------------------------------------------------------------------------------

    def _problems(self):
        """What is wrong with the terms, in words."""
        self.ensure_one()
        rules = dict(enumerate(self.rule_ids, 1))
        try:
            found = problems(self._scheme(by_place=True))
        except ValueError:
            return [self.env._("Amounts are whole fen: two decimals at most.")]
        words = self.env["settlement.words"]
        texts = [words._of_problem(problem, rules) for problem in found]
        for bucket in Bucket:
            bearers = [rule for rule in self.rule_ids if rule[f"bears_{bucket.value}"]]
            if len(bearers) > 1:
                texts.append(words._of_two(bearers, bucket))
        takers = [rule for rule in self.rule_ids if rule.takes_freight]
        if len(takers) > 1:
            texts.append(words._of_two(takers))
        return texts

    def _check_terms(self):
        for scheme in self:
            texts = scheme._problems()
            if texts:
                raise ValidationError("\n".join(texts))

    def _scheme(self, by_place=False):
        """The terms as the core counts with them (``core.scheme.Scheme``).

        :param by_place: rules are numbered 1, 2, … as they stand here, not by their id: what is
            being entered has none
        """
        self.ensure_one()
        numbers = {rule: place for place, rule in enumerate(self.rule_ids, 1)}
        if not by_place:
            numbers = {rule: rule.id for rule in self.rule_ids}
        bearers = {bucket: number for rule, number in numbers.items() for bucket in rule._bears()}
        freight = [number for rule, number in numbers.items() if rule.takes_freight]
        return Scheme(
            tuple(rule._rule(number) for rule, number in numbers.items()),
            bearers,
            freight[0] if freight else EVERYONE,
        )

    def _terms(self):
        """What a published version is for (``core.choose.Terms``)."""
        self.ensure_one()
        categories = self.env["product.category"]
        if self.categ_ids:
            categories = categories.search([("id", "child_of", self.categ_ids.ids)])
        return Terms(
            id=self.id,
            sequence=self.sequence,
            published=unix(self.published_at),
            ended=unix(self.ended_at) if self.ended_at else None,
            first=not self.previous_id,
            start=self.date_start,
            end=self.date_end or None,
            shops=frozenset(self.shop_ids.ids),
            sessions=frozenset(self.session_ids.ids),
            talents=frozenset(self.talent_ids.ids),
            categories=frozenset(categories.ids),
            grades=frozenset(self.grade_ids.ids),
            kind=self.order_kind or "",
        )

    # -- buttons -------------------------------------------------------------------------------

    def _ask_clerk(self):
        if not self.env.user.has_group("channel_network.group_finance_clerk"):
            raise UserError(self.env._("Finance clerks publish and end schemes."))
        self.check_access("write")

    def action_publish(self):
        """Bring drafts into force; each ends the version before it, in the same moment."""
        self._ask_clerk()
        now = fields.Datetime.now()
        for scheme in self:
            if scheme.state != "draft":
                raise UserError(self.env._("%s is published already.", scheme.display_name))
            scheme._check_terms()
            scheme.sudo().previous_id.filtered(lambda old: old.state == "running").write(
                {"state": "ended", "ended_at": now}
            )
            scheme.sudo().write(
                {"state": "running", "published_at": now, "published_by": self.env.uid}
            )
        self.env["settlement.todo"]._look_again()

    def action_end(self):
        """Take schemes out of force now; what was released until now is still settled by them."""
        self._ask_clerk()
        for scheme in self:
            if scheme.state != "running":
                raise UserError(self.env._("%s is not in force.", scheme.display_name))
            scheme.sudo().write({"state": "ended", "ended_at": fields.Datetime.now()})

    def action_change_terms(self):
        """Open the next version as a draft: the one that is there, or a new copy."""
        self.ensure_one()
        self._ask_clerk()
        following = self.search([("previous_id", "=", self.id)])
        if not following:
            following = self.copy({"name": self.name})
            following.sudo().write({"previous_id": self.id, "version": self.version + 1})
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": following.id,
            "views": [(False, "form")],
        }

    def action_try(self):
        """Open the panel that splits any order or amount by these terms."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Try It"),
            "res_model": "settlement.try",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_scheme_id": self.id},
        }
