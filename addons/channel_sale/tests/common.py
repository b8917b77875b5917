from odoo import Command

from odoo.addons.channel_deposit.core.operations import Open, TopUp
from odoo.addons.channel_network.tests.common import ChannelCommon


class SaleCommon(ChannelCommon):
    """``self.account``: Dealer A's goods account with 10,000.00. The company's rules are the
    usual ones; products cost 100.00 and 13 % or 9 %, and are invoiced when delivered.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accounts = cls.env["channel.deposit.account"]
        cls.account = cls._open(cls.dealer_a, 1000000)
        cls.products.invoice_policy = "delivery"
        every = cls.env["channel.review.rule"].with_context(active_test=False)
        cls.rules = every.search([("company_id", "=", cls.company.id)])
        cls._contract(cls.dealer_a)
        cls._contract(cls.dealer_b)

    @classmethod
    def _contract(cls, member):
        contract = cls.env["channel.contract"].create(
            {"member_id": member.id, "date_start": "2020-01-01", "date_end": "2099-12-31"}
        )
        contract.action_activate()
        return contract

    @classmethod
    def _open(cls, member, fen=0):
        account = cls.accounts._ensure(member)
        batch = [Open(key=f"open {account.id}", account=account.id)]
        if fen:
            batch.append(TopUp(key=f"start {account.id}", account=account.id, amount=fen))
        cls.accounts._book_or_raise(batch)
        return account

    @classmethod
    def _order(cls, *quantities, member=None, env=None, **values):
        """A draft order of so many Tea, Cup, Rice; by the user of ``env``."""
        member = member or cls.dealer_a
        wanted = zip(cls.products, quantities, strict=False)
        lines = [
            Command.create({"product_id": product.id, "product_uom_qty": quantity})
            for product, quantity in wanted
            if quantity
        ]
        return (env or cls.env)["sale.order"].create(
            {"partner_id": member.partner_id.id, "order_line": lines, **values}
        )

    def _rule(self, kind, **values):
        """The company's rule of a kind, switched on."""
        rule = self.rules.filtered(lambda r: r.kind == kind)
        rule.write({"active": True, **values})
        return rule

    def _amounts(self, account=None):
        """Balance and on hold, in yuan."""
        account = account or self.account
        return account.posted, account.held

    def _decisions(self, order):
        """The decisions about an order, the last one first."""
        return self.env["channel.review.decision"].search([("order_id", "=", order.id)])

    @classmethod
    def _deliver(cls, order, *quantities, backorder=True):
        """Deliver so many of each line of the order."""
        picking = order.picking_ids.filtered(lambda p: p.state not in ("done", "cancel"))
        for line, quantity in zip(order.order_line, quantities, strict=False):
            move = picking.move_ids.filtered(lambda m, line=line: m.sale_line_id == line)
            move.write({"quantity": quantity, "picked": bool(quantity)})
        picking.with_context(
            skip_backorder=True,
            picking_ids_not_to_backorder=[] if backorder else picking.ids,
        ).button_validate()
        return picking

    @classmethod
    def _invoice(cls, order):
        invoice = order._create_invoices()
        invoice.action_post()
        return invoice
