from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..fields import BigInteger


class ChannelWaybillPool(models.Model):
    """A carrier's block of waybill numbers (面单号段), given out one after the other without gaps.

    A number is taken in the transaction that packs the parcel: when that rolls back, the number
    is free again.
    """

    _name = "channel.waybill.pool"
    _description = "Waybill number pool"
    _order = "sequence, id"
    _rec_name = "prefix"

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    carrier_id = fields.Many2one("delivery.carrier", required=True, ondelete="cascade", index=True)
    prefix = fields.Char(default="", help="Letters or digits before the number.")
    width = fields.Integer(
        string="Digits",
        required=True,
        default=10,
        help="The number is filled with zeros to so many digits.",
    )
    next_number = BigInteger(required=True, default=1)
    last_number = BigInteger(required=True)
    left = BigInteger(string="Numbers left", compute="_compute_left")

    _range = models.Constraint(
        "CHECK (next_number >= 0 AND next_number <= last_number + 1)",
        "The next number must not lie behind the last one.",
    )
    _width = models.Constraint("CHECK (width BETWEEN 1 AND 18)", "A number has 1 to 18 digits.")

    @api.depends("next_number", "last_number")
    def _compute_left(self):
        for pool in self:
            pool.left = pool.last_number - pool.next_number + 1

    @api.depends("carrier_id", "prefix", "next_number")
    def _compute_display_name(self):
        for pool in self:
            number = str(pool.next_number).zfill(pool.width or 1)
            pool.display_name = f"{pool.carrier_id.name or ''} {pool.prefix or ''}{number}"

    @api.model
    def _take(self, carrier, company, count):
        """Take ``count`` numbers of the carrier, the oldest pool first.

        :return: list of waybill numbers in order
        :raise UserError: the pools do not hold so many; nothing is taken then
        """
        numbers = []
        for pool in self.sudo().search(
            [("carrier_id", "=", carrier.id), ("company_id", "=", company.id)]
        ):
            numbers += pool._take_here(count - len(numbers))
            if len(numbers) == count:
                return numbers
        raise UserError(
            self.env._(
                "%(carrier)s has %(left)s waybill numbers left, %(wanted)s are needed. Enter the "
                "next block under Fulfilment > Waybill numbers, or type the waybill.",
                carrier=carrier.display_name,
                left=len(numbers),
                wanted=count,
            )
        )

    def _take_here(self, count):
        """Up to ``count`` numbers of this pool."""
        self.flush_recordset()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE channel_waybill_pool pool
                   SET next_number = LEAST(pool.next_number + %(count)s, pool.last_number + 1)
                  FROM (SELECT id, next_number FROM channel_waybill_pool
                         WHERE id = %(id)s FOR UPDATE) before
                 WHERE pool.id = before.id
             RETURNING before.next_number, pool.next_number, COALESCE(pool.prefix, ''), pool.width
                """,
                count=count,
                id=self.id,
            )
        )
        self.invalidate_recordset(["next_number", "left", "display_name"])
        [(first, after, prefix, width)] = rows
        return [f"{prefix}{str(number).zfill(width)}".upper() for number in range(first, after)]
