from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.channel_fulfilment.core.scan import Answer

from ..core.desk import Why


class ChannelReturn(models.Model):
    """What the returns desk shows: one shape for every answer."""

    _inherit = "channel.return"

    def _reply(self, answer, title, message, *, station=None, warehouse=None):
        """The one shape of every answer; an empty recordset shows that no parcel is open."""
        station = dict(station or {})
        warehouse = (
            warehouse
            or self.warehouse_id
            or self.env["stock.warehouse"].browse(station.get("warehouse_id"))
        )
        station["warehouse_id"] = warehouse.id
        is_open = bool(self) and self.state == "received" and station.get("return_id") == self.id
        follow = "condition" if station.get("product_id") else "product"
        return {
            "state": str(answer),
            "title": title,
            "message": message,
            "parcel": self._reply_parcel(),
            "lines": self._reply_lines(station.get("product_id")),
            "trolley": self._reply_trolley(warehouse),
            "warehouse": {"id": warehouse.id, "name": warehouse.name, "code": warehouse.code},
            "next": follow if is_open else "waybill",
            "station": station if is_open else {"warehouse_id": warehouse.id},
        }

    def _reply_parcel(self):
        if not self:
            return {}
        sources = dict(self._fields["source"]._description_selection(self.env))
        return {
            "id": self.id,
            "name": self.waybill,
            "source": sources.get(self.source, ""),
            "orders": ", ".join(self.order_ids.mapped("order_ref")),
            "aftersales": ", ".join(self.aftersale_ids.mapped("aftersale_ref")),
            "sender": self.sender_phone_masked or "",
        }

    def _reply_lines(self, holding=None):
        """The parcel's units as the desk shows them, by product; expected ones first."""
        if not self:
            return []
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT COALESCE(u.product_id, 0) AS product_id,
                       COALESCE(max(p.default_code), '') AS sku,
                       COALESCE(max(t.name ->> %(lang)s), max(t.name ->> 'en_US'), '') AS title,
                       sum(u.expected)::int AS expected, sum(u.good)::int AS good,
                       sum(u.defect)::int AS defect, sum(u.wrong)::int AS wrong,
                       sum(u.missing)::int AS missing,
                       COALESCE(bool_or(l.gift), FALSE) AS gift,
                       COALESCE(u.product_id = %(holding)s, FALSE) AS holding
                  FROM channel_return_line u
                  LEFT JOIN channel_order_line l ON l.id = u.order_line_id
                  LEFT JOIN product_product p ON p.id = u.product_id
                  LEFT JOIN product_template t ON t.id = p.product_tmpl_id
                 WHERE u.return_id = %(parcel)s
                 GROUP BY u.product_id
                 ORDER BY sum(u.expected) = 0, min(u.id)
                """,
                lang=self.env.lang or "en_US",
                holding=int(holding or 0) or None,
                parcel=self.id,
            )
        )

    @api.model
    def _reply_trolley(self, warehouse):
        batch = self.env["channel.return.batch"].search(
            [("warehouse_id", "=", warehouse.id), ("state", "=", "open")]
        )
        return {"name": batch.name or "", "parcels": batch.parcels}

    # -- opening -----------------------------------------------------------------------------

    def _reply_open(self, station=None):
        """The parcel is open: what is expected in it, or that nobody expects it."""
        station = {**(station or {}), "return_id": self.id}
        if not self.source:
            title, answer = self.env._("No owner"), Answer.ALREADY
            message = self.env._(
                "Nobody has told this waybill. Type the sender's phone number, count what is in "
                "it, and put the parcel on the shelf of parcels without owner."
            )
        elif not any(line["expected"] for line in self._reply_lines()):
            title, answer = self.env._("Nothing expected"), Answer.ALREADY
            message = self.env._(
                "All units of its order are back already, or it never left. Count what is in it "
                "as wrong."
            )
        else:
            title, answer = self.env._("Count the units"), Answer.OK
            message = self.env._("Scan a product, then its condition.")
        return self._reply(answer, title, message, station=station)

    def _reply_known(self, warehouse):
        """The parcel was counted before: who did it, and when."""
        at = fields.Datetime.context_timestamp(self, self.inspected_at)
        return self._reply(
            Answer.ALREADY,
            self.env._("Already counted"),
            self.env._(
                "Counted by %(user)s on %(time)s.",
                user=self.inspected_by.name or "?",
                time=at.strftime("%Y-%m-%d %H:%M"),
            ),
            warehouse=warehouse,
        )

    # -- counting ----------------------------------------------------------------------------

    def _reply_holding(self, product_id, station, surplus=False):
        product = self.env["product.product"].browse(product_id)
        station = station | {"return_id": self.id, "product_id": product_id}
        if surplus:
            return self._reply(
                Answer.STOP,
                self.env._("Not expected"),
                self.env._("%s: scan Wrong, or Undo to put it back.", product.display_name),
                station=station,
            )
        return self._reply(
            Answer.OK, product.display_name, self.env._("In which condition?"), station=station
        )

    def _reply_counted(self, condition, product_id, last, station):
        titles = {
            "good": self.env._("Good"),
            "defect": self.env._("Defect"),
            "wrong": self.env._("Wrong"),
            "missing": self.env._("Missing"),
        }
        left = sum(row.left for row in self._rows())
        message = (
            self.env._("%s units still expected. Scan the next product.", left)
            if left or not self.source
            else self.env._("All units are counted. Scan Confirm.")
        )
        if not self.source:
            message = self.env._("Scan the next product, or Confirm.")
        return self._reply(
            Answer.OK if condition == "good" else Answer.LEFT,
            titles[condition],
            message,
            station=station | {"return_id": self.id, "product_id": False, "last": last},
        )

    def _reply_undone(self, station):
        return self._reply(
            Answer.LEFT,
            self.env._("Taken back"),
            self.env._("The last count is undone. Scan a product."),
            station=station | {"return_id": self.id, "product_id": False, "last": False},
        )

    def _reply_phone(self, station):
        return self._reply(
            Answer.OK,
            self.env._("Sender noted"),
            self.env._("Count what is in the parcel: scan a product, then its condition."),
            station=station | {"return_id": self.id},
        )

    # -- closing -----------------------------------------------------------------------------

    def _reply_left(self):
        return self._reply(
            Answer.LEFT,
            self.env._("Put aside"),
            self.env._("Its count is kept. Scan its waybill to go on."),
        )

    def _reply_confirmed(self):
        if not self.source:
            return self._reply(
                Answer.ALREADY,
                self.env._("Kept without owner"),
                self.env._(
                    "Put it on the shelf of parcels without owner: its owner is looked for."
                ),
            )
        rows = self._rows()
        left = sum(row.left for row in rows)
        if any(row.wrong or row.missing or row.defect for row in rows):
            return self._reply(
                Answer.LEFT,
                self.env._("Held for a person"),
                self.env._(
                    "Good units and defects go onto the trolley, wrong ones stay at the desk."
                ),
            )
        if left:
            return self._reply(
                Answer.OK,
                self.env._("Counted"),
                self.env._("%s units are still to come in another parcel.", left),
            )
        return self._reply(
            Answer.OK, self.env._("Counted"), self.env._("Put the units onto the trolley.")
        )

    @api.model
    def _reply_no_trolley(self, warehouse):
        return self._reply(
            Answer.UNKNOWN,
            self.env._("The trolley is empty"),
            self.env._("Count a parcel first."),
            warehouse=warehouse,
        )

    @api.model
    def _reply_stocked(self, batch):
        return self._reply(
            Answer.OK,
            self.env._("In stock"),
            self.env._(
                "%(trolley)s: %(count)s parcels, transfer %(transfer)s.",
                trolley=batch.name,
                count=batch.parcels,
                transfer=batch.picking_id.name or "—",
            ),
            warehouse=batch.warehouse_id,
        )

    @api.model
    def _reply_warehouse(self, warehouse):
        return self._reply(
            Answer.OK,
            warehouse.name,
            self.env._("Parcels come into this warehouse now."),
            warehouse=warehouse,
        )

    def _reply_refusal(self, why, scan, station):
        """Why a scan was not taken, and what to do."""
        texts = {
            Why.UNKNOWN: self.env._("%s is no product of this parcel and no code of the desk.",
                                    scan.text or "—"),
            Why.NO_PARCEL: self.env._("Scan the waybill of a parcel first."),
            Why.CONDITION_FIRST: self.env._("Scan the condition of the product first."),
            Why.PRODUCT_FIRST: self.env._("Scan the product first, then its condition."),
            Why.NOT_EXPECTED: self.env._("No more units of it are expected: it can only be wrong."),
            Why.NOTHING_LEFT: self.env._("Every expected unit is counted: nothing is missing."),
            Why.NOTHING_COUNTED: self.env._("Count the units first. Empty? Scan Missing."),
            Why.NO_OWNER: self.env._("Nobody knows what should be in a parcel without owner."),
            Why.FINISH_FIRST: self.env._("Confirm the open parcel first, or put it aside."),
            Why.NOTHING_TO_UNDO: self.env._("There is nothing to take back."),
        }  # fmt: skip
        if why is Why.UNKNOWN and not self:
            message = self.env._("%s is no waybill. Scan it again or type it.", scan.text or "—")
        else:
            message = texts[why]
        title = self.env._("Unknown code") if why is Why.UNKNOWN else self.env._("Stop")
        return self._reply(
            Answer.UNKNOWN if why is Why.UNKNOWN else Answer.STOP,
            title,
            message,
            station=station | ({"return_id": self.id} if self else {}),
        )
