from datetime import timedelta

from odoo import Command, models

from odoo.addons.channel_network import china

from ..core import demo_data


class ChannelDemoSettlement(models.AbstractModel):
    """What was agreed with the host, her agency and the platform; published before the evening.

    Last month they got pit fees: the agency has agreed to its statement, the host is asked.
    """

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
            {"role": "host", "basis": "paid", "by_contract": True, "sequence": 2},
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
        self._make_statements(talents)
        return published

    def _make_statements(self, talents):
        """Last month's statements of the host and her agency; she signs in to the portal."""
        parties = {kind: talents[kind].partner_id for kind in demo_data.PIT_FEES}
        self._as("finance", self.env["settlement.terms"]).create(
            [
                {"name": "主播月结", "role": "host", "reserve_percent": 5, "is_final": True},
                {"name": "机构月结", "role": "mcn", "paper": "invoice", "due_from": "sale"},
                {"name": "其他月结", "sequence": 90},
            ]
        )
        end = china.today(self.env).replace(day=1) - timedelta(1)
        self._as("finance", self.env["settlement.fee"]).create(
            [
                {"name": "上月专场", "kind": "pit_fee", "partner_id": parties[kind].id,
                 "amount": yuan, "day": end - timedelta(9)}
                for kind, yuan in demo_data.PIT_FEES.items()
            ]
        )  # fmt: skip
        self._as("finance", self.env["settlement.statement.run"]).create({"day": end}).action_run()
        statements = self._as("finance", self.env["settlement.statement"]).search([])
        statements.action_send()
        statements.filtered(
            lambda statement: statement.partner_id == parties["mcn"]
        ).action_confirm()
        users = self.env["res.users"].with_context(no_reset_password=True)
        for person in demo_data.PEOPLE:
            if person.talent:
                users.create(self._user_values(person) | {"partner_id": parties[person.talent].id})
