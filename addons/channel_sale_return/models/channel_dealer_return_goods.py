from collections import defaultdict

from odoo import Command, models
from odoo.exceptions import AccessError, UserError

from ..core.returnable import MILLI, spread

# Who counts a receipt sets this in the context. An object cannot come from outside.
COUNTED = object()


class ChannelDealerReturn(models.Model):
    """Receipt and inspection: Odoo's own return of deliveries, with what was counted."""

    _inherit = "channel.dealer.return"

    def _make_receipt(self):
        """The receipts of what was approved, one for each delivery it came by."""
        self.ensure_one()
        by_delivery = defaultdict(list)
        for line in self.line_ids:
            for move, quantity in line._delivery_parts():
                by_delivery[move.picking_id].append(line._receipt_values(move, quantity))
        for delivery, moves in by_delivery.items():
            warehouse = delivery.picking_type_id.warehouse_id
            kind = delivery.picking_type_id.return_picking_type_id or warehouse.in_type_id
            stock = warehouse.lot_stock_id
            self.env["stock.picking"].create(
                {
                    "picking_type_id": kind.id,
                    "partner_id": self.member_id.partner_id.id,
                    "company_id": self.company_id.id,
                    "location_id": delivery.location_dest_id.id,
                    "location_dest_id": stock.id,
                    "origin": self.name,
                    "return_id": delivery.id,
                    "channel_dealer_return_id": self.id,
                    "move_ids": [
                        Command.create(values | {"location_dest_id": stock.id}) for values in moves
                    ],
                }
            ).action_confirm()

    def _receive(self, found):
        """What the warehouse counted: good units into stock, defects where nothing is promised.

        What is wrong or did not come stays the dealer's: it is not credited.

        :param found: {line: (good, defect, wrong)} in the lines' units
        :raise UserError: more than was asked for, nothing, or it is counted already
        """
        request = self.sudo()
        request.ensure_one()
        request._move("approved", "received")
        found = {line.sudo(): counts for line, counts in found.items()}
        if any(line.return_id != request for line in found):
            raise AccessError(self.env._("These are goods of another return."))
        if not any(sum(counts) for counts in found.values()):
            raise UserError(self.env._("Nothing was counted: enter what came."))
        for line, (good, defect, wrong) in found.items():
            if min(good, defect, wrong) < 0 or good + defect + wrong > line.quantity:
                raise UserError(
                    self.env._(
                        "%(product)s: %(asked)g were approved, so not more can be received.",
                        product=line.product_id.display_name,
                        asked=line.quantity,
                    )
                )
            line.write({"good": good, "defect": defect, "wrong": wrong})
        request._take_in()
        request._tell(self.env._("The goods are here: %s", request._found_words()))
        if doubt := request._doubt():
            request.hold = doubt
            request._ask(self.env._("Decide about returned defects"))
        else:
            request._settle_or_wait()

    def _take_in(self):
        """Validate the receipts with what was counted; what did not come is taken off them."""
        pickings = self.picking_ids.filtered(lambda p: p.state not in ("done", "cancel"))
        for line in self.line_ids:
            line._split_found()
        empty = pickings.move_ids.filtered(lambda move: not move.picked)
        empty._action_cancel()
        coming = pickings.filtered(lambda p: p.state != "cancel")
        coming.with_context(dealer_return=COUNTED)._action_done()

    def _doubt(self):
        """Why a person must look before the units are paid for, or nothing."""
        doubtful = self.line_ids.filtered(lambda line: line.defect and line._is_dealers_risk())
        return "\n".join(
            self.env._(
                "%(product)s: %(defect)g came back defective, and the reason was: %(reason)s.",
                product=line.product_id.display_name,
                defect=line.defect,
                reason=line.reason_id.name or "—",
            )
            for line in doubtful
        )

    def _found_words(self):
        """What was found, a product after the other, for the dealer."""
        words = []
        for line in self.line_ids:
            names = {
                self.env._("good"): line.good,
                self.env._("defect"): line.defect,
                self.env._("wrong"): line.wrong,
                self.env._("missing"): line.missing,
            }
            counts = ", ".join(f"{name} {count:g}" for name, count in names.items() if count)
            words.append(f"{line.product_id.display_name} ({counts})")
        return "; ".join(words)


class ChannelDealerReturnLine(models.Model):
    """The moves that a line becomes."""

    _inherit = "channel.dealer.return.line"

    def _is_dealers_risk(self):
        """Whether a defect may be the dealer's own: the reason was not that it is defective."""
        return not self.reason_id or self.reason_id.counts

    def _delivery_parts(self):
        """[(delivery move, quantity)]: the line's units on its last deliveries.

        :raise UserError: so many were not delivered
        """
        self.ensure_one()
        unit = self.product_uom_id
        moves = self.sale_line_id.move_ids.filtered(
            lambda move: move.state == "done" and move.location_dest_id._is_outgoing()
        ).sorted(lambda move: (move.date, move.id), reverse=True)
        rooms = []
        for move in moves:
            back = move.returned_move_ids.filtered(lambda each: each.state != "cancel")
            left = move.product_uom._compute_quantity(move.quantity, unit) - sum(
                each.product_uom._compute_quantity(
                    each.quantity if each.state == "done" else each.product_uom_qty, unit
                )
                for each in back
            )
            rooms.append((move.id, round(left * MILLI)))
        parts, rest = spread(round(self.quantity * MILLI), rooms)
        if rest:
            raise UserError(
                self.env._(
                    "%(product)s of %(order)s: so many were not delivered, or are back already.",
                    product=self.product_id.display_name,
                    order=self.order_id.name,
                )
            )
        return [(moves.browse(move_id), part / MILLI) for move_id, part in parts.items()]

    def _receipt_values(self, origin, quantity):
        return {
            "product_id": self.product_id.id,
            "product_uom": self.product_uom_id.id,
            "product_uom_qty": quantity,
            "location_id": origin.location_dest_id.id,
            "origin_returned_move_id": origin.id,
            "move_orig_ids": [Command.link(origin.id)],
            "sale_line_id": self.sale_line_id.id,
            "to_refund": True,
            "channel_return_line_id": self.id,
        }

    def _split_found(self):
        """Write what was counted on the line's receipt moves; defects go by moves beside them."""
        self.ensure_one()
        moves = self.move_ids.filtered(lambda move: move.state not in ("done", "cancel"))
        rooms = {move.id: round(move.product_uom_qty * MILLI) for move in moves}
        good, too_good = spread(round(self.good * MILLI), rooms.items())
        left = [(key, room - good.get(key, 0)) for key, room in rooms.items()]
        defect, too_bad = spread(round(self.defect * MILLI), left)
        if too_good or too_bad:
            raise UserError(
                self.env._(
                    "The receipt of %s was changed or cancelled in Inventory: cancel the return and"
                    " ask for it anew.",
                    self.product_id.display_name,
                )
            )
        for move in moves:
            move._set_found(good.get(move.id, 0) / MILLI, defect.get(move.id, 0) / MILLI)
