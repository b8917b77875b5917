from odoo import http
from odoo.exceptions import AccessError
from odoo.http import content_disposition, request

from odoo.addons.channel_network.core.table import write_xlsx

from ..core.platforms.sheet import COLUMNS

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXAMPLE = {
    "order_ref": "202611110001",
    "sku_code": "SKU-A",
    "quantity": "2",
    "paid": "36.00",
    "discount_shop": "3.80",
    "freight": "6.00",
    "paid_at": "2026-11-11 20:00:00",
    "name": "张三",
    "phone": "13800138000",
    "province": "福建省",
    "city": "厦门市",
    "district": "思明区",
    "address": "人民路1号",
}


class OrderTemplate(http.Controller):
    """An empty file for the import of orders, made from the columns it reads."""

    @http.route("/channel_intake/order_template.xlsx", type="http", auth="user", readonly=True)
    def order_template(self):
        """The template in the user's language, with one row as an example."""
        if not request.env["channel.order.import"].has_access("create"):
            raise AccessError(request.env._("Only who imports orders may download the template."))
        chinese = (request.env.user.lang or "").startswith("zh")
        headers = [column.chinese[0] if chinese else column.english for column in COLUMNS]
        example = [EXAMPLE.get(column.key, "") for column in COLUMNS]
        return request.make_response(
            write_xlsx([headers, example]),
            headers=[
                ("Content-Type", XLSX),
                ("Content-Disposition", content_disposition("orders.xlsx")),
            ],
        )
