"""After-sales of orders that have left: refund only, return, exchange, price protection, resend.

An application (6) is granted or refused; a return and an exchange then wait for the buyer's goods
(7), which are on their way back (11) until the merchant accepts them (12, 13) or refuses (29). A
resend waits for its parcel (8). The new goods of an exchange or a resend are on their way (13)
until the buyer has them (14). Money leaves once, at 12.
"""

import sqlite3

from . import events as tags
from .aftersales import (
    APPLIED,
    DEADLINE_SECONDS,
    EXCHANGED,
    GOODS_SENT,
    OPEN,
    REFUND_FAILED,
    REFUND_OK,
    REFUND_ONLY_BEFORE_SHIP,
    REFUSED,
    REFUSED_AGAIN,
    REPLACED,
    SUCCESS,
    TO_SHIP,
    WAIT_GOODS,
    AfterSales,
)
from .documents import DONE, SHIPPED
from .errors import ControlError, RefusalError
from .shipping import COMPANIES

RETURN, REFUND_ONLY, EXCHANGE, PRICE, RESEND = 0, 1, 3, 6, 7
KINDS = {
    "return": RETURN,
    "refund_only": REFUND_ONLY,
    "exchange": EXCHANGE,
    "price": PRICE,
    "resend": RESEND,
}
MONEY = (RETURN, REFUND_ONLY, PRICE)
# order_logistics_state of afterSale.List
REJECTED, SIGNED, COMING_BACK, HERE_AGAIN = 1, 2, 3, 4
FATES = {"rejected": REJECTED, "delivered": SIGNED, "stopped": COMING_BACK, "back": HERE_AGAIN}


