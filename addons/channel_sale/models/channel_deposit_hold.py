from odoo import models


class ChannelDepositHold(models.Model):
    """The hold of an order is found by its source."""

    _inherit = "channel.deposit.hold"

    _source_idx = models.Index("(source) WHERE state = 'active'")


class ChannelDepositEntry(models.Model):
    """What an invoice has spent is found by its source."""

    _inherit = "channel.deposit.entry"

    _spent_idx = models.Index("(source) WHERE kind IN ('capture', 'give_back', 'reverse')")
