from werkzeug.exceptions import BadRequest, NotFound

from odoo import fields, http
from odoo.exceptions import AccessError, UserError
from odoo.http import content_disposition, request


class StatementController(http.Controller):
    """Statements as files, for whoever may read the account: finance, sales, its holder."""

    @http.route(
        "/channel_deposit/statement/<int:account_id>.xlsx",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def sheet(self, account_id, first="", last="", holds="0", **_ignored):
        """The statement of an account from a first to a last day as XLSX."""
        try:
            date_from, date_to = map(fields.Date.to_date, (first, last))
        except ValueError as error:
            raise BadRequest(request.env._("Days are written as 2026-01-31.")) from error
        if not (date_from and date_to):
            raise BadRequest(request.env._("Say the first and the last day of the statement."))
        account = request.env["channel.deposit.account"].browse(account_id).exists()
        try:
            if not account:
                raise NotFound
            data = account._statement_sheet(date_from, date_to, holds == "1")
        except AccessError as error:
            raise NotFound from error  # tells a stranger as little as a number that is none
        except UserError as error:
            raise BadRequest(str(error)) from error
        name = f"{account.display_name} {date_from} {date_to}.xlsx"
        return request.make_response(
            data,
            [
                (
                    "Content-Type",
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                ),
                ("Content-Disposition", content_disposition(name)),
            ],
        )
