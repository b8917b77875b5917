"""Field types of this addon."""

from odoo import fields


class BigInteger(fields.Integer):
    """An integer in an int8 column: waybill numbers have up to 15 digits."""

    _column_type = ("int8", "int8")
