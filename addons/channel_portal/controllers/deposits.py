from dateutil.relativedelta import relativedelta
from werkzeug.exceptions import NotFound
from werkzeug.urls import url_encode

from odoo import fields
from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal

PAGE = 40


class DepositPortal(CustomerPortal):
    """A member's deposits in the portal. Record rules decide what the user's company may see:
    whatever is not found by them does not exist.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        accounts = request.env["channel.deposit.account"]
        allowed = accounts.has_access("read")  # not every portal user is a member's
        if "deposit_count" in counters:
            found = accounts.search_count(self._open_accounts()) if allowed else 0
            values["deposit_count"] = found
        if "confirmation_count" in counters:
            values["confirmation_count"] = len(self._unanswered()) if allowed else 0
        return values

    @route("/my/deposits", type="http", auth="user", website=True, methods=["GET"])
    def deposits(self, **_ignored):
        """The company's accounts, and what it is asked to confirm."""
        return self._render_deposits()

    @route("/my/deposits/<int:account_id>", type="http", auth="user", website=True, methods=["GET"])
    def deposit(self, account_id, first="", last="", after="", before="", **_ignored):
        """The statement of an account, a page at a time.

        :param first: first day, 2026-01-31; ``last``: last day; without them the current month
        :param after: number of the entry after which the page begins; ``before``: ends
        """
        account = self._found("channel.deposit.account", account_id)
        error = ""
        try:
            first, last = self._period(first, last)
            frame = account._statement(first, last)
        except UserError as refused:
            error = str(refused)
            first, last = self._period("", "")
            frame = account._statement(first, last)
        entries = account._statement_page(
            frame["lower"],
            frame["upper"],
            after=int(after) if after.isdecimal() else None,
            before=int(before) if before.isdecimal() else None,
            limit=PAGE,
        )
        numbers = entries.mapped("number") or [frame["upper"]]
        return request.render(
            "channel_portal.deposit_statement",
            {
                "page_name": "deposit",
                "account": account,
                "error": error,
                "first": first,
                "last": last,
                "frame": frame,
                "entries": entries,
                "holds": account._statement_holds(frame["upper"]),
                "periods": self._periods(),
                "url": lambda **values: self._statement_url(account, first, last, values),
                "file_url": lambda kind: self._file_url(account, first, last, kind),
                "earlier": numbers[0] if numbers[0] > frame["lower"] + 1 else None,
                "later": numbers[-1] if numbers[-1] < frame["upper"] else None,
            },
        )

    @route(
        "/my/deposits/confirmations/<int:confirmation_id>",
        type="http", auth="user", website=True, methods=["POST"],
    )  # fmt: skip
    def answer(self, confirmation_id, remark="", right="", **_ignored):
        """Confirm a balance, or say what is different."""
        confirmation = self._found("channel.deposit.confirmation", confirmation_id)
        try:
            if right:
                confirmation.action_confirm()
            elif remark.strip():
                confirmation._refuse(remark.strip()[:1000])
            else:
                raise UserError(request.env._("Say what is different."))
        except UserError as error:
            return self._render_deposits(error=str(error))
        return request.redirect("/my/deposits")

    # -- what is shown -------------------------------------------------------------------------

    def _open_accounts(self):
        return [("state", "!=", "draft")]

    def _unanswered(self):
        """Confirmations that the user may answer."""
        members = request.env.user.sudo().network_member_ids
        return request.env["channel.deposit.confirmation"].search(
            [("state", "=", "sent"), ("member_id", "in", members.ids)]
        )

    def _render_deposits(self, **values):
        accounts = request.env["channel.deposit.account"].search(self._open_accounts())
        return request.render(
            "channel_portal.deposits",
            {
                "page_name": "deposits",
                "accounts": accounts,
                "confirmations": self._unanswered(),
                "error": "",
                **values,
            },
        )

    def _found(self, model, record_id):
        """The record, if the user may see it.

        :raise NotFound: tells a stranger as little as a number that is none
        """
        record = request.env[model].search([("id", "=", record_id), ("state", "!=", "draft")])
        if not record:
            raise NotFound
        return record

    def _period(self, first, last):
        """The days asked for; the current month when there are none.

        :raise UserError: for what is no day
        """
        month, today = self._periods()[0][1:]
        try:
            return (
                fields.Date.to_date(first) if first else month,
                fields.Date.to_date(last) if last else today,
            )
        except ValueError as error:
            raise UserError(request.env._("Days are written as 2026-01-31.")) from error

    def _periods(self):
        """Periods to choose from: name, first and last day."""
        today = fields.Date.context_today(request.env.user)
        month = today.replace(day=1)
        before = month - relativedelta(months=1)
        return [
            (request.env._("This month"), month, today),
            (request.env._("Last month"), before, month - relativedelta(days=1)),
            (request.env._("This year"), today.replace(month=1, day=1), today),
        ]

    def _statement_url(self, account, first, last, values):
        return f"/my/deposits/{account.id}?" + url_encode({"first": first, "last": last} | values)

    def _file_url(self, account, first, last, kind):
        query = url_encode({"first": first, "last": last})
        return f"/channel_deposit/statement/{account.id}.{kind}?{query}"
