from werkzeug.exceptions import NotFound

from odoo.http import Controller, content_disposition, request, route

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class OrderTemplate(Controller):
    """A list of what may be ordered, to fill in quantities."""

    @route("/channel_sale/order_template/<int:order_id>.xlsx", type="http", auth="user")
    def order_template(self, order_id):
        """:raise NotFound: for an order that the user may not change, or that is none"""
        order = request.env["sale.order"].search([("id", "=", order_id)])
        if not order or not order.has_access("write"):
            raise NotFound
        return xlsx(order._file_template(), request.env._("Order.xlsx"))


def xlsx(data, name):
    """A workbook as an answer, to be saved under a name."""
    headers = [("Content-Type", XLSX), ("Content-Disposition", content_disposition(name))]
    return request.make_response(data, headers=headers)
