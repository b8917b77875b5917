from collections import Counter
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.channel_network.core.money import to_fen
from odoo.addons.channel_order.batch_sql import copy_rows, update_rows

from ..core import alipay, pos, unionpay, wechat
from ..core.bill import FEE_UNITS
from ..core.match import (
    UNFINISHED,
    Beyond,
    Cause,
    Finding,
    Known,
    Rules,
    Told,
    expected_fee,
    findings,
    plan,
)
from ..core.values import written

# Bills of trades; those of funds tell the same money once more.
TRADE = [wechat.TRADE, alipay.TRADE, unionpay.FORMAT, pos.FORMAT]
_CHINA = timedelta(hours=8)
_KEY = SQL("CASE r.kind WHEN 'payment' THEN r.ref ELSE r.refund_own END AS key")
_JOINED = SQL("r.id, r.kind, r.day, r.amount, r.fee, r.status, %s", _KEY)
_WORK_MEM = "256MB"  # of a month with a million rows, so that no side of the join goes to the disk
_APPS = ("公众账号ID", "门店编号", "二级商户代码")


class ReconcileAccount(models.Model):
    """Bills against the books: joined in sets, what does not agree judged by ``core.match``."""

    _inherit = "reconcile.account"

    merchant_id = fields.Many2one(
        "channel.payment.merchant", "Merchant Number of Payments",
        compute="_compute_merchant_id", store=True, readonly=False, index="btree_not_null",
        check_company=True, help="Payments to it are what the bills of this account should tell.",
    )  # fmt: skip
    fee_rate = fields.Float(
        "Fee (%)", digits=(6, 4), tracking=True, help="As agreed. 0: fees are not compared."
    )
    near_cut = fields.Integer(
        "Around the Day's End (Minutes)", required=True, default=30,
        help="So close to the end of the channel's day, a payment may stand on another day.",
    )  # fmt: skip
    matched_at = fields.Datetime("Last Matched", readonly=True, copy=False)
    shop_refs = fields.Char(
        "Apps and Stores", help="As bills name them, with commas between. Empty: all are ours."
    )

    @api.depends("kind", "number")
    def _compute_merchant_id(self):
        merchants = self.env["channel.payment.merchant"].sudo()
        for account in self:
            account.merchant_id = account.merchant_id or merchants.search(
                [
                    ("channel", "=", account.kind),
                    ("number", "=", account.number),
                    ("company_id", "=", account.company_id.id),
                ],
                limit=1,
            )

    # -- the books ---------------------------------------------------------------------------

    def _has_books(self) -> bool:
        """Whether anything here says what the account's bills should tell."""
        return bool(self.merchant_id)

    def _books(self, only: SQL | None = None, start=None, end=None) -> SQL:
        """What the account's bills should tell: source, id, kind, at (UTC), key, amount, order_id.

        :param only: keys to look for, whatever their day; else moments from ``start`` to ``end``
        """
        self.ensure_one()

        def wanted(key, at):
            if only is not None:
                return SQL("%s = ANY(%s)", key, only)
            return SQL("%s >= %s AND %s < %s", at, start, at, end)

        return SQL(
            """
            SELECT 'channel.payment'::text AS source, p.id, 'payment'::text AS kind,
                   p.paid_at AS at, p.transaction_ref AS key, p.amount, p.order_id
              FROM channel_payment p
             WHERE p.merchant_id = %(merchant)s AND %(paid)s
             UNION ALL
            SELECT 'channel.aftersale', a.id, 'refund', a.updated_at, a.aftersale_ref, -a.amount,
                   a.order_id
              FROM channel_aftersale a
             WHERE a.status = 'succeeded' AND a.amount > 0 AND %(refunded)s
               AND EXISTS (SELECT FROM channel_payment p
                            WHERE p.order_id = a.order_id AND p.merchant_id = %(merchant)s)
            """,
            merchant=self.merchant_id.id,
            paid=wanted(SQL("p.transaction_ref"), SQL("p.paid_at")),
            refunded=wanted(SQL("a.aftersale_ref"), SQL("a.updated_at")),
        )

    # -- matching ----------------------------------------------------------------------------

    @api.model
    def _cron_match(self):
        """Each night: look again at the last days, and as far back as a month at what differs."""
        days, differences = self.env["reconcile.day"], self.env["reconcile.difference"]
        month = fields.Date.today() - timedelta(days=31)
        for account, last in days._read_group([("day", ">=", month)], ["account_id"], ["day:max"]):
            open_ones = [
                ("account_id", "=", account.id), ("state", "in", ("open", "waiting")),
                ("day", ">=", month),
            ]  # fmt: skip
            oldest = differences.search(open_ones, order="day", limit=1).day
            start = last - timedelta(days=2)
            account._enqueue_match(min(start, oldest or start), last)

    def _enqueue_match(self, start, end):
        """Queue the matching of some days; what still differs in the week before comes with it."""
        self.ensure_one()
        if not self._has_books():
            return
        before = self.env["reconcile.difference"].sudo().search(
            [
                ("account_id", "=", self.id), ("state", "in", ("open", "waiting")),
                ("day", ">=", start - timedelta(days=7)), ("day", "<", start),
            ],
            order="day", limit=1,
        )  # fmt: skip
        start = before.day or start
        self.with_delay(
            identity_key=f"channel_reconcile.match.{self.id}.{start}.{end}",
            description=self.env._("Match %(account)s", account=self.name),
            priority=16,
        )._job_match(start, end)

    def _job_match(self, start, end) -> str:
        """Job: match some days."""
        account = self.sudo()
        to_date = fields.Date.to_date
        return f"{account._match(to_date(start), to_date(end))} differ"

    def _match(self, start, end) -> int:
        """Match the days of an account from ``start`` to ``end``; how many differ.

        Without anything in the books that its bills could be of, nothing is matched.
        The same days again give the same differences; those that are none any more are gone.
        """
        self.ensure_one()
        if not self._has_books():
            return 0
        self.env.flush_all()
        # one at a time: whoever has looked before the other's commit fails here, and tries again
        self.env.cr.execute(
            SQL(
                "UPDATE reconcile_account SET matched_at = now() AT TIME ZONE 'UTC' WHERE id = %s",
                self.id,
            )
        )
        found = self._find(start, end)
        self._keep(found, start, end)
        self._count(found)
        self.env.invalidate_all()
        return len(found)

    def _rules(self) -> Rules:
        shops = (self.shop_refs or "").replace("，", ",").split(",")
        return Rules(
            fee_rate=round(self.fee_rate * 10_000) or None,
            near_cut=timedelta(minutes=self.near_cut),
            shops=frozenset(filter(None, map(str.strip, shops))),
        )

    def _find(self, start, end) -> list[Finding]:
        """What differs; the sums of the days are written beside it."""
        rules = self._rules()
        # a million keys are hashed in a third of the time that sorting them takes
        self.env.cr.execute(
            SQL("SET LOCAL work_mem = %s; SET LOCAL enable_mergejoin = off", _WORK_MEM)
        )
        joined = self.env.execute_query(self._join(start, end, rules))
        self.env.cr.execute("RESET work_mem; RESET enable_mergejoin")
        rows = self._told_of([row[0] for row in joined if row[0]])
        pairs = [(rows.get(row[0]), row[1] and _known(*row[1:])) for row in joined]
        return findings(pairs, self._beyond(pairs), rules)

    def _told_of(self, ids):
        """Rows of the bill by id."""
        wanted = self._told(SQL("r.id = ANY(%s)", ids))
        return {row[0]: _told(*row) for row in self.env.execute_query(wanted)}

    def _told(self, where: SQL) -> SQL:
        return self._rows(
            where,
            SQL("r.id, r.kind, r.day, r.at, %s, r.own, r.amount, r.fee, r.status, r.extra", _KEY),
        )

    def _rows(self, where: SQL, columns: SQL) -> SQL:
        """Columns of the rows that are matched: payments and refunds of bills of trades."""
        return SQL(
            """
            SELECT %s FROM reconcile_bill_row r
             WHERE r.account_id = %s AND r.form = ANY(%s) AND r.kind IN ('payment', 'refund') AND %s
            """,
            columns,
            self.id,
            TRADE,
            where,
        )

    def _known_days(self, books: SQL) -> SQL:
        return SQL("SELECT b.*, (b.at + %s)::date AS day FROM (%s) b", self._day_shift(), books)

    def _known_between(self, start, end) -> SQL:
        """The books of the days that a bill covers; of others nothing is expected yet."""
        days = self._covered(start, end)
        first, last = (days[0], days[-1]) if days else (end, start)
        begin, until = self._moments(first, last)
        books = self._known_days(self._books(start=begin, end=until))
        if len(days) > (last - first).days:
            return books
        return SQL("SELECT * FROM (%s) covered WHERE day = ANY(%s)", books, days)

    def _covered(self, start, end):
        """Days from ``start`` to ``end`` that lie between the first and the last row of a bill."""
        begin, until = self._moments(start, end)
        bills = self.env["reconcile.bill"].sudo().search(
            [
                ("account_id", "=", self.id), ("form", "in", TRADE), ("state", "=", "done"),
                ("first_at", "<", until), ("last_at", ">=", begin),
            ]
        )  # fmt: skip
        shift, days = self._day_shift(), set()
        for bill in bills:
            day, last = (bill.first_at + shift).date(), (bill.last_at + shift).date()
            days |= {day + timedelta(days=n) for n in range((last - day).days + 1)}
        return sorted(day for day in days if start <= day <= end)

    def _day_shift(self):
        """What makes a moment's date (UTC) the account's day."""
        cut = int(self.day_cut)
        return _CHINA + timedelta(hours=24 - cut if cut else 0)

    def _moments(self, start, end):
        shift = self._day_shift()
        begin = fields.Datetime.to_datetime(start) - shift
        return begin, fields.Datetime.to_datetime(end) + timedelta(days=1) - shift

    def _join(self, start, end, rules) -> SQL:
        """Join both sides of some days: write the sums of each day, and return what differs.

        Both sides are read once. A fee is compared here before it is rounded, which is up to half a
        fen, and exactly by ``core.match``.
        """
        fee = SQL("false")
        if rules.fee_rate is not None:
            fee = SQL(
                "abs(t.fee::float8 - t.amount::float8 * %s) > %s",
                rules.fee_rate / 1_000_000,
                (rules.fee_tolerance / FEE_UNITS - 0.5) / 100,
            )
        return SQL(
            """
            WITH joined AS MATERIALIZED (
                SELECT t.id AS row_id, t.day, t.amount, t.fee, k.source, k.id, k.kind, k.day AS "on",
                       k.at, k.key, k.order_id, k.amount AS entered,
                       t.id IS NULL OR k.id IS NULL OR t.amount <> k.amount OR t.day <> k.day
                       OR (t.kind = 'refund' AND t.status = ANY(%(unfinished)s))
                       OR %(fee)s AS differs
                  FROM (%(told)s) t
                  FULL JOIN (%(known)s) k ON k.key = t.key AND k.kind = t.kind
            ), days AS (
                INSERT INTO reconcile_day (company_id, account_id, day, bill_count, bill_amount,
                    bill_fee, books_count, books_amount, difference_count, matched_count,
                    difference_amount, matched_at)
                SELECT %(company)s, %(account)s, day, coalesce(b.count, 0), coalesce(b.amount, 0),
                       coalesce(b.fee, 0), coalesce(k.count, 0), coalesce(k.amount, 0), 0,
                       coalesce(b.count, 0), coalesce(b.amount, 0) - coalesce(k.amount, 0),
                       now() AT TIME ZONE 'UTC'
                  FROM (SELECT day, count(*), sum(amount) AS amount, sum(fee) AS fee
                          FROM joined WHERE row_id IS NOT NULL GROUP BY day) b
                  FULL JOIN (SELECT "on" AS day, count(*), sum(entered) AS amount
                               FROM joined WHERE id IS NOT NULL GROUP BY "on") k USING (day)
                ON CONFLICT (account_id, day) DO UPDATE SET
                    (bill_count, bill_amount, bill_fee, books_count, books_amount,
                     difference_count, matched_count, difference_amount, matched_at) =
                    (excluded.bill_count, excluded.bill_amount, excluded.bill_fee,
                     excluded.books_count, excluded.books_amount, excluded.difference_count,
                     excluded.matched_count, excluded.difference_amount, excluded.matched_at)
            )
            SELECT row_id, source, id, kind, "on", at, key, order_id, entered
              FROM joined WHERE differs ORDER BY row_id, source, id
            """,
            told=self._rows(SQL("r.day BETWEEN %s AND %s", start, end), _JOINED),
            known=self._known_between(start, end),
            unfinished=sorted(UNFINISHED),
            fee=fee,
            company=self.company_id.id,
            account=self.id,
        )

    def _beyond(self, pairs) -> Beyond:
        """What other days hold of the rows that stand alone."""
        told = [each for each, known in pairs if each and not known]
        known = [each for row, each in pairs if each and not row]
        elsewhere, rows, twice, paid = {}, {}, set(), set()
        if told:
            books = self._known_days(self._books(only=SQL("%s", [each.key for each in told])))
            for source, id_, kind, at, key, amount, order, day in self.env.execute_query(books):
                elsewhere[key] = _known(source, id_, kind, day, at, key, order, amount)
            twice = self._paid_twice(told)
        if known:
            keys = [each.key for each in known]
            there = SQL("(r.ref = ANY(%s) OR r.refund_own = ANY(%s))", keys, keys)
            for row in self.env.execute_query(self._told(there)):
                each = _told(*row)
                rows[each.key] = each
            paid = self._entered_twice(known)
        return Beyond(elsewhere, rows, twice, paid)

    def _paid_twice(self, told):
        """Our numbers of lone payments under which the bill has another one, which is none of them."""
        lone = [each.id for each in told]
        own = [each.own for each in told if each.own and each.kind == "payment"]
        rows = self._rows(
            SQL("r.own = ANY(%s) AND r.kind = 'payment' AND r.id <> ALL(%s)", own, lone),
            SQL("r.own"),
        )
        return {own for (own,) in self.env.execute_query(rows)}

    def _entered_twice(self, known):
        """Orders of lone payments that have another payment, which is none of them."""
        lone = [each.id for each in known if each.source == "channel.payment"]
        orders = [int(each.own) for each in known if each.source == "channel.payment"]
        rows = self.env.execute_query(
            SQL(
                "SELECT order_id FROM channel_payment WHERE merchant_id = %s"
                " AND order_id = ANY(%s) AND id <> ALL(%s)",
                self.merchant_id.id,
                orders,
                lone,
            )
        )
        return {str(order) for (order,) in rows}

    # -- what is kept ------------------------------------------------------------------------

    def _keep(self, found, start, end):
        """Write the differences of some days: new ones, what changed, and those that are gone.

        What stands alone on the last of the days may be told by the next bill: it waits.
        """
        differences = self.env["reconcile.difference"].sudo()
        standing = differences._standing(self, start, end, found)
        todo = plan([each for each, _state in standing], found)
        rate = self._rules().fee_rate
        states = {each.id: state for each, state in standing}
        gone = [id_ for id_ in todo.gone if states[id_] != "settled"]
        self._to_state(gone, "gone")
        rows = [{"id": id_, **_changing(each, rate)} for id_, each in todo.kept]
        update_rows(self.env.cr, "reconcile_difference", _TYPES, rows)
        late = [id_ for id_, each in todo.kept if states[id_] == "waiting" and each.day < end]
        self._to_state(late, "open")
        now = fields.Datetime.now()
        copy_rows(
            self.env.cr,
            "reconcile_difference",
            (*_KEPT, *_TYPES),
            (
                (
                    self.company_id.id, self.id, (each.told or each.known).kind,
                    (each.told or each.known).key or "?", _first_state(each, end), str(now),
                    str(now), self.env.uid, self.env.uid, *map(_text, _changing(each, rate).values()),
                )
                for each in todo.new
            ),
        )  # fmt: skip

    def _to_state(self, ids, state):
        rows = [{"id": id_, "state": state} for id_ in ids]
        update_rows(self.env.cr, "reconcile_difference", {"state": "text"}, rows)

    def _count(self, found):
        """Write how many rows of each day differ."""
        counts = Counter(each.told.day for each in found if each.told)
        self.env.cr.execute(
            SQL(
                """
                UPDATE reconcile_day AS day SET difference_count = found.count,
                       matched_count = bill_count - found.count
                  FROM unnest(%s::date[], %s::int[]) AS found (day, count)
                 WHERE day.account_id = %s AND day.day = found.day
                """,
                list(counts),
                list(counts.values()),
                self.id,
            )
        )


