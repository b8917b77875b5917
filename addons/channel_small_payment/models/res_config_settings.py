from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    channel_small_currency_id = fields.Many2one(related="company_id.currency_id")
    channel_small_each = fields.Monetary(
        related="company_id.channel_small_each", readonly=False,
        currency_field="channel_small_currency_id",
    )  # fmt: skip
    channel_small_order = fields.Monetary(
        related="company_id.channel_small_order", readonly=False,
        currency_field="channel_small_currency_id",
    )  # fmt: skip
    channel_small_alone = fields.Monetary(
        related="company_id.channel_small_alone", readonly=False,
        currency_field="channel_small_currency_id",
    )  # fmt: skip
    channel_small_account_id = fields.Many2one(
        related="company_id.channel_small_account_id", readonly=False
    )
    channel_small_journal_id = fields.Many2one(
        related="company_id.channel_small_journal_id", readonly=False
    )
