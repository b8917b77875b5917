"""What the channel does with a request: its rules, over the books.

Amounts in yuan with two decimals on the wire, in fen in the books. Each function runs inside one
transaction of the books; a refusal is raised and leaves nothing behind.
"""

import json
import re
from datetime import UTC, datetime, timedelta

from .books import Books

DAY = 86_400
FROZEN_DAYS = 30
LIMITS = {"sync": (5, 50), "async": (50, 300)}  # receivers a request, requests a payment
MAX_RELATIONS = 20_000
NUMBER = re.compile(r"[0-9A-Za-z_\-]{1,64}")
YUAN = re.compile(r"(\d{1,9})\.(\d\d)")
BEIJING = timedelta(hours=8)
TYPES = {"bind": ("userId", "loginName", "openId"), "transfer": ("userId", "loginName")}


class Refused(Exception):
    """Code, sub code and message of an error."""

    def __init__(self, sub_code: str, message: str, code: str = "40004"):
        super().__init__(message)
        self.code, self.sub_code = code, sub_code


def bind(books: Books, app: str, asked: dict, _now: int) -> dict:
    """Register receivers; registering one again changes its name."""
    _number(asked)
    receivers = _objects(asked, "receiver_list")
    if not receivers:
        raise Refused("ACQ.RECEIVER_LIST_EMPTY", "receiver_list")
    for one in receivers:
        books.all(
            "INSERT OR REPLACE INTO relations VALUES (?, ?, ?, ?)",
            app, *_account(one, "type", "account", "bind"), one.get("name", ""),
        )  # fmt: skip
    if books.sum("SELECT count(*) FROM relations WHERE app=?", app) > MAX_RELATIONS:
        raise Refused("ACQ.RELATION_QUANTITY_LIMIT", "too many relations")
    return {"result_code": "SUCCESS"}


def unbind(books: Books, app: str, asked: dict, _now: int) -> dict:
    _number(asked)
    for one in _objects(asked, "receiver_list"):
        books.all(
            "DELETE FROM relations WHERE app=? AND type=? AND account=?",
            app, *_account(one, "type", "account", "bind"),
        )  # fmt: skip
    return {"result_code": "SUCCESS"}


