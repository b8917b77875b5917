"""WeChat Pay for splits: payments that were made, requests that are answered, faults that are planted.

Control from a test: ``pay``, ``settle``, ``advance``, ``balance``, ``receiver``, ``fault``, ``clear``,
``books``, ``check``, ``listen``, ``notify``; over HTTP the same as ``POST /_sim/<name>`` with keyword
arguments as JSON.

Faults of the next requests: ``cut_before`` (the connection breaks, nothing is done), ``cut_after``
(accepted, then the connection breaks), ``error_after`` (accepted, then HTTP 500 SYSTEM_ERROR),
``throttled`` (429 FREQUENCY_LIMITED), ``wrong_signature`` (of the answer), ``no_balance``
(403 NOT_ENOUGH), ``slow_return`` (a return is taken, and done by ``settle``). A split stays
PROCESSING until ``settle``.
"""

import json
import threading
import time
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa

from . import notices, rules, signing
from .books import Books
from .rules import Refused
from .server import handler_of

ROOT = "/v3/profitsharing"
SERIAL = "PUB_KEY_ID_0116000000000000000000000001"


class WechatPaySimulator:
    """A running channel on 127.0.0.1; use as a context manager.

    :param merchants: PEM of each merchant's public key, by merchant number
    :param ratio: cap of what may be split, in basis points of a payment
    """

    def __init__(
        self, db: str | Path, merchants: dict[str, str], port: int = 0, ratio: int = 3000,
        key: rsa.RSAPrivateKey | None = None,
    ):  # fmt: skip
        self.merchants, self.ratio = merchants, ratio
        self.key = key or signing.new_key()
        self.public_key = signing.public_pem(self.key)
        self._books = Books(db)
        self._faults: dict[str, int] = {}
        self._guard = threading.Lock()
        self._shift = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler_of(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "WechatPaySimulator":
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._books.close()

    # -- control -----------------------------------------------------------------------------

    def now(self) -> int:
        return int(time.time()) + self._shift

    def advance(self, seconds: int) -> int:
        """Move the channel's clock forward."""
        self._shift += seconds
        return self.now()

    def pay(
        self, id: str, merchant: str, amount: int, fee: int = 0, splits: bool = True, ago: int = 120
    ) -> None:
        """A buyer paid a merchant, so many seconds ago."""
        with self._books.transaction() as books:
            books.all(
                "INSERT INTO payments (id, merchant, amount, fee, paid_at, splits)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                id, merchant, amount, fee, self.now() - ago, int(splits),
            )  # fmt: skip

    def settle(self) -> int:
        """Finish what is PROCESSING; how many requests."""
        with self._books.transaction() as books:
            rows = books.all("SELECT * FROM orders WHERE state='PROCESSING' ORDER BY entry")
            for row in rows:
                rules.settle(books, row, self.now())
            slow = books.all("SELECT * FROM returns WHERE result='PROCESSING' ORDER BY entry")
            for row in slow:
                rules.settle_return(books, row)
        return len(rows) + len(slow)

    def listen(self, merchant: str, url: str, key: str) -> None:
        """Where a merchant wants to be told of splits (动账通知), and its APIv3 key."""
        with self._books.transaction() as books:
            books.all("INSERT OR REPLACE INTO listeners VALUES (?, ?, ?)", merchant, url, key)

    def notify(self, wrong_signature: bool = False, again: bool = False) -> list[int]:
        """Tell of every part that was split and not received yet; what was answered (0: nothing).

        :param again: also of what was received, as a channel does that missed the answer
        """
        rows = self._books.all(
            "SELECT n.*, l.url, l.key FROM notices n JOIN listeners l USING (merchant)"
            " WHERE ? OR NOT n.received ORDER BY n.entry",
            again,
        )
        answers = []
        for row in rows:
            text = notices.text_of(self._books, row)
            headers = signing.answer_headers(self.key, SERIAL, text, wrong_signature)
            answers.append(notices.post(row["url"], headers, text))
            if answers[-1] in (200, 204):
                self._books.all("UPDATE notices SET received=1 WHERE entry=?", row["entry"])
        return answers

    def receiver(
        self, account: str, balance: int = 0, consents: bool = True, blocked: str = ""
    ) -> None:
        """A receiver's account: its money, whether it agrees to returns, why it takes nothing."""
        with self._books.transaction() as books:
            books.all(
                "INSERT OR REPLACE INTO balances (account, amount, consents, blocked)"
                " VALUES (?, ?, ?, ?)",
                account, balance, int(consents), blocked,
            )  # fmt: skip

    def balance(self, account: str) -> int:
        row = self._books.one("SELECT amount FROM balances WHERE account=?", account)
        return row["amount"] if row else 0

    def fault(self, kind: str, times: int = 1) -> None:
        """Plant a fault for the next requests; a negative number: until ``clear``."""
        with self._guard:
            self._faults[kind] = times

    def clear(self) -> None:
        with self._guard:
            self._faults.clear()

    def books(self) -> dict[str, list[dict]]:
        """All rows of the books, for a test to compare with its own."""
        names = ("payments", "receivers", "orders", "parts", "returns", "balances")
        return {
            name: [dict(row) for row in self._books.all(f"SELECT * FROM {name}")] for name in names
        }

    def check(self) -> None:
        """What must hold of the books.

        :raise AssertionError: money was made or lost
        """
        books = self._books
        for payment in books.all("SELECT * FROM payments"):
            taken = rules._split_of(books, payment["id"])
            spent = taken + payment["fee"] + payment["refunded"]
            assert spent <= payment["amount"], dict(payment)
            assert taken * 10_000 <= payment["amount"] * self.ratio, dict(payment)
        for part in books.all("SELECT * FROM parts"):
            back = books.all(
                "SELECT amount FROM returns WHERE part=? AND result='SUCCESS'", part["entry"]
            )
            assert sum(row["amount"] for row in back) == part["returned"], dict(part)

    # -- the channel -------------------------------------------------------------------------

    def answer(self, method: str, url: str, authorization: str, body: bytes):
        """(status, headers, body) of a request; status 0 breaks the connection."""
        faults = self._take_faults()
        if "cut_before" in faults:
            return 0, {}, b""
        try:
            status, told = self._done(method, url, authorization, body, faults)
        except Refused as refused:
            status, told = refused.status, {"code": refused.code, "message": str(refused)}
        if "cut_after" in faults:
            return 0, {}, b""
        if "error_after" in faults:
            status, told = 500, {"code": "SYSTEM_ERROR", "message": "try again later"}
        text = json.dumps(told, ensure_ascii=False).encode()
        wrong = "wrong_signature" in faults
        return status, signing.answer_headers(self.key, SERIAL, text, wrong), text

    def _done(self, method, url, authorization, body, faults) -> tuple[int, dict]:
        merchant = signing.verified(self.merchants, method, url, authorization, body)
        if not merchant:
            raise Refused(401, "SIGN_ERROR", "the signature is wrong")
        if "throttled" in faults:
            raise Refused(429, "FREQUENCY_LIMITED", "too many requests")
        if "no_balance" in faults:
            raise Refused(403, "NOT_ENOUGH", "the payer's balance is too low")
        try:
            asked = json.loads(body) if body else {}
        except ValueError as error:
            raise Refused(400, "PARAM_ERROR", "no JSON") from error
        parts = urlsplit(url)
        steps = parts.path.removeprefix(ROOT).strip("/").split("/")
        with self._books.transaction() as books:
            query = dict(parse_qsl(parts.query))
            told = self._route(books, method, steps, query, merchant, asked, faults)
            return 200, told

    def _route(self, books, method, steps, query, merchant, asked, faults) -> dict:
        now = self.now()
        match method, steps:
            case "POST", ["orders"]:
                return rules.split(books, merchant, self._named(asked), now, self.ratio)
            case "POST", ["orders", "unfreeze"]:
                return rules.unfreeze(books, merchant, asked, now)
            case "GET", ["orders", number]:
                row = books.one(
                    "SELECT * FROM orders WHERE merchant=? AND number=? AND payment=?",
                    merchant, number, query.get("transaction_id"),
                )  # fmt: skip
                return rules.told(books, _found(row))
            case "POST", ["return-orders"]:
                return rules.give_back(books, merchant, asked, now, "slow_return" in faults)
            case "GET", ["return-orders", number]:
                row = books.one(
                    "SELECT * FROM returns WHERE merchant=? AND number=?", merchant, number
                )
                return rules.told_return(books, _found(row))
            case "GET", ["transactions", id, "amounts"]:
                row = _found(
                    books.one("SELECT * FROM payments WHERE id=? AND merchant=?", id, merchant)
                )
                return {"transaction_id": id, "unsplit_amount": rules.unsplit(books, row)}
            case "GET", ["merchant-configs", _number]:
                return {"max_ratio": self.ratio}
            case "POST", ["receivers", "add"]:
                name = signing.decrypted(self.key, asked["name"]) if asked.get("name") else ""
                books.all(
                    "INSERT OR REPLACE INTO receivers VALUES (?, ?, ?, ?)",
                    merchant, asked["type"], asked["account"], name,
                )  # fmt: skip
                return {"type": asked["type"], "account": asked["account"]}
            case "POST", ["receivers", "delete"]:
                books.all(
                    "DELETE FROM receivers WHERE merchant=? AND type=? AND account=?",
                    merchant, asked["type"], asked["account"],
                )  # fmt: skip
                return {"type": asked["type"], "account": asked["account"]}
        raise Refused(404, "NOT_FOUND", "no such address")

    def _named(self, asked: dict) -> dict:
        """A name is checked to be readable; it is encrypted anew each time, so it is no content."""
        receivers = asked.get("receivers")
        if not isinstance(receivers, list):
            return asked
        plain = []
        for one in receivers:
            try:
                name = {"name": signing.decrypted(self.key, one["name"])} if "name" in one else {}
            except ValueError as error:
                raise Refused(400, "PARAM_ERROR", "name") from error
            plain.append(one | name)
        return asked | {"receivers": plain}

    def _take_faults(self) -> set[str]:
        with self._guard:
            taken = set(self._faults)
            for kind in taken:
                self._faults[kind] -= 1
                if not self._faults[kind]:
                    del self._faults[kind]
            return taken


def _found(row):
    if not row:
        raise Refused(404, "RESOURCE_NOT_EXISTS", "there is no such record")
    return row
