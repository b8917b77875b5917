from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.channel_wave_job import ORDERS_AT_ONCE


class ChannelWaveBuild(models.TransientModel):
    """Shows what would be built before anything is, then builds it in one transaction."""

    _name = "channel.wave.build"
    _description = "Build waves"

    line_ids = fields.One2many("channel.wave.build.line", "wizard_id")
    order_count = fields.Integer(compute="_compute_totals")
    wave_count = fields.Integer(compute="_compute_totals")
    unsound_count = fields.Integer(compute="_compute_totals")
    missing_rule = fields.Boolean(compute="_compute_totals")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if "line_ids" in fields_list:
            values["line_ids"] = [fields.Command.create(line) for line in self._preview()]
        return values

    @api.model
    def _preview(self):
        """Values of the lines: what the rules would make of the releasable orders now."""
        waves = self.env["channel.wave"]
        waves.check_access("create")
        waves = waves.sudo()
        found = waves._releasable()
        rules = self.env["channel.wave.rule"]._by_pair(
            [(row["shop_id"], row["fulfiller_id"]) for row in found]
        )
        lines = []
        for row in found:
            rule = rules.get((row["shop_id"], row["fulfiller_id"]))
            shop = self.env["channel.shop"].browse(row["shop_id"])
            fulfiller = self.env["channel.fulfiller"].browse(row["fulfiller_id"])
            plans = waves._plan(shop, fulfiller, rule) if rule else []
            lines.append(
                {
                    "shop_id": shop.id,
                    "fulfiller_id": fulfiller.id,
                    "rule_id": rule.id if rule else False,
                    "selected": bool(plans),
                    "order_count": row["orders"],
                    "unsound_count": row["unsound"],
                    "oldest": row["oldest"],
                    "wave_count": len(plans),
                    "hot_count": sum(1 for plan in plans if plan.hot_product_id),
                    "parcel_count": sum(len(plan.parcels) for plan in plans),
                }
            )
        return lines

    @api.depends("line_ids.selected")
    def _compute_totals(self):
        for wizard in self:
            chosen = wizard.line_ids.filtered("selected")
            wizard.order_count = sum(chosen.mapped("order_count"))
            wizard.wave_count = sum(chosen.mapped("wave_count"))
            wizard.unsound_count = sum(wizard.line_ids.mapped("unsound_count"))
            wizard.missing_rule = any(
                line.order_count and not line.rule_id for line in wizard.line_ids
            )

    def action_build(self):
        """Build the waves of the chosen lines and show them; many are built in the background."""
        self.ensure_one()
        chosen = self.line_ids.filtered("selected")
        if not chosen:
            raise UserError(
                self.env._(
                    "Choose at least one line with a wave rule. Without one, make the rule first."
                )
            )
        waves = self.env["channel.wave"]
        if self.order_count > ORDERS_AT_ONCE:
            return self._build_later(chosen)
        for line in chosen:
            waves |= waves._build(line.shop_id, line.fulfiller_id)
        if not waves:
            raise UserError(
                self.env._(
                    "Somebody else has just taken these orders. There is nothing left to build."
                )
            )
        return waves._list_action(
            "channel.wave", [("id", "in", waves.ids)], self.env._("New waves")
        )

    def _build_later(self, chosen):
        """Queue the building, say so, and show the list that fills itself."""
        waves = self.env["channel.wave"]
        for line in chosen:
            waves._enqueue_build(line.shop_id, line.fulfiller_id)
        domain = [
            ("state", "=", "new"),
            ("shop_id", "in", chosen.shop_id.ids),
            ("fulfiller_id", "in", chosen.fulfiller_id.ids),
        ]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "title": self.env._("Waves are being built"),
                "message": self.env._(
                    "%(waves)s waves of %(orders)s orders are built in the background, one-SKU "
                    "waves first. Reload the list to see those that are ready; you are told when "
                    "all of them are.",
                    waves=self.wave_count,
                    orders=self.order_count,
                ),
                "next": waves._list_action("channel.wave", domain, self.env._("New waves")),
            },
        }


class ChannelWaveBuildLine(models.TransientModel):
    """One shop and fulfiller of the preview."""

    _name = "channel.wave.build.line"
    _description = "Build waves: shop and fulfiller"

    wizard_id = fields.Many2one("channel.wave.build", required=True, ondelete="cascade")
    selected = fields.Boolean(string="Build")
    shop_id = fields.Many2one("channel.shop", readonly=True)
    fulfiller_id = fields.Many2one("channel.fulfiller", readonly=True)
    rule_id = fields.Many2one("channel.wave.rule", readonly=True)
    order_count = fields.Integer(string="Orders", readonly=True)
    unsound_count = fields.Integer(
        string="Not ready",
        readonly=True,
        help="Orders whose amounts do not add up or that have a line without a product.",
    )
    oldest = fields.Datetime(string="Oldest payment", readonly=True)
    wave_count = fields.Integer(string="Waves", readonly=True)
    hot_count = fields.Integer(string="One SKU", readonly=True)
    parcel_count = fields.Integer(string="Parcels", readonly=True)
