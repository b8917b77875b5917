from dataclasses import replace

from odoo import Command, fields, models
from odoo.exceptions import UserError

from odoo.addons.channel_network.core.money import from_fen, to_fen

from ..core.rebate import Line, divide, offer
from .sale_order import SEES_RULES
from .sale_order_deposit import REFIT_LATER


class SaleOrderRebate(models.Model):
    """A dealer order may use the member's rebate: as a discount, a line for each tax, or as goods
    for which nothing is to be paid. What it uses stands on its lines and nowhere else.
    """

    _inherit = "sale.order"

    rebate_available = fields.Monetary(
        compute="_compute_rebate_available",
        groups=SEES_RULES,
        help="On the member's rebate account, and not set aside for other orders.",
    )

    def _compute_rebate_available(self):
        for order in self:
            order.rebate_available = from_fen(order._rebate_available()) if order.member_id else 0

    # -- seams for desk and portal -----------------------------------------------------------

    def _rebate_offer(self):
        """What the order may use of the member's rebate, and uses now.

        Read as the system: who asks must be allowed to see the order.

        :return: core.rebate.Offer, in fen
        """
        order = self.sudo()
        order.ensure_one()
        return offer(
            order._rebate_base(),
            order.company_id._rebate_policy(),
            order._rebate_available(),
            order._rebate_value("discount"),
            order._rebate_value("goods"),
        )

    def _use_rebate(self, fen):
        """Lower the price of a draft order by so much of the member's rebate, in all; 0: by none.

        Written as the system: who asks must be allowed to change the order.

        :param fen: with tax
        :raises UserError: in words, when it is more than may be used
        """
        order = self._open_for_rebate()
        allowed = order._rebate_offer()
        if not isinstance(fen, int) or isinstance(fen, bool) or fen < 0:
            raise UserError(self.env._("A rebate is an amount of 0 or more, with two decimals."))
        if fen and not allowed.discount_allowed:
            raise UserError(
                self.env._(
                    "Rebates of %(company)s are given as goods: choose the goods instead.",
                    company=order.company_id.name,
                )
            )
        order._refuse_above(fen, allowed.discount_most, allowed)
        order._divide_rebate(fen)

    def _use_rebate_goods(self, product, quantity):
        """Add goods to a draft order for which the rebate is spent; they are delivered like others.

        Written as the system: who asks must be allowed to change the order. To take the goods off,
        delete the line.

        :param product: product.product
        :raises UserError: in words, when they are worth more than may be used
        """
        order = self._open_for_rebate()
        allowed = order._rebate_offer()
        if not allowed.goods_allowed:
            raise UserError(
                self.env._(
                    "Rebates of %(company)s lower the price: enter an amount instead.",
                    company=order.company_id.name,
                )
            )
        if not quantity > 0:
            raise UserError(self.env._("Enter how many: more than 0."))
        values = {"product_id": product.id, "product_uom_qty": quantity, "rebate": "goods"}
        later = order.with_context(deposit_refit=REFIT_LATER)
        before = order.order_line
        later.write({"order_line": [Command.create(values | {"order_id": order.id})]})
        line = order.order_line - before
        line.with_context(deposit_refit=REFIT_LATER).discount = 100
        if not line._rebate_fen():
            raise UserError(
                self.env._(
                    "%s has no price: it cannot be given for a rebate.", product.display_name
                )
            )
        order._refuse_above(line._rebate_fen(), allowed.goods_left, allowed)
        return line

    def _open_for_rebate(self):
        """The order as the system has it, locked.

        :raises UserError: it is confirmed already, or no dealer order in the company's currency
        """
        self.ensure_one()
        order = self.sudo()
        if not order.member_id or order.state not in ("draft", "sent"):
            raise UserError(
                self.env._(
                    "A rebate is used on a dealer order that is not confirmed yet. Cancel %s and set"
                    " it back to quotation first.",
                    order.name,
                )
            )
        if order.currency_id != order.company_id.currency_id:
            raise UserError(
                self.env._("Rebates are in %s: choose a price list in it.",
                           order.company_id.currency_id.name)
            )  # fmt: skip
        order._lock_rows()
        return order

    def _refuse_above(self, fen, most, allowed):
        if fen <= most:
            return
        raise UserError(
            self.env._(
                "%(wanted)s of rebate wanted, %(most)s possible: %(available)s is available, and"
                " %(order)s may use %(cap)s of the %(base)s that its goods come to, of which %(used)s"
                " is used in another way.",
                order=self.name,
                used=from_fen(max(0, allowed.most - most)),
                wanted=from_fen(fen),
                most=from_fen(most),
                available=from_fen(allowed.available),
                cap=from_fen(allowed.cap),
                base=from_fen(allowed.base),
            )
        )

    def _rebate_excluded(self):
        """The goods to be paid on which the company gives no rebate."""
        order = self.sudo()
        policy = order.company_id._rebate_policy()
        ids = {
            line.id for line in order._rebate_base() if line.amount > 0 and not policy.allows(line)
        }
        return order.order_line.filtered(lambda line: line.id in ids).product_id

    # -- lines -------------------------------------------------------------------------------

    def _rebate_lines(self, way=None):
        """The lines that use rebate, of one way or of both."""
        return self.order_line.filtered(
            lambda line: line.rebate and (way is None or line.rebate == way)
        )

    def _rebate_value(self, way=None):
        """What the order uses of the rebate, in fen."""
        return sum(line._rebate_fen() for line in self._rebate_lines(way))

    def _rebate_available(self):
        """What the member has for this order, in fen: with what is set aside for it already."""
        self.ensure_one()
        account = self.env["channel.deposit.account"].sudo().search(
            [
                ("member_id", "=", self.sudo().member_id.id),
                ("company_id", "=", self.company_id.id),
                ("creditor_id", "=", False),
                ("purpose", "=", "rebate"),
                ("state", "=", "open"),
            ],
            limit=1,
        )  # fmt: skip
        own = self._active_holds().get((self.id, "rebate"), ("", 0))[1]
        return to_fen(account.available) + own

    def _goods_lines(self):
        """The line of a discount is no goods: no rule looks at it."""
        return super()._goods_lines().filtered(lambda line: line.rebate != "discount")

    def _review_lines(self, shelves=None):
        """Goods on rebate are looked at with the price that they would have."""
        worth = {line.id: line._rebate_fen() for line in self.order_line if line.rebate == "goods"}
        lines = super()._review_lines(shelves)
        for order, rows in lines.items() if worth else ():
            lines[order] = [replace(row, amount=worth.get(row.id, row.amount)) for row in rows]
        return lines

    def _rebate_base(self):
        """The lines to be paid, as the pure core wants them."""
        return [
            Line(
                line.id,
                to_fen(line.price_total),
                line._rebate_taxes(),
                frozenset(line._rebate_marks()),
            )
            for line in self._goods_lines().sorted("id")
            if not line.rebate
        ]

    def _divide_rebate(self, fen):
        """Make the discount so much: its part on each line of goods, a line for each tax.

        What is invoiced already stays.
        """
        order = self.with_context(deposit_refit=REFIT_LATER, sale_no_log_for_new_lines=True)
        there = {line._rebate_taxes(): line for line in order._rebate_lines("discount")}
        least = {taxes: line._invoiced_fen() for taxes, line in there.items()}
        parts = divide(fen, order._rebate_base(), order.company_id._rebate_policy(), least)
        sums = dict.fromkeys(there, 0)
        for line in order._goods_lines():
            part = parts.get(line.id, 0)
            if part != to_fen(line.rebate_part):
                line.rebate_part = from_fen(part)
            if part:
                taxes = line._rebate_taxes()
                sums[taxes] = sums.get(taxes, 0) + part
        for taxes, amount in sums.items():
            order._set_rebate_line(there.get(taxes), taxes, max(amount, least.get(taxes, 0)))

    def _set_rebate_line(self, line, taxes, fen):
        """Make a discount line so much, or take it off."""
        if not line:
            values = self.company_id._rebate_line_values() | {
                "order_id": self.id,
                "product_uom_qty": from_fen(fen),
                "tax_ids": [Command.set(taxes)],
            }
            self.env["sale.order.line"].create(values)
        elif not fen and self.state in ("draft", "sent"):
            line.unlink()
        elif fen != line._quantity_fen():
            line.product_uom_qty = from_fen(fen)

    def _fit_rebate(self):
        """After a change: the discount is at most what the policy allows, and divided anew."""
        for order in self:
            if order._rebate_lines("discount") or any(order.order_line.mapped("rebate_part")):
                allowed = order._rebate_offer()
                used = sum(line._quantity_fen() for line in order._rebate_lines("discount"))
                most = max(0, allowed.cap - allowed.goods)
                if order.state == "sale":
                    most = min(most, order._rebate_room())
                order._divide_rebate(min(used, most))

    def _rebate_room(self):
        """Of a confirmed order, what its discount may come to so that no invoice is below 0."""
        lines = self._goods_lines().filtered(lambda line: not line.rebate)
        invoiced = sum(line._invoiced_fen() for line in self._rebate_lines("discount"))
        return invoiced + sum(line._uninvoiced_fen() for line in lines)

    def _check_rebate_goods(self):
        """:raises UserError: goods on rebate are worth more than the order may use"""
        for order in self.sudo().filtered("member_id"):
            allowed = order._rebate_lines("goods") and order._rebate_offer()
            if allowed and allowed.goods > allowed.cap:
                raise UserError(
                    self.env._(
                        "%(order)s has goods on rebate worth %(goods)s, but may use %(cap)s: take"
                        " some of them off first.",
                        order=order.name,
                        goods=from_fen(allowed.goods),
                        cap=from_fen(allowed.cap),
                    )
                )

    def _refit_deposit(self, changed=True):
        if changed and self.env.context.get("deposit_refit") is not REFIT_LATER:
            orders = self.sudo().filtered("member_id")
            orders._fit_rebate()
            orders.filtered(lambda order: order.state == "sale")._check_rebate_goods()
        return super()._refit_deposit(changed)

    def _check_confirmable(self):
        self._check_rebate_goods()
        return super()._check_confirmable()

    def action_confirm(self):
        self.sudo().filtered("member_id")._fit_rebate()
        return super().action_confirm()

    # -- Odoo's own ways of changing lines ---------------------------------------------------

    def _get_copiable_order_lines(self):
        """A copy begins without rebate."""
        return super()._get_copiable_order_lines().filtered(lambda line: not line.rebate)

    def _get_update_prices_lines(self):
        return super()._get_update_prices_lines().filtered(lambda line: not line.rebate)

    def _get_invoiceable_lines(self, final=False):
        """The discount is invoiced in proportion to the goods."""
        self._claim_rebate()
        return super()._get_invoiceable_lines(final)

    def _claim_rebate(self):
        """Note on the discount lines how much belongs to what is to be invoiced by now."""
        for order in self.sudo().filtered(lambda order: order.state == "sale"):
            for line in order._rebate_lines("discount"):
                fen = line._claimed_fen()
                if fen != to_fen(round(line.qty_delivered, 2)):
                    line.qty_delivered = from_fen(fen)

    def _rebate_invoiced(self):
        """What posted invoices of the order have used of the rebate, in fen."""
        return sum(
            line._rebate_fen()
            for line in self.order_line.invoice_lines
            if line.move_id.move_type == "out_invoice" and line.parent_state == "posted"
        )

    def action_use_rebate(self):
        """Button “Use Rebate…”."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Use Rebate"),
            "res_model": "channel.rebate.use",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_id": self.id},
        }