class AfterShipping:
    """The part of a shop's after-sales that begins when goods have left."""

    def __init__(self, sales: AfterSales):
        self.sales = sales
        self.orders = sales.orders
        self.books = sales.books
        sales.details = self._details
        for kind, operations in {
            RETURN: {
                101: self._wait_goods, 102: self._refuse_goods, 111: self._accept_goods,
                112: self._refuse_again,
            },
            REFUND_ONLY: {201: self._pay, 202: self._refuse},
            PRICE: {201: self._pay, 202: self._refuse},
            EXCHANGE: {
                301: self._wait_goods, 302: self._refuse_goods, 311: self._replace,
                312: self._refuse_again,
            },
            RESEND: {301: self._to_ship, 302: self._refuse, 311: self._replace},
        }.items():  # fmt: skip
            for number, act in operations.items():
                sales.operations.setdefault(number, {})[kind] = act

    # -- the buyer --------------------------------------------------------------------------

    def apply(
        self, line_id: str, kind: str, *, num: int = 0, fen: int = 0, reason_code: int = 1,
        got_pkg: bool = True,
    ) -> str:  # fmt: skip
        """A buyer asks for something about a line that has left; the after-sale id.

        :param num: units, 0 for all of the line
        :param fen: money, 0 for all that the buyer paid for the line and has not got back
        """
        if kind not in KINDS:
            raise ControlError(f"no after-sale of kind {kind!r}")
        with self.books.transaction():
            line = self.books.one("SELECT * FROM lines WHERE line_id = ?", (str(line_id),))
            if line is None:
                raise ControlError(f"no order line {line_id}")
            order = self.orders.row(line["order_id"])
            if order["status"] not in (SHIPPED, DONE) or line["refunded"]:
                raise ControlError(f"line {line_id} has not left")
            room = line["pay_fen"] - self._asked(line)
            money = KINDS[kind] in MONEY
            amount = (fen or room) if money else 0
            units = num or line["item_num"]
            if not 0 <= amount <= room or not 1 <= units <= line["item_num"]:
                raise ControlError(f"{amount} fen, {units} units of line {line_id}: too much")
            aftersale_id = self.sales.store(
                order["order_id"], line["line_id"], amount, 0, units, reason_code, KINDS[kind]
            )
            self.books.insert("returns", {"aftersale_id": aftersale_id, "got_pkg": int(got_pkg)})
        return aftersale_id

    def _asked(self, line: sqlite3.Row) -> int:
        """Fen of a line that were given back or are asked for."""
        marks = ", ".join("?" * len(OPEN))
        return self.books.scalar(
            f"SELECT sum(refund_fen) FROM aftersales WHERE line_id = ? AND type != ?"
            f" AND (status = ? OR status IN ({marks}))",
            (line["line_id"], REFUND_ONLY_BEFORE_SHIP, SUCCESS, *OPEN),
        )

    def send_back(self, aftersale_id: str, company: str, waybill: str) -> None:
        """The buyer hands the goods to a carrier: 7 becomes 11."""
        if company not in COMPANIES:
            raise ControlError(f"no carrier {company!r}")
        with self.books.transaction():
            row = self.sales.expect(aftersale_id, WAIT_GOODS)
            self._note(row, company=company, waybill=waybill)
            self._move(row, tags.RETURN_SHIPPED, GOODS_SENT)

    def got_replacement(self, aftersale_id: str) -> None:
        """The buyer has the new goods: 13 becomes 14."""
        with self.books.transaction():
            row = self.sales.expect(aftersale_id, REPLACED)
            self._move(row, tags.REFUND_MODIFIED, EXCHANGED)

    def ask_again(self, aftersale_id: str) -> None:
        """A buyer whose application was refused once changes it: 27 becomes 6."""
        with self.books.transaction():
            row = self.sales.expect(aftersale_id, REFUSED)
            self._move(row, tags.REFUND_MODIFIED, APPLIED, refund_status=1)

    # -- the platform -----------------------------------------------------------------------

    def pay_at_once(self, aftersale_id: str) -> None:
        """The platform decides for the buyer (极速退款, 仲裁): the money leaves."""
        with self.books.transaction():
            self._pay(aftersale_id, {})

    # -- the merchant: afterSale.operate ----------------------------------------------------

    def _wait_goods(self, aftersale_id: str, item: dict) -> None:
        row = self.sales.expect(aftersale_id, APPLIED)
        logistics = item.get("logistics")
        address = logistics.get("receiver_address_id") if isinstance(logistics, dict) else 0
        self._note(row, address_id=int(address or 0))
        self._move(row, tags.RETURN_AGREED, WAIT_GOODS)

    def _to_ship(self, aftersale_id: str, _item: dict) -> None:
        self._move(self.sales.expect(aftersale_id, APPLIED), tags.RETURN_AGREED, TO_SHIP)

    def _refuse(self, aftersale_id: str, item: dict) -> None:
        self._end(self.sales.expect(aftersale_id, APPLIED), item, tags.REFUND_REFUSED, REFUSED)

    def _refuse_goods(self, aftersale_id: str, item: dict) -> None:
        self._end(self.sales.expect(aftersale_id, APPLIED), item, tags.RETURN_REFUSED, REFUSED)

    def _refuse_again(self, aftersale_id: str, item: dict) -> None:
        row = self.sales.expect(aftersale_id, GOODS_SENT)
        self._end(row, item, tags.RETURN_REFUSED, REFUSED_AGAIN)

    def _end(self, row: sqlite3.Row, item: dict, tag: str, status: int) -> None:
        """A refusal says why."""
        if not item.get("reason") or not item.get("remark") or not item.get("reject_reason_code"):
            raise RefusalError("bad_parameter")
        self._move(row, tag, status, refund_status=REFUND_FAILED, status_deadline=0)

    def _pay(self, aftersale_id: str, _item: dict) -> None:
        self._give_back(self.sales.expect(aftersale_id, APPLIED), agreed=True)

    def _accept_goods(self, aftersale_id: str, _item: dict) -> None:
        self._give_back(self.sales.expect(aftersale_id, GOODS_SENT), agreed=True)

    def _replace(self, aftersale_id: str, item: dict) -> None:
        row = self.sales.expect(aftersale_id, GOODS_SENT, TO_SHIP)
        logistics = item.get("logistics") if isinstance(item.get("logistics"), dict) else {}
        company, waybill = logistics.get("company_code"), logistics.get("logistics_code")
        if company not in COMPANIES or not waybill:
            raise RefusalError("bad_parameter")
        self._note(row, new_company=company, new_waybill=str(waybill))
        self._move(row, tags.RETURN_AGREED, REPLACED)

    def _give_back(self, row: sqlite3.Row, agreed: bool = False) -> None:
        """Money to the buyer; what the platform owes falls in proportion, over all refunds."""
        line = self.books.one("SELECT * FROM lines WHERE line_id = ?", (row["line_id"],))
        before = self.books.scalar(
            "SELECT sum(refund_fen) FROM aftersales WHERE line_id = ? AND status = ?",
            (row["line_id"], SUCCESS),
        )
        off = _fallen(line, before + row["refund_fen"]) - _fallen(line, before)
        self.orders.note("refund", row["order_id"], row["line_id"], -off, row["aftersale_id"])
        self._move(
            row, tags.REFUND_AGREED if agreed else "", SUCCESS,
            refund_status=REFUND_OK, status_deadline=0,
        )  # fmt: skip
        self.sales.tell(tags.REFUND_SUCCESS, row["aftersale_id"])

    # -- the carrier ------------------------------------------------------------------------

    def intercept(self, params: dict) -> dict:
        """afterSale.applyLogisticsIntercept: the parcel of an order is to be stopped."""
        row = self._known(params.get("after_sale_id"))
        targets = params.get("intercept_targets")
        order = self.orders.row(row["order_id"])
        if params.get("op_from") not in (1, 3) or not isinstance(targets, list) or not targets:
            raise RefusalError("bad_parameter")
        for target in targets:
            number = target.get("tracking_no") if isinstance(target, dict) else None
            if not number or number != order["waybill"]:
                raise RefusalError("intercept_parcel")
        if order["status"] == DONE:
            raise RefusalError("intercept_delivered")
        with self.books.transaction():
            if not self._more(row)["intercept"]:
                self._note(row, intercept="asked", intercept_at=self.orders.clock.now())
        return {"intercept_results": [{"tracking_no": t["tracking_no"], "can_intercept": True}
                                      for t in targets]}  # fmt: skip

    def parcel(self, aftersale_id: str, fate: str) -> None:
        """What becomes of the parcel: stopped, rejected by the receiver, delivered, back."""
        if fate not in FATES:
            raise ControlError(f"no fate {fate!r}")
        with self.books.transaction():
            row = self.sales.row(aftersale_id)
            self._note(row, logistics_state=FATES[fate], intercept=fate)
            if fate == "delivered":
                self.orders.complete(row["order_id"])
            self.sales.move(row, tags.REFUND_MODIFIED, later=True)

    def here_again(self, params: dict) -> dict:
        """afterSale.returnGoodsToWareHouseSuccess: inspected and good, the platform pays."""
        row = self._known(params.get("aftersale_id"))
        with self.books.transaction():
            if row["type"] != RETURN or row["status"] not in (WAIT_GOODS, GOODS_SENT):
                raise RefusalError("aftersale_status")
            self._note(row, logistics_state=HERE_AGAIN)
            self._give_back(row)
        return {}

    # -- storing ----------------------------------------------------------------------------

    def _known(self, aftersale_id: object) -> sqlite3.Row:
        try:
            return self.sales.row(str(aftersale_id))
        except ControlError:
            raise RefusalError("aftersale_unknown") from None

    def _move(self, row: sqlite3.Row, tag: str, status: int, **columns: int) -> None:
        columns.setdefault("status_deadline", self.orders.clock.now() + DEADLINE_SECONDS)
        if status in (EXCHANGED, SUCCESS):
            columns["status_deadline"] = 0
        self.sales.move(row, tag, later=True, status=status, **columns)

    def _more(self, row: sqlite3.Row) -> sqlite3.Row:
        self.books.execute(
            "INSERT OR IGNORE INTO returns (aftersale_id) VALUES (?)", (row["aftersale_id"],)
        )
        return self.books.one(
            "SELECT * FROM returns WHERE aftersale_id = ?", (row["aftersale_id"],)
        )

    def _note(self, row: sqlite3.Row, **columns: object) -> None:
        self._more(row)
        names = ", ".join(f"{name} = ?" for name in columns)
        self.books.execute(
            f"UPDATE returns SET {names} WHERE aftersale_id = ?",
            (*columns.values(), row["aftersale_id"]),
        )

    def _details(self, row: sqlite3.Row) -> dict:
        """What afterSale.List tells of goods on their way."""
        more = self.books.one(
            "SELECT * FROM returns WHERE aftersale_id = ?", (row["aftersale_id"],)
        )
        if more is None:
            return {}
        return {
            "got_pkg": more["got_pkg"],
            "return_logistics_company_name": COMPANIES.get(more["company"], ""),
            "return_logistics_company_code": more["company"],
            "return_logistics_code": more["waybill"],
            "exchange_logistics_company_code": more["new_company"],
            "exchange_logistics_code": more["new_waybill"],
            "order_logistics_state": more["logistics_state"],
        }


def _fallen(line: sqlite3.Row, given: int) -> int:
    """Fen that the platform owes less when the buyer has got ``given`` of what was paid."""
    if not line["pay_fen"]:
        return 0
    if given >= line["pay_fen"]:
        return line["owed_fen"]
    return line["owed_fen"] * given // line["pay_fen"]
