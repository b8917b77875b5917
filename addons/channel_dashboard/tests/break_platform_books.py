"""Shares that a platform settles, posted; and how each check about them is broken."""

from datetime import timedelta

from odoo.addons.channel_network import china


class BreakPlatformBooks:
    """For a ``ControlCase``: ``self.kept`` left, and the platform keeps 0.50 of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kept = cls._platform_order("ctl-kept")
        cls.env["settlement.posting"]._post_days(china.today(cls.env) + timedelta(1))
        cls.env.flush_all()

    @classmethod
    def _platform_order(cls, ref):
        schemes = cls.env["settlement.scheme"].sudo()
        scheme = schemes.search([("name", "=", "Control Platform")]) or schemes.create(
            {
                "name": "Control Platform",
                "sequence": 1,
                "shop_ids": cls.other_shop.ids,
                "rule_ids": [
                    (0, 0, {"role": "platform", "percent": 5, "settled_by": "platform"}),
                    (0, 0, {"role": "brand", "basis": "remainder"}),
                ],
            }
        )
        if scheme.state == "draft":
            scheme.write({"state": "running", "published_at": cls.now})
        order = cls._order(ref, "packed", shop_id=cls.other_shop.id)
        order.line_ids.write({"amount_paid": 10, "pool_id": False})
        cls.env.flush_all()
        order._advance(order, "shipped", "shipped")
        cls.env["settlement.event"]._split_waiting()
        return order

    def _break_platform_share_not_posted(self):
        order = self._platform_order("ctl-kept-2")
        self._unguarded(
            "settlement_event",
            "UPDATE settlement_event SET day = day - 9 WHERE order_id = %s",
            order.id,
        )

    def _break_platform_deductions(self):
        self.sql(
            "UPDATE account_move_line SET balance = balance - 0.01 WHERE account_id = %s",
            self.company.platform_deductions_account_id.id,
        )
