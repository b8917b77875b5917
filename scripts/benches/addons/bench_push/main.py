import os

from odoo import http
from odoo.http import request

from odoo.addons.channel_intake.gateway.directory import ShopRow, build
from odoo.addons.channel_intake.gateway.intake import judge
from odoo.addons.channel_intake.gateway.platforms import PLATFORMS

INSERT = """
    INSERT INTO channel_push
        (shop_id, tag, msg_id, order_ref, aftersale_ref, data, received_at)
    VALUES (%s, %s, %s, %s, %s, %s, now() AT TIME ZONE 'UTC') ON CONFLICT DO NOTHING
"""


class BenchPush(http.Controller):
    """The same check and the same insert as the gateway's, one request a transaction."""

    directory = None

    @http.route(
        "/bench/push", type="http", auth="none", methods=["POST"], csrf=False, save_session=False
    )
    def push(self):
        if BenchPush.directory is None:
            request.env.cr.execute(
                "SELECT shop_id, platform, shop_ref, credential_ref FROM channel_gateway_shop"
            )
            rows = [ShopRow(*row) for row in request.env.cr.fetchall()]
            BenchPush.directory = build(rows, os.environ)
        sent = request.httprequest
        headers = {name.lower().encode(): value.encode() for name, value in sent.headers}
        verdict = judge(self.directory, "douyin", headers, sent.get_data())
        if verdict.reason:
            return request.make_response(PLATFORMS["douyin"].failure(verdict.reason), status=400)
        for row in verdict.rows:
            request.env.cr.execute(INSERT, row)
        return request.make_response(
            PLATFORMS["douyin"].success, headers=[("Content-Type", "application/json")]
        )
