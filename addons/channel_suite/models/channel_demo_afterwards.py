from odoo import models

from ..core import demo_data

# The platform's clock goes this many seconds behind, so that each pull reads what has just changed.
BEHIND = 30


class ChannelDemoAfterwards(models.AbstractModel):
    """What follows the first manifest: a handful of after-sales, each left at another step.

    The desks of the clerk, the returns desk and the warehouse find something to do; what is over
    is on a credit note.
    """

    _inherit = "channel.demo.story"

    def _make_afterwards(self, shop, wave, products, simulator):
        """Play ``demo_data.AFTERSALES`` with orders of a wave that has left.

        :return: the after-sales
        """
        self._tell_platform()
        self._fetch(shop)
        cases = list(zip(self._calm_orders(wave), demo_data.AFTERSALES, strict=False))
        simulator.tell("clock/advance", seconds=-BEHIND)
        refs = self._ask_afterwards(shop, cases, simulator)
        self._answer_requests(shop, cases, refs)
        for (order, case), ref in zip(cases, refs, strict=True):
            if case.sends and case.told:
                simulator.tell(
                    "aftersale/send_back",
                    aftersale_id=ref,
                    company="yunda",
                    waybill=self._return_waybill(order),
                )
        self._exchange_news(shop)
        self._count_afterwards(cases, products)
        paid = self._asked([ref for (_, case), ref in zip(cases, refs, strict=True) if case.paid])
        self._decide(paid.filtered(lambda row: row.step == "goods"), "grant", "商品完好")
        self._exchange_news(shop)
        simulator.tell("clock/real")
        if cases:
            self._as("finance", self.env["channel.order.credit"]).action_write_notes()
            others = wave.parcel_ids.order_ids.filtered(
                lambda order: order.stage == "shipped" and not order.aftersale_ids
            )
            if len(others) > 1:
                self._pay_small(others)
        return self._asked(refs)

    def _calm_orders(self, wave):
        """Shipped orders of the wave of one line, alone in their parcel, nothing asked before."""
        return wave.parcel_ids.order_ids.filtered(
            lambda order: (
                order.stage == "shipped"
                and len(order.parcel_id.order_ids) == 1
                and len(set(order.line_ids.mapped("line_ref"))) == 1
                and set(order.line_ids.mapped("state")) == {"live"}
                and not order.refund_open
            )
        ).sorted("id")

    def _ask_afterwards(self, shop, cases, simulator):
        """The buyers have their goods and ask. :return: the platform's numbers of what they ask"""
        refs = []
        for order, case in cases:
            simulator.tell("complete", order_id=order.order_ref)
            refs.append(
                simulator.tell(
                    "aftersale/apply",
                    line_id=order.line_ids[0].line_ref,
                    kind=case.kind,
                    fen=case.fen,
                )
            )
        self._say("%s after-sales asked when the parcels were there", len(refs))
        self._fetch(shop)
        return refs

    def _answer_requests(self, shop, cases, refs):
        """The operator grants and refuses; what waits for nobody's answer yet stays."""
        for answer, reason in (("grant", ""), ("refuse", "已超过七天，不支持退款")):
            chosen = [
                ref for (_, case), ref in zip(cases, refs, strict=True) if case.answer == answer
            ]
            self._decide(self._asked(chosen), answer, reason)
        self._exchange_news(shop)

    def _count_afterwards(self, cases, products):
        """What came back is counted; the trolley of what is to be paid back goes into stock."""
        here = [(order, case) for order, case in cases if case.found]
        for paid in (True, False):
            for order, case in here:
                if case.paid == paid:
                    self._count_parcel(
                        order.parcel_id.warehouse_id,
                        self._return_waybill(order),
                        self._desk_codes(order, case.found, products),
                    )
            if paid:
                self._empty_trolleys()

    def _desk_codes(self, order, found, products):
        """What is scanned of an order's parcel: the first unit is as ``found`` says, others good."""
        units = [line.product_id for line in order.line_ids for _n in range(int(line.quantity))]
        codes, missing = [], []
        for place, product in enumerate(units):
            condition = "good" if place else found
            if condition == "wrong":
                codes += [products[demo_data.WRONG_PRODUCT].barcode, "R-WRONG"]
                missing = [product.barcode, "R-MISSING"]
            else:
                codes += [product.barcode, f"R-{condition.upper()}"]
        return [*codes, *missing, "R-CONFIRM"]

    # ------------------------------------------------------------------ small things
    def _asked(self, refs):
        return self.env["channel.aftersale"].search([("aftersale_ref", "in", refs)], order="id")

    def _return_waybill(self, order):
        """The number under which the buyer of an order sends goods back."""
        return f"YD{order.order_ref[-12:]}"

    def _exchange_news(self, shop):
        """What we owe the platform is told, and what it says is read."""
        self._tell_platform()
        self._fetch(shop)
