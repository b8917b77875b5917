"""What the channel does with a request: the documented rules, over the books.

Source: WeChat Pay v3 profit sharing; amounts in fen, never ratios. Each function runs inside one
transaction of the books; a refusal is raised and leaves nothing behind.
"""

import json
import re

from .books import Books

MINUTE, DAY = 60, 86_400
MAX_RECEIVERS, MAX_REQUESTS, MAX_RETURNS = 50, 50, 50
FROZEN_DAYS, RETURN_DAYS = 30, 180
NUMBER = re.compile(r"[0-9A-Za-z_\-|*@]{1,64}")
PERSONS = ("PERSONAL_OPENID", "PERSONAL_SUB_OPENID")


class Refused(Exception):
    """HTTP status, code and message of an error."""

    def __init__(self, status: int, code: str, message: str):
        super().__init__(message)
        self.status, self.code = status, code


def split(books: Books, merchant: str, body: dict, now: int, ratio: int) -> dict:
    """Accept a split; the same number again is the same request.

    :param ratio: the merchant's cap in basis points of the payment's amount
    """
    number, receivers = body.get("out_order_no"), body.get("receivers")
    if not isinstance(number, str) or not NUMBER.fullmatch(number):
        raise Refused(400, "PARAM_ERROR", "out_order_no")
    if not isinstance(receivers, list) or not 1 <= len(receivers) <= MAX_RECEIVERS:
        raise Refused(400, "PARAM_ERROR", "receivers")
    if any(type(one.get("amount")) is not int or one["amount"] <= 0 for one in receivers):
        raise Refused(400, "PARAM_ERROR", "amount")
    content = json.dumps(body, sort_keys=True)
    before = books.one("SELECT * FROM orders WHERE merchant=? AND number=?", merchant, number)
    if before:
        if before["content"] != content:
            raise Refused(400, "INVALID_REQUEST", "the number stands for another request")
        return told(books, before)
    payment = _payment(books, merchant, body.get("transaction_id"), now)
    wanted = sum(one["amount"] for one in receivers)
    taken = _split_of(books, payment["id"])
    if len(books.all("SELECT 1 FROM orders WHERE payment=?", payment["id"])) >= MAX_REQUESTS:
        raise Refused(403, "RULE_LIMIT", "too many requests for this payment")
    if (taken + wanted) * 10_000 > payment["amount"] * ratio:
        raise Refused(403, "RULE_LIMIT", "above the merchant's ratio")
    if wanted > unsplit(books, payment):
        raise Refused(403, "NOT_ENOUGH", "not so much is left of the payment")
    [row] = books.all(
        "INSERT INTO orders (merchant, number, payment, content, asked_at, state, unfreezes)"
        " VALUES (?, ?, ?, ?, ?, 'PROCESSING', ?) RETURNING *",
        merchant, number, payment["id"], content, now, int(bool(body.get("unfreeze_unsplit"))),
    )  # fmt: skip
    for one in receivers:
        books.all(
            "INSERT INTO parts (split, type, account, amount, description) VALUES (?, ?, ?, ?, ?)",
            row["entry"], one["type"], one["account"], one["amount"], one.get("description", ""),
        )  # fmt: skip
    return told(books, row)


def settle(books: Books, row, now: int) -> None:
    """Finish a split: each receiver by itself; what fails goes back to the payer."""
    for part in books.all("SELECT * FROM parts WHERE split=? AND result='PENDING'", row["entry"]):
        known = books.one(
            "SELECT 1 FROM receivers WHERE merchant=? AND type=? AND account=?",
            row["merchant"], part["type"], part["account"],
        )  # fmt: skip
        balance = books.one("SELECT * FROM balances WHERE account=?", part["account"])
        reason = "" if known else "NO_RELATION"
        if known and balance and balance["blocked"]:
            reason = balance["blocked"]
        books.all(
            "UPDATE parts SET result=?, reason=? WHERE entry=?",
            "CLOSED" if reason else "SUCCESS", reason, part["entry"],
        )  # fmt: skip
        if not reason:
            _credit(books, part["account"], part["amount"])
            books.all(
                "INSERT INTO notices (merchant, part, done_at) VALUES (?, ?, ?)",
                row["merchant"], part["entry"], now,
            )  # fmt: skip
    books.all("UPDATE orders SET state='FINISHED' WHERE entry=?", row["entry"])
    if row["unfreezes"]:
        books.all("UPDATE payments SET finished=1 WHERE id=?", row["payment"])


def unfreeze(books: Books, merchant: str, body: dict, now: int) -> dict:
    """Give the payer what is not split; nothing can be split of the payment afterwards."""
    before = books.one(
        "SELECT * FROM orders WHERE merchant=? AND number=?", merchant, body.get("out_order_no")
    )
    if before:
        return told(books, before)
    payment = _payment(books, merchant, body.get("transaction_id"), now)
    [row] = books.all(
        "INSERT INTO orders (merchant, number, payment, content, asked_at, state, unfreezes)"
        " VALUES (?, ?, ?, ?, ?, 'PROCESSING', 1) RETURNING *",
        merchant, body["out_order_no"], payment["id"], json.dumps(body, sort_keys=True), now,
    )  # fmt: skip
    return told(books, row)


