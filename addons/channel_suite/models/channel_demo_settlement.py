from odoo import Command, models


class ChannelDemoSettlement(models.AbstractModel):
    """What was agreed with the host, her agency and the platform; published before the evening."""

    _inherit = "channel.demo.story"

    def _make_schemes(self, shop, talents):
        """A scheme for the room, and one for everything else.

        :return: the schemes in force (``settlement.scheme``)
        """
        schemes = self._as("finance", self.env["settlement.scheme"])
        host, mcn = talents["host"], talents["mcn"]
        for talent in (host, mcn):
            talent.partner_id = self.env["res.partner"].create(
                {"name": talent.name, "is_company": talent.kind == "mcn"}
            )
        platform = {"role": "platform", "percent": 5, "settled_by": "platform", "sequence": 1}
        brand = {"role": "brand", "basis": "remainder", "sequence": 9}
        room = [
            platform,
            {"role": "host", "basis": "net", "percent": 15, "sequence": 2},
            {"role": "mcn", "basis": "net", "percent": 5, "sequence": 3},
            brand,
        ]
        published = schemes.create(
            [
                {
                    "name": "自有直播间",
                    "sequence": 10,
                    "shop_ids": [Command.set(shop.ids)],
                    "talent_ids": [Command.set(host.ids)],
                    "order_kind": "live",
                    "rule_ids": [Command.create(rule) for rule in room],
                },
                {
                    "name": "店铺自然成交",
                    "sequence": 90,
                    "rule_ids": [Command.create(rule) for rule in (platform, brand)],
                },
            ]
        )
        published.action_publish()
        return published
