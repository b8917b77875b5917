from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.channel_fulfilment.core.scan import clean
from odoo.addons.channel_network.core.vault import normalise_phone

from ..core import desk as core
from ..core import expected
from ..core.desk import Act, Desk, Scan
from ..core.waybills import is_waybill

CONDITIONS = ("good", "defect", "wrong", "missing")


class ChannelReturn(models.Model):
    """The returns desk (退货台): each scan is answered in one round trip."""

    _inherit = "channel.return"

    @api.model
    def scan(self, code, station_state=None):
        """Answer one scan of the returns desk.

        :param station_state: what the desk got back with its last answer: ``warehouse_id``,
            ``return_id`` (the open parcel), ``product_id`` (waits for its condition), ``last``
            (what the last count added: rows of line id, condition, units)
        :return: dict state (ok, stop, already, unknown, left), title, message, parcel, lines,
            trolley, warehouse, next (waybill, product or condition), station
        """
        self.check_access("write")
        self.env.flush_all()
        desk, station = self.sudo(), dict(station_state or {})
        text = clean(str(code or ""))
        warehouse = desk._station_warehouse(station)
        parcel = desk._station_parcel(station, warehouse)
        if name := core.warehouse_of(text):
            return parcel._change_warehouse(name, station)
        rows = parcel._rows() if parcel else []
        scan = parcel._facts_of_scan(text, str(code or "").strip(), rows, warehouse)
        decision = core.decide(parcel._facts_of_desk(rows, station), scan)
        if decision.act is Act.OPEN:
            return desk._open(text, warehouse)
        if decision.act is Act.STOCK:
            return desk._stock_trolley(warehouse)
        if decision.act is Act.REFUSE:
            return parcel._reply_refusal(decision.why, scan, station)
        return getattr(parcel, f"_desk_{decision.act}")(decision, scan, station)

    # -- what is known -----------------------------------------------------------------------

    @api.model
    def _station_warehouse(self, station):
        """The warehouse of the desk: the one that it was set to, else the user's own one.

        :raise UserError: the user works in no warehouse
        """
        domain = [("company_id", "in", self.env.companies.ids)]
        warehouses = self.env["stock.warehouse"]
        chosen = int(station.get("warehouse_id") or 0)
        own = self.env.user.with_company(self.env.company).property_warehouse_id
        warehouse = (
            warehouses.search([("id", "=", chosen), *domain])
            or own.filtered(lambda one: one.company_id in self.env.companies)
            or warehouses.search([("company_id", "=", self.env.company.id)], limit=1)
        )
        if not warehouse:
            raise UserError(
                self.env._(
                    "%s has no warehouse. Choose a company that has one.",
                    self.env.company.display_name,
                )
            )
        station["warehouse_id"] = warehouse.id
        return warehouse

    @api.model
    def _station_parcel(self, station, warehouse):
        """The parcel that is open on the desk, if it is still to be counted."""
        parcel = self.browse(int(station.get("return_id") or 0)).exists()
        parcel.invalidate_recordset()
        return parcel.filtered(
            lambda one: one.company_id == warehouse.company_id and one.state == "received"
        )

    def _facts_of_desk(self, rows, station):
        if not self:
            return Desk()
        holding = int(station.get("product_id") or 0) or None
        return Desk(
            waybill=self.waybill,
            owned=bool(self.source),
            holding=holding,
            room=sum(row.left for row in rows if row.product_id == holding),
            left=sum(row.left for row in rows),
            counted=sum(row.arrived + row.wrong + row.missing for row in rows),
            undoable=bool(station.get("last")),
        )

    def _facts_of_scan(self, text, raw, rows, warehouse):
        """What the text may be: one of our products, a waybill that we know."""
        if not text or core.code_of(text):
            return Scan(text)
        company = warehouse.company_id
        product = self.env["product.product"].search(
            [
                "|",
                ("barcode", "in", [text, raw]),
                ("default_code", "in", [text, raw]),
                ("company_id", "in", [False, company.id]),
            ],
            order="barcode, id",
            limit=1,
        )
        known = self.search_count(
            [("company_id", "=", company.id), ("waybill", "=", text)], limit=1
        )
        return Scan(
            text,
            product_id=product.id or None,
            room=sum(row.left for row in rows if row.product_id == product.id),
            known_waybill=bool(known) or bool(self._owner(text, company)),
            is_waybill=is_waybill(text),
        )

    # -- opening -----------------------------------------------------------------------------

    @api.model
    def _open(self, waybill, warehouse):
        """Take a parcel in, or go on with one that is here."""
        company = warehouse.company_id
        parcel = self.search([("company_id", "=", company.id), ("waybill", "=", waybill)])
        if not parcel:
            return self._receive(waybill, warehouse)
        if parcel.state != "received":
            return parcel._reply_known(warehouse)
        if parcel.warehouse_id != warehouse:
            parcel.warehouse_id = warehouse
        if not parcel.source:
            parcel._find_owner()
        if parcel.source:
            parcel._expect()
        return parcel._reply_open()

    @api.model
    def _receive(self, waybill, warehouse):
        """A parcel that is seen for the first time."""
        parcel = self.create(
            {
                "waybill": waybill,
                "company_id": warehouse.company_id.id,
                "warehouse_id": warehouse.id,
                "received_by": self.env.uid,
            }
        )
        parcel._find_owner()
        return parcel._reply_open()

    def _find_owner(self):
        """Write whose the parcel is, if its waybill says so by now."""
        owner = self._owner(self.waybill, self.company_id)
        if not owner:
            return
        self.write(
            {
                "source": owner.source.value,
                "order_ids": [(6, 0, owner.order_ids)],
                "aftersale_ids": [(6, 0, owner.aftersale_ids)],
            }
        )
        self._expect()
        self._log("return_received")
        self.aftersale_ids._restep(self.aftersale_ids.ids)

    def _hold_open(self):
        """Keep others from the parcel until this transaction ends.

        Its row is changed, so that one who confirms it at the same moment is sent back and sees
        the unit that is counted here.

        :raise UserError: it is counted by now
        """
        rows = self.env.execute_query(
            SQL(
                "UPDATE channel_return SET write_date = now() AT TIME ZONE 'UTC'"
                " WHERE id = %s AND state = 'received' RETURNING id",
                self.id,
            )
        )
        if not rows:
            raise UserError(self.env._("Somebody has counted %s meanwhile.", self.waybill))

    # -- counting ----------------------------------------------------------------------------

    def _desk_show(self, decision, scan, station):
        return self._reply_open(station)

    def _desk_hold(self, decision, scan, station):
        return self._reply_holding(decision.product_id, station)

    def _desk_hold_surplus(self, decision, scan, station):
        return self._reply_holding(decision.product_id, station, surplus=True)

    def _desk_drop(self, decision, scan, station):
        return self._reply_open(station | {"product_id": False})

    def _desk_count(self, decision, scan, station):
        """One more unit in a condition."""
        self._hold_open()
        product_id, condition = decision.product_id, decision.condition
        line_id = None
        if self.source and condition != "wrong":
            found = self._ids_and_rows()
            at = expected.place([row for _id, row in found], product_id)
            line_id = found[at][0] if at is not None else None
            if line_id is None:
                return self._reply_refusal(core.Why.NOT_EXPECTED, scan, station)
            self._add([(line_id, condition, 1)])
        else:
            line_id = self._add_unexpected(product_id, condition)
        return self._reply_counted(condition, product_id, [[line_id, condition, 1]], station)

    def _desk_rest_missing(self, decision, scan, station):
        """All that is expected and not counted is missing."""
        self._hold_open()
        rest = [(line_id, "missing", row.left) for line_id, row in self._ids_and_rows() if row.left]
        self._add(rest)
        return self._reply_counted("missing", None, [list(one) for one in rest], station)

    def _desk_undo(self, decision, scan, station):
        """Take the last count back."""
        self._hold_open()
        own = {line_id for line_id, _row in self._ids_and_rows()}
        last = [(int(line), str(name), -abs(int(units))) for line, name, units in station["last"]]
        self._add([one for one in last if one[0] in own and one[1] in CONDITIONS])
        self.env.cr.execute(
            SQL(
                "DELETE FROM channel_return_line WHERE return_id = %s AND order_line_id IS NULL"
                " AND good + defect + wrong + missing = 0",
                self.id,
            )
        )
        return self._reply_undone(station)

    def _ids_and_rows(self):
        """(line id, row) of the parcel's count."""
        ids = self.env.execute_query(
            SQL("SELECT id FROM channel_return_line WHERE return_id = %s ORDER BY id", self.id)
        )
        return list(zip((row[0] for row in ids), self._rows(), strict=True))

    def _add(self, counts):
        """Add units to rows: (line id, condition, units); negative takes back."""
        for line_id, condition, units in counts:
            column = SQL.identifier(condition)
            self.env.cr.execute(
                SQL(
                    "UPDATE channel_return_line SET %s = GREATEST(%s + %s, 0) WHERE id = %s",
                    column,
                    column,
                    units,
                    line_id,
                )
            )
        self.env["channel.return.line"].invalidate_model()

    def _add_unexpected(self, product_id, condition):
        """Add a unit that stands for no order line; the id of its row."""
        column = SQL.identifier(condition)
        counts = {name: int(name == condition) for name in CONDITIONS}
        [(line_id,)] = self.env.execute_query(
            SQL(
                """
                INSERT INTO channel_return_line AS u
                       (return_id, product_id, expected, good, defect, wrong, missing)
                VALUES (%s, %s, 0, %s, %s, %s, %s)
                ON CONFLICT (return_id, COALESCE(order_line_id, 0), COALESCE(aftersale_id, 0),
                             COALESCE(product_id, 0))
                DO UPDATE SET %s = u.%s + 1
                RETURNING id
                """,
                self.id,
                product_id,
                *(counts[name] for name in CONDITIONS),
                column,
                column,
            )
        )
        self.env["channel.return.line"].invalidate_model()
        return line_id

    def _desk_phone(self, decision, scan, station):
        """Note the sender's number of a parcel without owner: a keyed hash, and what may be shown.

        The number itself is kept nowhere.
        """
        self._hold_open()
        phone = normalise_phone(core.phone_of(scan.text))
        keys = self.env["channel.order"]._phone_keys(phone, None)
        self.write(
            {
                "sender_phone_key": keys[0],
                "sender_phone_keys": keys,
                "sender_phone_masked": f"{phone[:3]}****{phone[-4:]}",
            }
        )
        return self._reply_phone(station)

    def _desk_leave(self, decision, scan, station):
        return self._reply_left()

    # -- closing -----------------------------------------------------------------------------

    def _desk_confirm(self, decision, scan, station):
        """The count is done: units are back, after-sales go on, the parcel lies on the trolley."""
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE channel_return SET state = 'inspected', inspected_by = %s, inspected_at = %s
                 WHERE id = %s AND state = 'received' RETURNING id
                """,
                self.env.uid,
                fields.Datetime.now(),
                self.id,
            )
        )
        self.invalidate_recordset()
        if not rows:
            return self._reply_known(self.warehouse_id)
        if self.source:
            self._settle()
        return self._reply_confirmed()

    def _settle(self):
        """A counted parcel with an owner: its units are back, whoever waits for them is told."""
        self.ensure_one()
        self.env["channel.return.tally"]._raise(self)
        self.env["channel.return.batch"]._join(self)
        self._log("return_counted")
        self.aftersale_ids._restep(self.aftersale_ids.ids)
        if self.company_id.channel_release_clean:
            self._release()

    def _release(self):
        """Accept the goods of after-sales whose units are all here and good; what cannot be
        accepted (too much money, changed meanwhile) stays for a person."""
        for aftersale in self.aftersale_ids._may_release(self.aftersale_ids.ids):
            try:
                with self.env.cr.savepoint():
                    aftersale._answer("goods", True, aftersale.version)
            except UserError:
                self.env.invalidate_all()

    @api.model
    def _stock_trolley(self, warehouse):
        batch = self.env["channel.return.batch"].search(
            [("warehouse_id", "=", warehouse.id), ("state", "=", "open")]
        )
        if not batch:
            return self._reply_no_trolley(warehouse)
        batch._into_stock()
        return self._reply_stocked(batch)

    def _change_warehouse(self, name, station):
        """The desk stands in another warehouse from now on; an open parcel stays where it is."""
        warehouse = self.env["stock.warehouse"].search(
            [("code", "=ilike", name.replace("_", r"\_")),
             ("company_id", "in", self.env.companies.ids)],
            limit=1,
        )  # fmt: skip
        if self or not warehouse:
            why = core.Why.FINISH_FIRST if self else core.Why.UNKNOWN
            return self._reply_refusal(why, Scan(name), station)
        return self._reply_warehouse(warehouse)
