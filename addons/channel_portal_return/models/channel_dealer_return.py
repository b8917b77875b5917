from odoo import Command, api, models
from odoo.exceptions import UserError
from odoo.tools.image import image_process
from odoo.tools.mimetypes import guess_mimetype

from odoo.addons.channel_sale_return.core.returnable import MILLI

ORDERS = 40
PICTURES = 6  # of one request
PICTURE_BYTES = 5 * 1024 * 1024
PICTURE_SIZE = (1600, 1600)
PICTURE_TYPES = ("image/jpeg", "image/png", "image/webp")
NOTE = 1000


class ChannelDealerReturn(models.Model):
    """What a dealer asks for in the portal.

    The methods work as the system: whoever calls them has found the member and the order by the
    rights of its user.
    """

    _inherit = "channel.dealer.return"

    @api.model
    def _portal_orders(self, member):
        """The member's last orders of which something was delivered."""
        return (
            self.env["sale.order"]
            .sudo()
            .search(
                [
                    ("member_id", "=", member.id),
                    ("state", "=", "sale"),
                    ("order_line", "any", [("qty_delivered", ">", 0)]),
                ],
                order="id desc",
                limit=ORDERS,
            )
        )

    @api.model
    def _portal_lines(self, order):
        """[(order line, units that can come back)], those of which something can."""
        lines = order.sudo()._goods_lines()
        there = self.sudo()._delivered(lines)
        return [(line, there[line.id].left / MILLI) for line in lines if there[line.id].left]

    @api.model
    def _portal_ask(self, order, wanted, kind, note):
        """Ask for a return of an order's lines.

        :param wanted: {line id: (units, reason id, [uploaded file])}
        :raise UserError: in words, what is wrong; nothing is kept then
        """
        order = order.sudo()
        offered = {line.id for line, _left in self._portal_lines(order)}
        if not wanted or not wanted.keys() <= offered:
            raise UserError(self.env._("Enter how many of which goods you send back."))
        if sum(len(files) for _units, _reason, files in wanted.values()) > PICTURES:
            raise UserError(self.env._("At most %s pictures, please.", PICTURES))
        request = self.sudo().create(
            {
                "member_id": order.member_id.id,
                "company_id": order.company_id.id,
                "kind": "exchange" if kind == "exchange" else "return",
                "note": (note or "").strip()[:NOTE],
                "line_ids": [
                    Command.create(
                        {"sale_line_id": line_id, "quantity": units, "reason_id": reason or False}
                    )
                    for line_id, (units, reason, _files) in wanted.items()
                ],
            }
        )
        for line, (_units, _reason, files) in zip(request.line_ids, wanted.values(), strict=True):
            line._keep_pictures(files)
        request.action_submit()
        return request


class ChannelDealerReturnLine(models.Model):
    """Pictures that a dealer has taken."""

    _inherit = "channel.dealer.return.line"

    def _keep_pictures(self, files):
        """Keep pictures made smaller, without what a phone writes into them (place, device).

        :raise UserError: a file is no picture, or too large
        """
        self.ensure_one()
        values = []
        for number, file in enumerate(files, 1):
            data = file.read(PICTURE_BYTES + 1)
            if len(data) > PICTURE_BYTES:
                raise UserError(self.env._("A picture may have 5 MB: choose a smaller one."))
            if guess_mimetype(data) not in PICTURE_TYPES:
                raise UserError(self.env._("Pictures are JPEG, PNG or WebP files."))
            values.append(
                {
                    "name": f"{self.return_id.name}-{self.id}-{number}.jpg",
                    "raw": image_process(
                        data, size=PICTURE_SIZE, verify_resolution=True, quality=80,
                        output_format="JPEG",
                    ),
                    "res_model": self._name,
                    "res_id": self.id,
                }
            )  # fmt: skip
        self.picture_ids = self.env["ir.attachment"].sudo().create(values)
