from collections import defaultdict
from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.channel_network.core.money import to_fen

from ..batch_sql import clean, unix
from ..core.aftersales import (
    GOODS_OUT,
    MONEY,
    Answer,
    Case,
    Gate,
    GoodsFacts,
    Limits,
    Refusal,
    Step,
    Why,
    check_answer,
    expected_units,
    releases,
    step_of,
    where_of,
)
from ..core.snapshot import AfterSaleKind, AfterSaleStatus

MAY_ANSWER = (
    "channel_network.group_livestream_operator",
    "channel_network.group_sales_manager",
)
GATE_OF_STEP = {Step.REQUEST.value: Gate.REQUEST.value, Step.GOODS.value: Gate.GOODS.value}


class ChannelAftersale(models.Model):
    """Where after-sales stand, and how they are answered.

    Where one stands is computed from facts (``core.aftersales.step_of``): what the platform last
    said, our answers, and the goods. Who changes a fact calls ``_restep``.
    """

    _inherit = "channel.aftersale"

    version = fields.Integer(
        compute="_compute_version", help="The platform's update time in unix seconds."
    )
    answer_ids = fields.One2many(
        "channel.aftersale.answer",
        "aftersale_id",
        "Answers",
        readonly=True,
        groups="base.group_user",
    )

    @api.depends("updated_at")
    def _compute_version(self):
        for aftersale in self:
            aftersale.version = unix(aftersale.updated_at)

    # -- facts -----------------------------------------------------------------------------------

    @api.model
    def _goods_facts(self, ids) -> dict[int, GoodsFacts]:
        """Hook: what a warehouse knows of the goods of after-sales, by one query.

        :return: {after-sale id: GoodsFacts}; one that is left out has nothing counted
        """
        return {}

    @api.model
    def _cases(self, ids) -> dict[int, Case]:
        """After-sales with everything that says where they stand: {id: Case}."""
        ids = list(ids)
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT a.id, a.kind, a.status, a.updated_at, COALESCE(a.items, 0), o.stage,
                       COALESCE(sold.items, 0), COALESCE(sold.units, 0),
                       COALESCE(a.nothing_more, false)
                  FROM channel_aftersale a
                  LEFT JOIN channel_order o ON o.id = a.order_id
                  LEFT JOIN LATERAL (
                       SELECT sum(l.item_quantity)::int AS items, sum(l.quantity)::int AS units
                         FROM channel_order_line l
                        WHERE l.order_id = a.order_id AND l.state != 'refunded'
                          AND (a.line_ref IS NULL OR l.line_ref = a.line_ref)) sold ON true
                 WHERE a.id = ANY(%s) ORDER BY a.id
                """,
                ids,
            )
        )
        answers, facts = self._given_answers(ids), self._goods_facts(ids)
        cases = {}
        for aftersale_id, kind, status, updated_at, asked, stage, items, units, ended in rows:
            known = facts.get(aftersale_id) or GoodsFacts()
            goods = known.goods
            if not goods.expected:
                goods = replace(goods, expected=expected_units(asked, items, units))
            status = AfterSaleStatus(status)
            cases[aftersale_id] = Case(
                kind=AfterSaleKind(kind),
                status=status,
                version=unix(updated_at),
                where=where_of(stage),
                goods=goods,
                answers=tuple(answers[aftersale_id]),
                fate=known.fate,
                parcels=known.parcels,
                complete=known.complete or ended,
                replaced=known.replaced or status is AfterSaleStatus.REPLACED,
            )
        return cases

    @api.model
    def _given_answers(self, ids):
        """{after-sale id: Answers, oldest first}."""
        self.env["channel.aftersale.answer"].flush_model()
        given = defaultdict(list)
        for aftersale_id, gate, accept, version in self.env.execute_query(
            SQL(
                "SELECT aftersale_id, gate, COALESCE(accept, false), version"
                "  FROM channel_aftersale_answer WHERE aftersale_id = ANY(%s) ORDER BY id",
                ids,
            )
        ):
            given[aftersale_id].append(Answer(Gate(gate), accept, version))
        return given

    @api.model
    def _restep(self, ids):
        """Say anew where after-sales stand. Called whenever a fact of theirs has changed.

        :return: the after-sales that moved
        """
        ids = sorted(ids)
        if not ids:
            return self.browse()
        self._lock(SQL("id = ANY(%s)", ids))
        steps = {key: step_of(case).value for key, case in self._cases(ids).items()}
        moved = self.env.execute_query(
            SQL(
                """
                UPDATE channel_aftersale a SET step = v.step
                  FROM unnest(%s::int[], %s::text[]) AS v(id, step)
                 WHERE a.id = v.id AND a.step IS DISTINCT FROM v.step
             RETURNING a.id
                """,
                list(steps),
                list(steps.values()),
            )
        )
        self.invalidate_model(["step"])
        return self.browse(row[0] for row in moved)

    @api.model
    def _lock(self, where):
        """Keep others from deciding about after-sales until this transaction ends.

        One that was changed since this transaction began raises a conflict: it is tried again and
        sees what the other did.
        """
        self.flush_model()
        self.env.execute_query(
            SQL(
                "SELECT id FROM channel_aftersale WHERE %s ORDER BY id FOR NO KEY UPDATE",
                where,
            )
        )

    @api.model
    def _may_release(self, ids):
        """Those whose money may go back without a person: all units are here and good."""
        return self.browse(key for key, case in self._cases(ids).items() if releases(case))

    # -- answers ---------------------------------------------------------------------------------

    def _answer(self, gate, accept, version, reason="", amount=None):
        """Decide about an after-sale, once for each gate and version, and owe it to the platform.

        The new goods of an exchange or a resend are told when they leave: ``_tell_replacement``.

        :param gate: ``request`` or ``goods``
        :param version: of what was decided on; a changed after-sale is not decided blindly
        :param amount: fen that were seen, where a person saw them
        :raises UserError: it is not decided, and why
        """
        self.ensure_one()
        aftersale = self.sudo()
        # all of the order: two of them granted at once could be more than was paid
        aftersale._lock(
            SQL("id = %s OR order_id = %s", aftersale.id, aftersale.order_id.id or None)
        )
        aftersale.invalidate_recordset()
        answer = Answer(Gate(gate), bool(accept), version)
        if accept and not aftersale.order_id.exists():
            raise UserError(
                self.env._(
                    "Order %(order)s has not come in, so what was paid is not known. Wait for it, "
                    "or refuse after-sale %(ref)s.",
                    order=aftersale.order_ref,
                    ref=aftersale.aftersale_ref,
                )
            )
        case = aftersale._cases(aftersale.ids)[aftersale.id]
        refusal = aftersale._refusal(case, answer, reason or "", amount)
        if refusal:
            raise UserError(aftersale._why_not(refusal, answer))
        reason = clean((reason or "").strip())
        self.env["channel.aftersale.answer"].sudo().create(
            {
                "aftersale_id": aftersale.id,
                "gate": answer.gate.value,
                "accept": answer.accept,
                "version": version,
                "amount": aftersale.amount,
                "reason": reason or False,
                "user_id": self.env.uid,
            }
        )
        if not (accept and answer.gate is Gate.GOODS and case.kind in GOODS_OUT):
            aftersale._tell(answer, reason)
        aftersale._log_answer(answer, reason)
        aftersale._restep(aftersale.ids)

    def _refusal(self, case, answer, reason, amount):
        """Why an answer is not taken, or None."""
        asked = to_fen(self.amount)
        if amount is not None and amount != asked:
            return Refusal(Why.CHANGED)
        money = asked if case.kind in MONEY else 0
        limits = self._limits()
        return check_answer(
            case, answer, amount=money, room=limits.room(to_fen(self.freight)), reason=reason
        )

    def _limits(self) -> Limits:
        """What the buyer paid, and what the order's other after-sales have given or granted."""
        self.ensure_one()
        [row] = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(sold.line, 0), COALESCE(given.line, 0),
                       COALESCE(sold.goods, 0), COALESCE(given.goods, 0),
                       COALESCE(o.amount_freight * 100, 0)::bigint, COALESCE(given.freight, 0)
                  FROM channel_aftersale a
                  LEFT JOIN channel_order o ON o.id = a.order_id
                  LEFT JOIN LATERAL (
                       SELECT (sum(l.amount_paid) * 100)::bigint AS goods,
                              (sum(l.amount_paid) FILTER (
                                   WHERE a.line_ref IS NULL OR l.line_ref = a.line_ref)
                               * 100)::bigint AS line
                         FROM channel_order_line l WHERE l.order_id = a.order_id) sold ON true
                  LEFT JOIN LATERAL (
                       SELECT (sum(b.goods) * 100)::bigint AS goods,
                              (sum(b.goods) FILTER (
                                   WHERE a.line_ref IS NULL OR b.line_ref = a.line_ref)
                               * 100)::bigint AS line,
                              (sum(b.freight) * 100)::bigint AS freight
                         FROM (%(granted)s) b) given ON true
                 WHERE a.id = %(id)s
                """,
                granted=self._granted_by_others(),
                id=self.id,
            )
        )
        return Limits(*row, otherwise=self._given_otherwise())

    def _given_otherwise(self) -> int:
        """Hook: fen of the order's price that were given by no after-sale."""
        return 0

    def _granted_by_others(self):
        """Subquery: line, goods and freight of what the other after-sales of order ``a.order_id``
        have given or granted."""
        return SQL(
            """
            SELECT b.line_ref, b.amount - COALESCE(b.freight, 0) AS goods, b.freight
              FROM channel_aftersale b
             WHERE b.order_id = a.order_id AND b.id != a.id AND b.kind = ANY(%(money)s)
               AND (b.status IN ('agreed', 'returned', 'replaced', 'succeeded')
                    OR b.status = 'applied' AND EXISTS (
                        SELECT FROM channel_aftersale_answer w
                         WHERE w.aftersale_id = b.id AND w.accept
                           AND w.version = extract(epoch FROM b.updated_at)::int))
            """,
            money=sorted(kind.value for kind in MONEY),
        )

    def _log_answer(self, answer, reason):
        order = self.order_id.exists()
        if order:
            kind = "aftersale_grant" if answer.accept else "aftersale_refuse"
            note = f"{self.aftersale_ref}: {reason}" if reason else self.aftersale_ref
            order._log_aftersales([(order.id, kind, order.stage, note)])

    # -- buttons ---------------------------------------------------------------------------------

    def action_grant(self):
        """Ask for confirmation, then grant what waits for a decision."""
        return self._ask("grant", self.env._("Grant"))

    def action_refuse(self):
        """Ask for the reason, then refuse what waits for a decision."""
        return self._ask("refuse", self.env._("Refuse"))

    def action_nothing_more(self):
        """What is not here will not come: go on with what is here.

        :raise UserError: it does not wait for goods
        """
        return self._wait_for_goods(False)

    def action_wait_again(self):
        """The way back: goods may still come."""
        return self._wait_for_goods(True)

    def _wait_for_goods(self, waits):
        self.ensure_one()
        self._require_answerer()
        row = self.sudo()
        row._lock(SQL("id = %s", row.id))
        row.invalidate_recordset()
        if row.nothing_more != waits or (not waits and row.step != Step.WAIT_GOODS):
            raise UserError(
                self.env._(
                    "After-sale %s has gone on meanwhile. Reload the page.", row.aftersale_ref
                )
            )
        row.nothing_more = not waits
        kind = "aftersale_waits_again" if waits else "aftersale_waits_no_more"
        order = row.order_id.exists()
        if order:
            order._log_aftersales([(order.id, kind, order.stage, row.aftersale_ref)])
        row._restep(row.ids)

    def _ask(self, decision, title):
        """The window that confirms a decision; it keeps what was seen: gate, version, fen."""
        self._require_answerer()
        waiting = self.filtered(lambda aftersale: aftersale.step in GATE_OF_STEP)
        if not waiting:
            raise UserError(
                self.env._(
                    "There is nothing to decide here now. Choose after-sales that wait for a "
                    "decision about the request or about the goods."
                )
            )
        seen = {
            str(row.id): [GATE_OF_STEP[row.step], row.version, to_fen(row.amount)]
            for row in waiting
        }
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "channel_order.action_channel_aftersale_decide"
        )
        return action | {
            "name": title,
            "context": {
                "default_aftersale_ids": waiting.ids,
                "default_decision": decision,
                "default_seen": seen,
            },
        }

    def _require_answerer(self):
        if not self.env.su and not any(self.env.user.has_group(group) for group in MAY_ANSWER):
            raise AccessError(
                self.env._(
                    "After-sales are decided by livestream operators and sales managers. Ask one "
                    "of them."
                )
            )
        self.check_access("read")
