import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.channel_intake.models.message_store import utc
from odoo.addons.channel_network.core.money import from_fen, to_fen

from ..core.settlement import Identities


class ChannelPlatformSettlementImport(models.Model):
    """A file of a platform's settlement, or a day that was asked for: what it held and brought."""

    _name = "channel.platform.settlement.import"
    _description = "Reading of a Platform's Settlement"
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char("Source", required=True, readonly=True)
    shop_id = fields.Many2one(
        "channel.shop", required=True, readonly=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="restrict", index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    file = fields.Binary(readonly=True, attachment=True, help="As it was given, for the audit.")
    sha256 = fields.Char("Checksum", readonly=True, copy=False, help="SHA-256 of the file.")
    row_count = fields.Integer("Rows", readonly=True)
    new_count = fields.Integer("New Rows", readonly=True)
    amount = fields.Monetary("Paid Out", readonly=True, help="Of all its rows, new or not.")
    settled_from = fields.Datetime(readonly=True)
    settled_to = fields.Datetime(readonly=True)
    unknown = fields.Char(
        "Unknown Columns", readonly=True, help="They are kept with the rows, and used for nothing."
    )
    difference_count = fields.Integer(compute="_compute_difference_count")

    _once = models.UniqueIndex("(shop_id, sha256)", "This file was imported before.")
    _counts = models.Constraint(
        "CHECK (row_count >= new_count AND new_count >= 0)", "No more rows are new than there are."
    )

    def _compute_difference_count(self):
        differences = self.env["channel.platform.settlement.difference"]
        for batch in self:
            batch.difference_count = differences.search_count([("import_id", "=", batch.id)])

    @api.model
    def _of_file(self, shop, data: bytes):
        """The import of the same file before, if there is one."""
        return self.search([("shop_id", "=", shop.id), ("sha256", "=", _sha256(data))])

    @api.model
    def _import_file(self, shop, filename, data: bytes, encoded, sheet):
        """Keep a file with its rows, and compare their orders. One transaction.

        :param encoded: ``data`` as Odoo keeps files
        :param sheet: what was read of it, without errors
        :raises UserError: the file is here already
        """
        shop = shop.sudo()
        before = self._of_file(shop, data)
        if before:
            raise UserError(before._here_already())
        batch = self._begin(
            shop, filename,
            file=encoded, sha256=_sha256(data), unknown=", ".join(sheet.unknown)[:500],
        )  # fmt: skip
        batch._add(sheet.rows, Identities())
        self.env["channel.platform.settlement.difference"]._match_rest(shop)
        return batch

    @api.model
    def _begin(self, shop, name, **values):
        return self.create(
            {"name": name, "shop_id": shop.id, "company_id": shop.company_id.id} | values
        )

    def _add(self, rows, identities) -> int:
        """Keep more rows of this import; compare the orders of the new ones.

        :return: how many are new
        """
        self.ensure_one()
        if not rows:
            return 0
        new = self.env["channel.platform.settlement"]._store(
            self, [(identities.of(row), row) for row in rows]
        )
        self._count(rows, len(new))
        self.env["channel.platform.settlement.difference"]._match(self.shop_id, set(new))
        return len(new)

    def _count(self, rows, new: int) -> None:
        times = [utc(row.settled_at) for row in rows]
        self.write(
            {
                "row_count": self.row_count + len(rows),
                "new_count": self.new_count + new,
                "amount": from_fen(to_fen(self.amount) + sum(row.amount for row in rows)),
                "settled_from": min([*times, *filter(None, [self.settled_from])]),
                "settled_to": max([*times, *filter(None, [self.settled_to])]),
            }
        )

    def _here_already(self) -> str:
        return self.env._(
            "This file was imported before: %(name)s, on %(day)s by %(user)s. Nothing was added."
            " Choose another file.",
            name=self.name,
            day=fields.Date.to_string(fields.Datetime.context_timestamp(self, self.create_date)),
            user=self.create_uid.name,
        )

    @api.model
    def action_ask_platforms(self):
        """Ask the connected platforms for what they settled, now instead of within the hour.

        :raises UserError: no shop of these companies is connected
        """
        self.env["channel.platform.settlement.read"].check_access("create")
        shops = self.env["channel.shop"]._connected()
        if not shops:
            raise UserError(
                self.env._("No shop is connected to its platform: import the platform's file.")
            )
        for shop in shops:
            shop.sudo()._enqueue_settlement(again=True)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._(
                    "Asking the platforms of %(shops)s: what is new stands here in some minutes.",
                    shops=", ".join(shops.mapped("name")),
                ),
            },
        }

    def action_open_rows(self):
        """The rows that this import brought."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "channel_platform_settlement.action_channel_platform_settlement"
        )
        return action | {"domain": [("import_id", "in", self.ids)], "context": {}}

    def action_open_differences(self):
        """The differences of the orders in this import."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "channel_platform_settlement.action_channel_platform_settlement_difference"
        )
        return action | {"domain": [("import_id", "in", self.ids)]}


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