_KEPT = (
    "company_id", "account_id", "kind", "key", "state", "create_date", "write_date", "create_uid",
    "write_uid",
)  # fmt: skip
_TYPES = {
    "day": "date", "cause": "text", "row_id": "int4", "source": "text", "source_id": "int4",
    "amount_bill": "numeric", "amount_books": "numeric", "amount": "numeric",
    "fee_bill": "numeric", "fee_books": "numeric", "at_bill": "timestamp", "at_books": "timestamp",
    "status": "text",
}  # fmt: skip


def _told(id_, kind, day, at, key, own, amount, fee, status, extra) -> Told:
    extra = extra or {}
    shop = next((extra[name] for name in _APPS if extra.get(name)), "")
    return Told(
        id_, kind, day, at, key or "", own or "", to_fen(amount), round(fee * 100 * FEE_UNITS),
        status or "", shop,
    )  # fmt: skip


def _known(source, id_, kind, day, at, key, order, amount) -> Known:
    return Known(source, id_, kind, day, at, key, str(order or ""), to_fen(amount))


def _changing(finding: Finding, rate) -> dict:
    """The columns of a difference that another bill may change: those of ``_TYPES``."""
    told, known = finding.told, finding.known
    return {
        "day": finding.day,
        "cause": finding.cause.value,
        "row_id": told and told.id,
        "source": known and known.source,
        "source_id": known and known.id,
        "amount_bill": told and written(told.amount),
        "amount_books": known and written(known.amount),
        "amount": written(finding.amount),
        "fee_bill": told and written(told.fee, 5),
        "fee_books": told and rate and written(expected_fee(told.amount, rate), 5),
        "at_bill": told and told.at,
        "at_books": known and known.at,
        "status": (told and told.status) or None,
    }


def _text(value):
    return value if value is None else str(value)


def _first_state(finding: Finding, end) -> str:
    is_alone = finding.cause in (Cause.ONLY_BILL, Cause.ONLY_BOOKS)
    return "waiting" if is_alone and finding.day >= end else "open"
