import base64

from odoo import Command, fields, models

from odoo.addons.channel_network.core.money import to_fen

from ..core import demo_data


class ChannelDemoDealers(models.AbstractModel):
    """The dealers' day: they pay in and order, one of them in the portal; one order waits for the
    sales manager, one is delivered. What comes after is in ``channel_demo_returns``.
    """

    _inherit = "channel.demo.story"

    def _make_dealer_day(self, world):
        """Deposits filled by vouchers, and three orders paid from them; what there is, by name."""
        dealers = self.env["channel.member"].union(
            *(world["members"][code] for code in demo_data.TOP_UPS)
        )
        self._offer_bonus()
        self._open_accounts(dealers)
        for number, dealer in enumerate(dealers):
            self._pay_in(dealer, demo_data.TOP_UPS[dealer.code], number, approved=True)
        self._pay_in(dealers[0], demo_data.TOP_UP_TO_APPROVE, len(dealers), approved=False)
        self._set_targets(world["members"])
        orders = [
            self._take_order(world["members"][code], lines, world["products"])
            for code, lines in demo_data.DEALER_ORDERS
        ]
        orders.append(self._order_in_portal(world["products"]))
        self._deliver(orders[0])
        refund = self._ask_refund(world["members"])
        self._take_goods_back(orders[0], world["products"])
        self.env["channel.deposit.posting"]._cron_post()
        self._pay_refund(refund)
        self._ask_balances(dealers)
        self.env["channel.target"]._cron_refresh()
        states = {order.name: order.review_state for order in orders}
        self._say("dealer orders: %s", states)
        return {"dealer_orders": len(orders), "deposit_accounts": len(dealers)}

    def _offer_bonus(self):
        """Whoever pays in 100,000 gets 2,000 to use on orders."""
        self._as("manager", self.env["channel.deposit.bonus.rule"]).create(
            {"name": "满 10 万送 2000 元返利", "minimum": 100_000, "method": "fixed", "fixed": 2000}
        )

    def _open_accounts(self, dealers):
        """The clerk asks for the accounts, the administrator reviews and opens them."""
        accounts = self._as("finance", self.env["channel.deposit.account"]).create(
            [{"member_id": dealer.id, "purpose": "goods"} for dealer in dealers]
        )
        self._as("boss", accounts).action_open()
        return accounts

    def _pay_in(self, dealer, amount, number, approved):
        """A bank slip: entered by the clerk, approved by somebody else."""
        account = self.env["channel.deposit.account"]._ensure(dealer)
        voucher = self._as("finance", self.env["channel.deposit.voucher"]).create(
            {
                "account_id": account.id,
                "kind": "bank_slip",
                "journal_id": self._bank().id,
                "reference": f"{demo_data.SLIP_BASE + number}",
                "date": fields.Date.context_today(self),
                "amount": amount,
                "payer_name": dealer.partner_id.name,
                "slip": base64.b64encode(demo_data.SLIP_PICTURE),
                "slip_name": f"slip-{number + 1}.png",
            }
        )
        voucher.action_submit()
        if approved:
            self._as("boss", voucher).action_approve()
        return voucher

    def _bank(self):
        return self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.env.company.id)], limit=1
        )

    def _take_order(self, dealer, lines, products):
        """An order that the sales representative takes down and confirms; it uses what rebate the
        dealer has, up to what is planned.
        """
        order = self._as("sales", self.env["sale.order"]).create(
            {
                "partner_id": dealer.partner_id.id,
                "order_line": [
                    Command.create({"product_id": products[code].id, "product_uom_qty": quantity})
                    for code, quantity in lines
                ],
            }
        )
        if rebate := min(order.sudo().rebate_available, demo_data.REBATE_USED):
            dialogue = self._as("sales", self.env["channel.rebate.use"])
            dialogue.create(
                {"order_id": order.id, "way": "discount", "amount": rebate}
            ).action_apply()
        order.action_confirm_dealer()
        return order.sudo()

    def _order_in_portal(self, products):
        """A dealer puts goods into the cart and sends it, as the pages of the portal do."""
        theirs = self._as("dealer", self.env["sale.order"])
        member = theirs.env.user.sudo().network_member_ids[:1]
        cart = theirs.sudo().with_company(member.company_id)._cart_or_new(member)
        cart._put({products[code].id: quantity for code, quantity in demo_data.PORTAL_ORDER[1]})
        cart._submit(to_fen(cart.amount_total), demo_data.PORTAL_ORDER_NAME)
        return cart.with_env(self.env)

    def _deliver(self, order):
        """The warehouse ships, finance invoices; the deposit pays the invoice."""
        for picking in order.picking_ids:
            for move in picking.move_ids:
                move.quantity = move.product_uom_qty
            picking.move_ids.picked = True
            picking.with_context(skip_backorder=True)._action_done()
        order._create_invoices().action_post()
