from odoo import api, models
from odoo.exceptions import UserError


class AccountTax(models.Model):
    """Price-included twins, for amounts that are owed as they stand: consumer prices, rebates."""

    _inherit = "account.tax"

    def _channel_included_twins(self):
        """The price-included twins of these taxes, found or made; the originals stay as they are.

        A twin has the same amount, group, accounts and tags; only its price is included. Consumer
        prices contain VAT, while ``l10n_cn`` ships price-excluded taxes only: an order paid
        113.00 must be invoiced 113.00, not 127.69 (spec/accounting.md).

        :return: recordset of taxes in the order of self
        :raise UserError: a tax that is not a percentage of the price
        """
        twins = self.browse()
        for tax in self:
            twins |= tax if tax.price_include else tax._channel_included_twin()
        return twins

    def _channel_included_twin(self):
        self.ensure_one()
        if self.amount_type != "percent" or self.type_tax_use != "sale":
            raise UserError(
                self.env._(
                    "The tax %(tax)s is not a percentage of the sale price. Prices that include it"
                    " need a percentage: change the customer tax of the product.",
                    tax=self.display_name,
                )
            )
        twin = self.search(
            [
                ("company_id", "=", self.company_id.id),
                ("type_tax_use", "=", "sale"),
                ("amount_type", "=", "percent"),
                ("amount", "=", self.amount),
                ("price_include_override", "=", "tax_included"),
                ("tax_group_id", "=", self.tax_group_id.id),
                ("country_id", "=", self.country_id.id),
            ]
        ).filtered(lambda other: other._channel_postings() == self._channel_postings())[:1]
        return twin or self._channel_make_twin()

    def _channel_postings(self):
        """Where the tax posts: two taxes that agree in this differ only in the price."""
        self.ensure_one()
        return [
            (
                line.document_type,
                line.repartition_type,
                line.factor_percent,
                line.account_id.id,
                frozenset(line.tag_ids.ids),
                line.use_in_tax_closing,
            )
            for line in self.repartition_line_ids.sorted(
                lambda line: (line.document_type, line.sequence, line.id)
            )
        ]

    @api.model
    def _channel_twin_name(self, tax, number):
        suffix = self.env._("included")
        return f"{tax.name} ({suffix})" if number == 1 else f"{tax.name} ({suffix} {number})"

    def _channel_make_twin(self):
        self.ensure_one()
        number = 1
        while self.with_context(active_test=False).search_count(
            [
                ("company_id", "child_of", self.company_id.root_id.id),
                ("name", "=", self._channel_twin_name(self, number)),
                ("type_tax_use", "=", "sale"),
                ("country_id", "=", self.country_id.id),
            ],
            limit=1,
        ):
            number += 1
        return self.copy(
            {
                "name": self._channel_twin_name(self, number),
                "price_include_override": "tax_included",
                "active": True,
                "fiscal_position_ids": False,
                "original_tax_ids": False,
            }
        )
