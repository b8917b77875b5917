from markupsafe import Markup

from odoo import models
from odoo.tools import SQL

from ..core import code128


class ChannelWave(models.Model):
    """What is printed for a wave: the pick list by location and SKU, and the parcels' labels."""

    _inherit = "channel.wave"

    def _pick_rows(self):
        """Rows of the pick list, in the order of the walk: what is reserved and has not left.

        :return: list of dicts location, sku, product, barcode, units
        """
        self.ensure_one()
        found = (
            self.env["stock.move.line"]
            .sudo()
            ._read_group(
                [
                    ("picking_id.channel_wave_id", "=", self.id),
                    ("state", "not in", ("done", "cancel")),
                ],
                ["location_id", "product_id"],
                ["quantity_product_uom:sum"],
            )
        )
        rows = [
            {
                "location": location.complete_name,
                "sku": product.default_code or "",
                "product": product.with_context(display_default_code=False).display_name,
                "barcode": product.barcode or "",
                "units": int(units),
            }
            for location, product, units in found
        ]
        return sorted(rows, key=lambda row: (row["location"], row["sku"], row["product"]))

    def _label_rows(self):
        """What stands on each parcel's label. The receiver is masked: the full one is printed by
        the carrier's or the platform's own e-waybill."""
        self.ensure_one()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT p.name, %(carrier)s AS carrier,
                       COALESCE(min(o.receiver_name_masked), '') AS receiver,
                       COALESCE(min(o.receiver_phone_masked), '') AS phone,
                       COALESCE(min(concat_ws(' ', o.province, o.city, o.district,
                                              o.receiver_address_masked)), '') AS address,
                       array_agg(l.quantity || ' × ' || COALESCE(l.sku_code, '') || ' '
                                 || COALESCE(l.title, '') ORDER BY o.id, l.id) AS units
                  FROM channel_parcel p
                  JOIN channel_order o ON o.parcel_id = p.id
                  JOIN channel_order_line l ON l.order_id = o.id AND l.state = 'live'
                 WHERE p.wave_id = %(wave)s AND o.stage NOT IN ('refunded', 'cancelled')
                 GROUP BY p.id ORDER BY p.seq
                """,
                carrier=self.carrier_id.name,
                wave=self.id,
            )
        )
        for row in rows:
            # the name is ours: letters, digits and a hyphen
            row["barcode"] = Markup(code128.svg(row["name"]))
        return rows