def give_back(books: Books, merchant: str, body: dict, now: int, slow: bool = False) -> dict:
    """A receiver that is a merchant gives back a part of what it got (回退).

    :param slow: it is only taken, and done by ``settle_return``
    """
    number, amount = body.get("out_return_no"), body.get("amount")
    if not isinstance(number, str) or type(amount) is not int or amount <= 0:
        raise Refused(400, "PARAM_ERROR", "out_return_no, amount")
    before = books.one("SELECT * FROM returns WHERE merchant=? AND number=?", merchant, number)
    if before:
        return told_return(books, before)
    order = books.one(
        "SELECT * FROM orders WHERE merchant=? AND number=?", merchant, body.get("out_order_no")
    )
    part = order and books.one(
        "SELECT * FROM parts WHERE split=? AND account=? AND result='SUCCESS'",
        order["entry"], body.get("return_mchid"),
    )  # fmt: skip
    if not part:
        raise Refused(404, "RESOURCE_NOT_EXISTS", "no such split")
    if part["type"] in PERSONS:
        raise Refused(403, "RULE_LIMIT", "a person cannot give back")
    if now > order["asked_at"] + RETURN_DAYS * DAY:
        raise Refused(403, "RULE_LIMIT", "too late")
    if part["returned"] + amount > part["amount"]:
        raise Refused(403, "RULE_LIMIT", "more than the receiver got")
    if len(books.all("SELECT 1 FROM returns WHERE part=?", part["entry"])) >= MAX_RETURNS:
        raise Refused(403, "RULE_LIMIT", "too many returns")
    balance = books.one("SELECT * FROM balances WHERE account=?", part["account"])
    if not balance["consents"]:
        raise Refused(403, "NO_AUTH", "the receiver has not agreed to returns")
    if balance["amount"] < amount:
        raise Refused(403, "NOT_ENOUGH", "the receiver's balance is too low")
    [row] = books.all(
        "INSERT INTO returns (merchant, number, part, amount, result)"
        " VALUES (?, ?, ?, ?, 'PROCESSING') RETURNING *",
        merchant, number, part["entry"], amount,
    )  # fmt: skip
    if not slow:
        row = settle_return(books, row)
    return told_return(books, row)


def settle_return(books: Books, row):
    """Finish a return: the receiver pays, or has too little by now; the row as it is then."""
    part = books.one("SELECT * FROM parts WHERE entry=?", row["part"])
    balance = books.one("SELECT * FROM balances WHERE account=?", part["account"])
    paid = balance["amount"] >= row["amount"]
    if paid:
        _credit(books, part["account"], -row["amount"])
        books.all(
            "UPDATE parts SET returned=returned+? WHERE entry=?", row["amount"], part["entry"]
        )
    [row] = books.all(
        "UPDATE returns SET result=? WHERE entry=? RETURNING *",
        "SUCCESS" if paid else "FAILED", row["entry"],
    )  # fmt: skip
    return row


def told(books: Books, row) -> dict:
    """A split as an answer or a query tells it."""
    parts = books.all("SELECT * FROM parts WHERE split=? ORDER BY entry", row["entry"])
    return {
        "transaction_id": row["payment"],
        "out_order_no": row["number"],
        "order_id": f"30{row['entry']:026d}",
        "state": row["state"],
        "receivers": [
            {
                "type": part["type"], "account": part["account"], "amount": part["amount"],
                "description": part["description"], "result": part["result"],
                "detail_id": f"36{part['entry']:026d}",
            }
            | ({"fail_reason": part["reason"]} if part["reason"] else {})
            for part in parts
        ],
    }  # fmt: skip


def told_return(books: Books, row) -> dict:
    part = books.one("SELECT * FROM parts WHERE entry=?", row["part"])
    order = books.one("SELECT * FROM orders WHERE entry=?", part["split"])
    return {
        "order_id": f"30{order['entry']:026d}",
        "out_order_no": order["number"],
        "out_return_no": row["number"],
        "return_id": f"31{row['entry']:026d}",
        "return_mchid": part["account"],
        "amount": row["amount"],
        "result": row["result"],
    } | ({"fail_reason": "PAYER_ACCOUNT_ABNORMAL"} if row["result"] == "FAILED" else {})


def unsplit(books: Books, payment) -> int:
    """Fen of a payment that are still frozen."""
    if payment["finished"]:
        return 0
    left = payment["amount"] - payment["fee"] - payment["refunded"]
    return left - _split_of(books, payment["id"])


def _split_of(books: Books, payment: str) -> int:
    [row] = books.all(
        "SELECT coalesce(sum(p.amount), 0) AS fen FROM parts p JOIN orders o ON o.entry = p.split"
        " WHERE o.payment=? AND p.result <> 'CLOSED'",
        payment,
    )
    return row["fen"]


def _payment(books: Books, merchant: str, id: object, now: int):
    payment = books.one("SELECT * FROM payments WHERE id=? AND merchant=?", id, merchant)
    if not payment:
        raise Refused(404, "ORDER_NOT_EXIST", "no such payment")
    if not payment["splits"]:
        raise Refused(403, "RULE_LIMIT", "it was not paid to be split")
    if now < payment["paid_at"] + MINUTE:
        raise Refused(403, "RULE_LIMIT", "the payment is being processed")
    if payment["finished"] or now > payment["paid_at"] + FROZEN_DAYS * DAY:
        raise Refused(403, "RULE_LIMIT", "the payment is not frozen any more")
    return payment


def _credit(books: Books, account: str, fen: int) -> None:
    books.all(
        "INSERT INTO balances (account, amount) VALUES (?, max(?, 0)) ON CONFLICT (account)"
        " DO UPDATE SET amount = amount + ?",
        account, fen, fen,
    )  # fmt: skip
