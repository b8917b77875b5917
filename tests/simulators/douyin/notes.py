"""order.addOrderRemark and order.addressConfirm: the seller's memo, and answers to address changes."""

from .errors import ControlError, RefusalError, number
from .orders import Orders

AGREED = 0
REFUSALS = (1001, 1002, 1003, 1004, 1005)


class Notes:
    """Takes notes and answers from the merchant."""

    def __init__(self, orders: Orders):
        self._orders = orders

    def add(self, params: dict) -> dict:
        """Replace the memo, and the flag where ``is_add_star`` says so."""
        row = self._row(params)
        star = number(params.get("star", 0))
        if not 0 <= star <= 5:
            raise RefusalError("remark_star")
        if str(params.get("is_add_star")).lower() != "true":
            star = row["star"]
        self._orders.remark(row["order_id"], str(params.get("remark") or ""), star)
        return {}

    def confirm(self, params: dict) -> dict:
        """Agree to a buyer's new receiver, or refuse it; the same answer again is a success."""
        order_id = self._row(params)["order_id"]
        answer = number(params.get("is_approved"))
        if answer != AGREED and answer not in REFUSALS:
            raise RefusalError("address_answer")
        with self._orders.books.transaction():
            asked = self.asked(order_id)
            if not asked:
                raise RefusalError("address_not_asked")
            last = asked[-1]
            if last["answer"] is not None:
                if last["answer"] != answer:
                    raise RefusalError("address_not_asked")
                return {}
            self._orders.books.execute(
                "UPDATE address_asks SET answer = ?, answered_at = ? WHERE entry = ?",
                (answer, self._orders.clock.now(), last["entry"]),
            )
            if answer == AGREED:
                self._orders.change_address(order_id, last["receiver_id"])
        return {}

    def asked(self, order_id: str) -> list[dict]:
        """The applications of an order, oldest first, with their answers."""
        rows = self._orders.books.all(
            "SELECT * FROM address_asks WHERE order_id = ? ORDER BY entry", (str(order_id),)
        )
        return [dict(row) for row in rows]

    def _row(self, params: dict) -> dict:
        order_id = params.get("order_id")
        if not order_id:
            raise RefusalError("no_order_id")
        try:
            row = self._orders.row(str(order_id))
        except ControlError:
            raise RefusalError("order_unknown") from None
        return {"order_id": row["order_id"], "star": self._orders.star(row)}
