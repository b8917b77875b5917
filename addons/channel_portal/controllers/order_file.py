import base64

from werkzeug.exceptions import NotFound

from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.channel_network.core.table import MAX_BYTES
from odoo.addons.channel_sale.controllers.order_template import xlsx
from odoo.addons.portal.controllers.portal import CustomerPortal

from .dealer import Dealer

FORM = MAX_BYTES + 65536  # the file and the fields around it


class OrderFilePortal(Dealer, CustomerPortal):
    """A dealer orders with a file: a list to fill in, checked row by row."""

    @route("/my/order/file", type="http", auth="user", website=True, methods=["GET"])
    def order_file(self, **_ignored):
        """Where a file is chosen."""
        return self._render_file(self._member())

    @route("/my/order/file/template.xlsx", type="http", auth="user", methods=["GET"])
    def template(self, **_ignored):
        """Everything that is on offer, with an empty column for quantities."""
        member = self._member()
        order = self._orders(member)._cart_or_blank(member)
        return xlsx(order._file_template(), request.env._("Order.xlsx"))

    @route(
        "/my/order/file/check",
        type="http", auth="user", website=True, methods=["POST"], max_content_length=FORM,
    )  # fmt: skip
    def check(self, file=None, **_ignored):
        """Read a file. It is put into the cart when all of it is right; else every bad row is named."""
        member = self._member()
        try:
            with request.env.cr.savepoint():
                upload = self._store(member, file)
                result = upload._check()
                if not result.errors:
                    return self._applied(upload._apply(result))
        except UserError as refused:
            return self._render_file(member, error=str(refused))
        return self._render_file(member, upload=upload)

    @route(
        "/my/order/file/<int:upload_id>/apply",
        type="http", auth="user", website=True, methods=["POST"],
    )  # fmt: skip
    def apply(self, upload_id, **_ignored):
        """Order the right rows of a file and leave the others out."""
        member = self._member()
        upload = self._upload(member, upload_id)
        try:
            with request.env.cr.savepoint():
                upload.only_good = True
                return self._applied(upload._apply())
        except UserError as refused:
            return self._render_file(member, error=str(refused))

    @route("/my/order/file/<int:upload_id>/report.xlsx", type="http", auth="user", methods=["GET"])
    def report(self, upload_id, **_ignored):
        """Every bad row of a file, as a file."""
        upload = self._upload(self._member(), upload_id)
        data = upload.with_context(bin_size=False).report
        if not data:
            raise NotFound
        return xlsx(base64.b64decode(data), upload.report_name)

    def _store(self, member, file):
        data = file.read(MAX_BYTES + 1) if file else b""
        order = self._orders(member)._cart_or_new(member)
        return order.env["channel.order.file"].create(
            {"order_id": order.id, "data": base64.b64encode(data)}
        )

    def _upload(self, member, upload_id):
        """A file of the same user, for an order of the member.

        :raise NotFound: it is another's, or is gone
        """
        upload = self._orders(member).env["channel.order.file"].browse(upload_id).exists()
        if upload.create_uid != request.env.user or upload.order_id.member_id != member:
            raise NotFound
        return upload

    def _applied(self, result):
        self._notify(
            request.env._("%s products of the file are in the cart.", len(result.lines)), "success"
        )
        return request.redirect("/my/order/cart")

    def _render_file(self, member, **values):
        return request.render(
            "channel_portal.order_file",
            {
                "page_name": "dealer_file",
                "member": member,
                "upload": None,
                "error": "",
                "row_name": lambda row: request.env._("Row %s", row),
                "notices": self._notices(),
                **values,
            },
        )
