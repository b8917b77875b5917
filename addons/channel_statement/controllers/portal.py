from werkzeug.exceptions import NotFound

from odoo.exceptions import UserError
from odoo.http import content_disposition, request, route

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

from ..models.settlement_statement_words import PAGE

KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
A_PAGE = 20  # statements


class SettlementPortal(CustomerPortal):
    """Hosts, MCNs and members: their statements, to confirm or to dispute line by line.

    Whatever the user's own rights do not find is not there.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "settlement_count" in counters:
            statements = request.env["settlement.statement"]
            allowed = statements.has_access("read")
            values["settlement_count"] = statements.search_count([]) if allowed else 0
        return values

    @route(
        ["/my/settlements", "/my/settlements/page/<int:page>"],
        type="http", auth="user", website=True, methods=["GET"],
    )  # fmt: skip
    def settlements(self, page=1, **_ignored):
        """The statements that were sent to the user's party, the newest first."""
        statements = request.env["settlement.statement"]
        pages = pager("/my/settlements", statements.search_count([]), page, A_PAGE)
        found = statements.search([], limit=A_PAGE, offset=pages["offset"])
        return request.render(
            "channel_statement.portal_statements",
            {"page_name": "settlements", "statements": found, "pager": pages},
        )

    @route(
        "/my/settlements/<int:statement_id>",
        type="http", auth="user", website=True, methods=["GET"],
    )  # fmt: skip
    def settlement(self, statement_id, after="", **_ignored):
        """A statement; its shares a page at a time.

        :param after: id of the line after which the page begins
        """
        return self._render_settlement(self._own_settlement(statement_id), after)

    @route(
        "/my/settlements/<int:statement_id>/confirm",
        type="http", auth="user", website=True, methods=["POST"],
    )  # fmt: skip
    def settlement_confirm(self, statement_id, **_ignored):
        """The party agrees."""
        statement = self._own_settlement(statement_id)
        try:
            statement.sudo().action_confirm()
        except UserError as error:
            return self._render_settlement(statement, error=str(error))
        return request.redirect(statement.access_url)

    @route(
        "/my/settlements/<int:statement_id>/dispute",
        type="http", auth="user", website=True, methods=["POST"],
    )  # fmt: skip
    def settlement_dispute(self, statement_id, reason="", line="", after="", **_ignored):
        """The party does not agree with a share, or with the statement.

        :param line: id of the line; empty: the statement as a whole
        """
        statement = self._own_settlement(statement_id)
        lines = request.env["settlement.statement.line"].sudo()
        found = lines.browse(int(line)).exists() if line.isdecimal() else lines
        if line and found.statement_id != statement.sudo():
            raise NotFound
        try:
            request.env["settlement.dispute"].sudo()._raise(statement.sudo(), reason, found)
        except UserError as error:
            return self._render_settlement(statement, after, error=str(error))
        return request.redirect(f"{statement.access_url}#disputes")

    @route(
        "/my/settlements/<int:statement_id>.<any(xlsx,pdf):kind>",
        type="http", auth="user", methods=["GET"],
    )  # fmt: skip
    def settlement_file(self, statement_id, kind, **_ignored):
        """The statement as a file, for whoever may read it."""
        statement = self._own_settlement(statement_id)
        data = statement._sheet() if kind == "xlsx" else statement._pdf()
        return request.make_response(
            data,
            [
                ("Content-Type", KINDS[kind]),
                ("Content-Disposition", content_disposition(f"{statement.name}.{kind}")),
            ],
        )

    def _own_settlement(self, statement_id):
        """:raise NotFound: tells a stranger as little as a number that is none"""
        statement = request.env["settlement.statement"].search([("id", "=", statement_id)])
        if not statement:
            raise NotFound
        return statement

    def _render_settlement(self, statement, after="", error=""):
        after = int(after) if after.isdecimal() else 0
        lines = statement._page(after)
        system = statement.sudo()
        return request.render(
            "channel_statement.portal_statement",
            {
                "page_name": "settlement",
                "statement": statement,
                "system": system,
                "sums": system._sums(),
                "lines": lines,
                "after": after,
                "next": lines[-1].id if len(lines) == PAGE else 0,
                "disputes": system.dispute_ids,
                "disputed": system.dispute_ids.filtered(lambda each: not each.answered_at).line_id,
                "error": error,
            },
        )
