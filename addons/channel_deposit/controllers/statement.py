from werkzeug.exceptions import BadRequest, NotFound

from odoo import fields, http
from odoo.exceptions import AccessError, UserError
from odoo.http import content_disposition, request

KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


class StatementController(http.Controller):
    """Statements as files, for whoever may read the account: finance, sales, its holder."""

    @http.route(
        "/channel_deposit/statement/<int:account_id>.<any(xlsx,pdf):kind>",
        type="http", auth="user", methods=["GET"],
    )  # fmt: skip
    def statement(self, account_id, kind, first="", last="", holds="0", **_ignored):
        """The statement of an account from a first to a last day as a file."""
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
            account.check_access("read")
            make = account._statement_sheet if kind == "xlsx" else account._statement_pdf
            data = make(date_from, date_to, holds == "1")
        except AccessError as error:
            raise NotFound from error  # tells a stranger as little as a number that is none
        except UserError as error:
            raise BadRequest(str(error)) from error
        name = f"{account.display_name} {date_from} {date_to}.{kind}"
        return request.make_response(
            data,
            [("Content-Type", KINDS[kind]), ("Content-Disposition", content_disposition(name))],
        )
