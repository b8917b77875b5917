from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from odoo.addons.channel_network.core.money import from_fen, to_fen

from ..core.rhythm import change_percent, days_quiet, near_limit, usual_gap

SHOWN = 8  # rows of a card; the others are behind its number
RHYTHM_DAYS = 180  # how far back a member's orders say how often it orders
WEEKS = 8  # of which a usual week is the average
SAME_DAYS = 4  # weekdays like today before it that are averaged


class ChannelSalesHome(models.AbstractModel):
    """The sales manager's home: what waits, who is short of money, who has gone quiet, today.

    Every figure comes from one query over the current company, whatever the number of orders
    and members. Days are those of the user's time zone.
    """

    _name = "channel.sales.home"
    _description = "Sales Manager's Home"

    @api.model
    @api.readonly
    def figures(self):
        """What the home shows; amounts in the company's currency.

        :return: dict waiting, near, quiet, today, currency_id
        :raises AccessError: for who is no sales manager
        """
        self._check_manager()
        return {
            "waiting": self._waiting(),
            "near": self._near(),
            "quiet": self._quiet(),
            "today": self._today(),
            "currency_id": self.env.company.currency_id.id,
        }

    def _check_manager(self):
        if not self.env.user.has_group("channel_network.group_sales_manager"):
            raise AccessError(
                self.env._(
                    "This page is for sales managers: your own orders are under My Dealer Orders."
                )
            )

    # -- waiting for me --------------------------------------------------------------------

    def _waiting(self):
        """Orders that wait, by the first rule they failed: the largest number first."""
        groups = self.env["sale.order"]._read_group(
            self._waiting_domain(),
            ["review_kind"],
            ["__count", "amount_total:sum", "date_order:min"],
        )
        kinds = dict(self.env["sale.order"]._fields["review_kind"]._description_selection(self.env))
        rows = [
            {
                "kind": kind or "",
                "name": kinds.get(kind, ""),
                "count": count,
                "amount": amount,
                "oldest": fields.Datetime.to_string(oldest),
            }
            for kind, count, amount, oldest in groups
        ]
        rows.sort(key=lambda row: -row["count"])
        return {
            "rows": rows,
            "count": sum(row["count"] for row in rows),
            "amount": sum(row["amount"] for row in rows),
        }

    def _waiting_domain(self):
        return [
            ("company_id", "=", self.env.company.id),
            ("member_id", "!=", False),
            ("review_state", "=", "waiting"),
            ("state", "in", ("draft", "sent")),
        ]

    # -- near their limit ------------------------------------------------------------------

    def _near(self):
        rows = self._near_rows()
        return {"count": len(rows), "rows": rows[:SHOWN]}

    def _near_rows(self):
        """Members whose goods account is nearly used up, the least available part of a week first."""
        company = self.env.company
        rows = []
        for account, member, name, available, credit, spent in self._money_rows():
            fen, line, week = to_fen(available), to_fen(credit), to_fen(spent) // WEEKS
            percents = company.channel_low_credit_percent, company.channel_low_week_percent
            if near_limit(fen, line, week, *percents):
                rows.append(
                    {
                        "account": account,
                        "member": member,
                        "name": name,
                        "available": float(from_fen(fen)),
                        "credit": float(from_fen(line)),
                        "week": float(from_fen(week)),
                    }
                )
        rows.sort(key=lambda row: (row["available"] - row["week"], row["name"]))
        return rows

    def _money_rows(self):
        """(account, member, its name, available, credit line, ordered in the weeks) of the active."""
        self._flush()
        since = self._midnight(self._day() - timedelta(weeks=WEEKS))
        return self.env.execute_query(
            SQL(
                """
                SELECT a.id, r.id, r.name, a.posted - a.held + a.credit_line, a.credit_line,
                       COALESCE(o.amount, 0)
                  FROM channel_deposit_account a
                  JOIN channel_member r ON r.id = a.member_id AND r.state = 'active'
                  LEFT JOIN (SELECT member_id, sum(amount_total) AS amount FROM sale_order
                              WHERE company_id = %(company)s AND member_id IS NOT NULL
                                AND state = 'sale' AND date_order >= %(since)s
                              GROUP BY member_id) o ON o.member_id = r.id
                 WHERE a.company_id = %(company)s AND a.purpose = 'goods'
                   AND a.creditor_id IS NULL AND a.state = 'open'
                """,
                company=self.env.company.id,
                since=since,
            )
        )

    # -- gone quiet ------------------------------------------------------------------------

    def _quiet(self):
        rows = self._quiet_rows()
        return {"count": len(rows), "rows": rows[:SHOWN]}

    def _quiet_rows(self):
        """Active members that have not ordered for twice their usual gap, the largest first."""
        today = self._day()
        rows = [
            {
                "member": member,
                "name": name,
                "gap": usual_gap(days),
                "since": since,
                "amount": float(amount),
            }
            for member, name, days, amount in self._rhythm_rows(today)
            if (since := days_quiet(days, today)) is not None
        ]
        rows.sort(key=lambda row: (-row["amount"], row["name"]))
        return rows

    def _rhythm_rows(self, today):
        """(member, its name, days with orders, what they came to) over the last months."""
        self._flush()
        return self.env.execute_query(
            SQL(
                """
                SELECT r.id, r.name, o.days, o.amount
                  FROM channel_member r
                  JOIN (SELECT member_id, sum(amount_total) AS amount,
                               array_agg((date_order AT TIME ZONE 'UTC'
                                                     AT TIME ZONE %(tz)s)::date) AS days
                          FROM sale_order
                         WHERE company_id = %(company)s AND member_id IS NOT NULL
                           AND state = 'sale' AND date_order >= %(since)s
                         GROUP BY member_id) o ON o.member_id = r.id
                 WHERE r.state = 'active'
                """,
                tz=str(self.env.tz),
                company=self.env.company.id,
                since=self._midnight(today - timedelta(days=RHYTHM_DAYS)),
            )
        )

    # -- today -----------------------------------------------------------------------------

    def _today(self):
        """Confirmed orders of today, of the same weekday last week, and of its average day.

        ``by_now`` is what had come last week by this time of the day: a fair measure of a day
        that is not over.
        """
        today = self._day()
        days = [today - timedelta(weeks=week) for week in range(SAME_DAYS + 1)]
        now = datetime.now(self.env.tz).time()
        found = {day: rest for day, *rest in self._day_rows(days, now)}
        nothing = (0, 0, 0)
        (count, amount, _), (last_count, last_amount, by_now), *earlier = (
            found.get(day, nothing) for day in days
        )
        before = [(last_count, last_amount), *((row[0], row[1]) for row in earlier)]
        return {
            "day": fields.Date.to_string(today),
            "count": count,
            "amount": float(amount),
            "change": change_percent(to_fen(amount), to_fen(by_now)),
            "last": {
                "day": fields.Date.to_string(days[1]),
                "count": last_count,
                "amount": float(last_amount),
                "by_now": float(by_now),
            },
            "average": {
                "count": round(sum(row[0] for row in before) / SAME_DAYS, 1),
                "amount": float(sum(row[1] for row in before)) / SAME_DAYS,
                "days": SAME_DAYS,
            },
        }

    def _day_rows(self, days, now):
        """(day, orders, amount, amount up to ``now`` o'clock) of days."""
        self._flush()
        return self.env.execute_query(
            SQL(
                """
                SELECT at::date, count(*), sum(amount_total),
                       COALESCE(sum(amount_total) FILTER (WHERE at::time <= %(now)s), 0)
                  FROM (SELECT amount_total,
                               date_order AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s AS at
                          FROM sale_order
                         WHERE company_id = %(company)s AND member_id IS NOT NULL
                           AND state = 'sale' AND date_order >= %(since)s) o
                 WHERE at::date = ANY(%(days)s)
                 GROUP BY at::date
                """,
                now=now,
                tz=str(self.env.tz),
                company=self.env.company.id,
                since=self._midnight(min(days)),
                days=list(days),
            )
        )

    def _flush(self):
        for model, names in (
            ("sale.order", ["amount_total", "company_id", "date_order", "member_id", "state"]),
            ("channel.member", ["name", "state"]),
        ):
            self.env[model].flush_model(names)
        self.env["channel.deposit.account"].flush_model()

    def _day(self):
        return fields.Date.context_today(self)

    def _midnight(self, day):
        """When a day of the user begins, in UTC."""
        local = self.env.tz.localize(datetime.combine(day, time.min))
        return local.astimezone(pytz.utc).replace(tzinfo=None)

    # -- lists behind the figures ----------------------------------------------------------

    @api.model
    def open_list(self, what, value=None):
        """The action with the rows behind a figure.

        :param what: waiting (value: a kind), day (value: a day), near, quiet
        """
        self._check_manager()
        return getattr(self, f"_open_{what}")(value) if what in LISTS else False

    def _open_waiting(self, kind):
        domain = self._waiting_domain()
        if kind is not None:
            domain.append(("review_kind", "=", kind or False))
        return self._action("channel_sale.action_dealer_order_review", domain)

    def _open_day(self, value):
        day = fields.Date.to_date(value) or self._day()
        domain = [
            ("company_id", "=", self.env.company.id),
            ("member_id", "!=", False),
            ("state", "=", "sale"),
            ("date_order", ">=", fields.Datetime.to_string(self._midnight(day))),
            ("date_order", "<", fields.Datetime.to_string(self._midnight(day + timedelta(1)))),
        ]
        name = self.env._("Orders of %s", fields.Date.to_string(day))
        return self._action("channel_sale.action_dealer_order", domain) | {"name": name}

    def _open_near(self, _value):
        ids = [row["account"] for row in self._near_rows()]
        action = self._action("channel_deposit.action_deposit_account", [("id", "in", ids)])
        return action | {"name": self.env._("Near Their Limit")}

    def _open_quiet(self, _value):
        ids = [row["member"] for row in self._quiet_rows()]
        action = self._action("channel_network.action_member", [("id", "in", ids)])
        return action | {"name": self.env._("Gone Quiet")}

    def _action(self, xmlid, domain):
        action = self.env["ir.actions.actions"]._for_xml_id(xmlid)
        return action | {"domain": domain, "context": {}}


LISTS = frozenset({"waiting", "day", "near", "quiet"})