def relations(books: Books, app: str, asked: dict, _now: int) -> dict:
    """A page of the registered receivers."""
    page, size = int(asked.get("page_num", 1)), int(asked.get("page_size", 20))
    rows = books.all("SELECT * FROM relations WHERE app=? ORDER BY type, account", app)
    return {
        "result_code": "SUCCESS",
        "receiver_list": [
            {"type": row["type"], "account": row["account"], "name": row["name"]}
            for row in rows[(page - 1) * size : page * size]
        ],
        "current_page_num": page,
        "current_page_size": size,
        "total_page_num": -(-len(rows) // size),
        "total_record_num": len(rows),
    }


def settle(books: Books, app: str, asked: dict, now: int, ratio: int) -> dict:
    """Take a split; the same number with the same content is the same request.

    ``sync``: all or nothing, at once. ``async``: taken, done by :func:`finish`.

    :param ratio: the merchant's cap in basis points of the payment's amount
    """
    number, mode = _number(asked), asked.get("royalty_mode", "sync")
    if mode not in LIMITS:
        raise Refused("ACQ.INVALID_PARAMETER", "royalty_mode")
    most_receivers, most_requests = LIMITS[mode]
    parts = _objects(asked, "royalty_parameters")
    if not 1 <= len(parts) <= most_receivers:
        raise Refused("ACQ.INVALID_PARAMETER", "royalty_parameters")
    content = json.dumps(asked, sort_keys=True)
    before = books.one("SELECT * FROM requests WHERE app=? AND number=?", app, number)
    if before:
        if before["content"] != content:
            raise Refused("ACQ.DISCORDANT_REPEAT_REQUEST", "the number stands for another request")
        return taken(before)
    payment = _payment(books, app, asked)
    if (
        not payment["freezes"]
        or payment["finished"]
        or now > payment["paid_at"] + FROZEN_DAYS * DAY
    ):
        raise Refused("ACQ.ILLEGAL_SETTLE_STATE", "the payment is not frozen to be split")
    if _requests_of(books, payment["id"]) >= most_requests:
        raise Refused("ACQ.ILLEGAL_SETTLE_STATE", "too many requests for this payment")
    wanted = [(*_receiver(payment, one), _fen(one)) for one in parts]
    whole = split_of(books, payment["id"]) + sum(fen for _type, _account, fen in wanted)
    if whole * 10_000 > payment["amount"] * ratio:
        raise Refused("ACQ.ALLOC_AMOUNT_VALIDATE_ERROR", "above the merchant's ratio")
    if whole > payment["amount"] - payment["fee"] - payment["refunded"]:
        raise Refused("ACQ.ALLOC_AMOUNT_VALIDATE_ERROR", "not so much is left of the payment")
    finishes = str((asked.get("extend_params") or {}).get("royalty_finish", "")) == "true"
    [request] = books.all(
        "INSERT INTO requests (app, number, payment, content, asked_at, finishes)"
        " VALUES (?, ?, ?, ?, ?, ?) RETURNING *",
        app, number, payment["id"], content, now, int(finishes),
    )  # fmt: skip
    for type_, account, fen in wanted:
        books.all(
            "INSERT INTO details (request, type, account, amount) VALUES (?, ?, ?, ?)",
            request["entry"], type_, account, fen,
        )  # fmt: skip
    if mode == "sync":
        failed = finish(books, request, now)
        if failed:
            raise Refused(f"ACQ.{failed[0]}", "nothing is split")
    return taken(request)


def finish(books: Books, request, now: int) -> list[str]:
    """Do a request, each receiver by itself; the codes of those that failed."""
    payment = books.one("SELECT * FROM payments WHERE id=?", request["payment"])
    codes = []
    for detail in _details(books, request["entry"]):
        code = _hindrance(books, payment, detail)
        if code:
            codes.append(code)
        else:
            credit(books, payment["seller"], -detail["amount"])
            credit(books, detail["account"], detail["amount"])
        books.all(
            "UPDATE details SET state=?, code=?, done_at=? WHERE entry=?",
            "FAIL" if code else "SUCCESS", code, now, detail["entry"],
        )  # fmt: skip
    if request["finishes"]:
        books.all("UPDATE payments SET finished=1 WHERE id=?", payment["id"])
    return codes


def query(books: Books, app: str, asked: dict, _now: int) -> dict:
    """What became of a request: by ``settle_no``, or by ``out_request_no`` and ``trade_no``."""
    rows = books.all("SELECT * FROM requests WHERE app=?", app)
    asks = (asked.get("out_request_no"), asked.get("trade_no"))
    settle_no = asked.get("settle_no")
    for request in rows:
        if settle_no == _settle_no(request) if settle_no else asks == (
            request["number"], request["payment"]
        ):  # fmt: skip
            break
    else:
        raise Refused("ACQ.SETTLE_NOT_EXIST", "there is no such split")
    seller = books.one("SELECT seller FROM payments WHERE id=?", request["payment"])["seller"]
    return {
        "out_request_no": request["number"],
        "operation_dt": _time(request["asked_at"]),
        "royalty_detail_list": [
            {
                "operation_type": "transfer",
                "execute_dt": _time(detail["done_at"] or request["asked_at"]),
                "trans_out": seller,
                "trans_out_type": "userId",
                "trans_in": detail["account"],
                "trans_in_type": detail["type"],
                "amount": yuan(detail["amount"]),
                "state": detail["state"],
                "detail_id": f"2026{detail['entry']:024d}",
            }
            | ({"error_code": detail["code"], "error_desc": "it failed"} if detail["code"] else {})
            for detail in _details(books, request["entry"])
        ],
    }


def unsettled(books: Books, app: str, asked: dict, _now: int) -> dict:
    """What of a payment is still frozen."""
    payment = _payment(books, app, asked)
    left = payment["amount"] - payment["fee"] - payment["refunded"]
    left = 0 if payment["finished"] else left - split_of(books, payment["id"])
    return {"trade_no": payment["id"], "unsettled_amount": yuan(max(left, 0))}


def refund(books: Books, app: str, asked: dict, _now: int) -> dict:
    """Give the buyer money, taking back from receivers first; all or nothing, at once."""
    number, amount = _number(asked), _fen(asked, "refund_amount")
    payment = _payment(books, app, asked)
    content = json.dumps(asked, sort_keys=True)
    row = books.one(
        "SELECT * FROM refunds WHERE app=? AND payment=? AND number=?", app, payment["id"], number
    )
    if row and row["content"] != content:
        raise Refused("ACQ.DISCORDANT_REPEAT_REQUEST", "the number stands for another request")
    if not row:
        if payment["refunded"] + amount > payment["amount"]:
            raise Refused("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "more than was paid")
        [new] = books.all(
            "INSERT INTO refunds (app, number, payment, content, amount)"
            " VALUES (?, ?, ?, ?, ?) RETURNING *",
            app, number, payment["id"], content, amount,
        )  # fmt: skip
        for one in _objects(asked, "refund_royalty_parameters"):
            _take(books, payment, new, one)
        if balance(books, payment["seller"]) < amount:
            raise Refused("ACQ.SELLER_BALANCE_NOT_ENOUGH", "the seller's balance is too low")
        credit(books, payment["seller"], -amount)
        books.all("UPDATE payments SET refunded=refunded+? WHERE id=?", amount, payment["id"])
    refunded = books.sum("SELECT refunded FROM payments WHERE id=?", payment["id"])
    return {
        "trade_no": payment["id"],
        "refund_fee": yuan(refunded),
        "fund_change": "N" if row else "Y",
    }


def refund_query(books: Books, app: str, asked: dict, _now: int) -> dict:
    """What became of a refund; one that is not there is answered without its fields."""
    payment = _payment(books, app, asked)
    row = books.one(
        "SELECT * FROM refunds WHERE app=? AND payment=? AND number=?",
        app, payment["id"], asked.get("out_request_no"),
    )  # fmt: skip
    if not row:
        return {"trade_no": payment["id"]}
    takings = books.all("SELECT * FROM takings WHERE refund=? ORDER BY entry", row["entry"])
    return {
        "trade_no": payment["id"],
        "out_request_no": row["number"],
        "refund_amount": yuan(row["amount"]),
        "refund_status": "REFUND_SUCCESS",
        "refund_royaltys": [
            {
                "royalty_type": "transfer",
                "trans_out": taking["account"],
                "trans_in": payment["seller"],
                "refund_amount": yuan(taking["amount"]),
                "result_code": "SUCCESS",
            }
            for taking in takings
        ],
    }


def _take(books: Books, payment, row, one: dict) -> None:
    """Take back from a receiver, never more than it got of this payment."""
    account, fen = one.get("trans_out"), _fen(one)
    got = books.sum(
        "SELECT sum(d.amount) FROM details d JOIN requests r ON r.entry = d.request"
        " WHERE r.payment=? AND d.account=? AND d.state='SUCCESS'",
        payment["id"], account,
    )  # fmt: skip
    gone = books.sum(
        "SELECT sum(t.amount) FROM takings t JOIN refunds r ON r.entry = t.refund"
        " WHERE r.payment=? AND t.account=?",
        payment["id"], account,
    )  # fmt: skip
    if gone + fen > got:
        raise Refused("ACQ.ALLOC_AMOUNT_VALIDATE_ERROR", "more than the receiver got")
    if balance(books, account) < fen:
        raise Refused("ACQ.TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH", "the receiver's balance")
    credit(books, account, -fen)
    credit(books, payment["seller"], fen)
    books.all(
        "INSERT INTO takings (refund, account, amount) VALUES (?, ?, ?)", row["entry"], account, fen
    )


def _hindrance(books: Books, payment, detail) -> str:
    """Why one receiver cannot be paid; empty when it can."""
    known = books.one(
        "SELECT 1 FROM relations WHERE app=? AND type=? AND account=?",
        payment["app"], detail["type"], detail["account"],
    )  # fmt: skip
    if not known:
        return "ROYALTY_RECEIVER_INVALID"
    if balance(books, payment["seller"]) < detail["amount"]:
        return "TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH"
    account = books.one("SELECT blocked FROM balances WHERE account=?", detail["account"])
    return account["blocked"] if account else ""


def taken(request) -> dict:
    """The answer to a split that was taken."""
    return {"trade_no": request["payment"], "settle_no": _settle_no(request)}


def split_of(books: Books, payment: str) -> int:
    """Fen that all requests of a payment take, finished or not."""
    return books.sum(
        "SELECT sum(d.amount) FROM details d JOIN requests r ON r.entry = d.request"
        " WHERE r.payment=? AND d.state <> 'FAIL'",
        payment,
    )


def balance(books: Books, account: str) -> int:
    return books.sum("SELECT amount FROM balances WHERE account=?", account)


def credit(books: Books, account: str, fen: int) -> None:
    books.all(
        "INSERT INTO balances (account, amount) VALUES (?, max(?, 0)) ON CONFLICT (account)"
        " DO UPDATE SET amount = amount + ?",
        account, fen, fen,
    )  # fmt: skip


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _fen(one: dict, name: str = "amount") -> int:
    found = YUAN.fullmatch(one[name]) if isinstance(one.get(name), str) else None
    fen = int(found[1]) * 100 + int(found[2]) if found else 0
    if not fen:
        raise Refused("ACQ.INVALID_PARAMETER", name)
    return fen


def _objects(asked: dict, name: str) -> list[dict]:
    found = asked.get(name) or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Refused("ACQ.INVALID_PARAMETER", name)
    return found


def _number(asked: dict) -> str:
    number = asked.get("out_request_no")
    if not isinstance(number, str) or not NUMBER.fullmatch(number):
        raise Refused("ACQ.INVALID_PARAMETER", "out_request_no")
    return number


def _account(one: dict, type_name: str, name: str, use: str) -> tuple[str, str]:
    kind, account = one.get(type_name), one.get(name)
    if kind not in TYPES[use] or not isinstance(account, str) or not account:
        raise Refused("ACQ.INVALID_RECEIVER_TYPE", name)
    return kind, account


def _receiver(payment, one: dict) -> tuple[str, str]:
    if one.get("royalty_type", "transfer") != "transfer" or "amount_percentage" in one:
        raise Refused("ACQ.INVALID_PARAMETER", "only amounts are transferred here")
    if one.get("trans_out", payment["seller"]) != payment["seller"]:
        raise Refused("ACQ.INVALID_PARAMETER", "trans_out")
    return _account(one, "trans_in_type", "trans_in", "transfer")


def _payment(books: Books, app: str, asked: dict):
    payment = books.one("SELECT * FROM payments WHERE id=? AND app=?", asked.get("trade_no"), app)
    if not payment:
        raise Refused("ACQ.TRADE_NOT_EXIST", "no such payment")
    return payment


def _requests_of(books: Books, payment: str) -> int:
    return books.sum("SELECT count(*) FROM requests WHERE payment=?", payment)


def _details(books: Books, request: int) -> list:
    return books.all("SELECT * FROM details WHERE request=? ORDER BY entry", request)


def _settle_no(request) -> str:
    return f"20261123{request['entry']:024d}"


def _time(seconds: int) -> str:
    """In Beijing, as the channel writes times."""
    return (datetime.fromtimestamp(seconds, UTC) + BEIJING).strftime("%Y-%m-%d %H:%M:%S")
