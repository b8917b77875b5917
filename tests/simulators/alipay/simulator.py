"""Alipay for splits: payments that were made, requests that are answered, faults that are planted.

Control from a test: ``pay``, ``settle``, ``advance``, ``balance``, ``receiver``, ``fault``, ``clear``,
``books``, ``check``; over HTTP the same as ``POST /_sim/<name>`` with keyword arguments as JSON.

Faults of the next requests: ``cut_before`` (the connection breaks, nothing is done), ``cut_after``
(done, then the connection breaks), ``error_after`` (done, then 20000 ACQ.SYSTEM_ERROR),
``throttled`` (40005), ``wrong_signature`` (of the answer), ``no_balance`` (the seller's balance is
too low). An asynchronous split stays PROCESSING until ``settle``.
"""

import json
import threading
import time
from datetime import UTC, datetime
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives.asymmetric import rsa

from . import rules, signing
from .books import Books
from .rules import Refused
from .server import GATEWAY, handler_of

FRESH = 900  # seconds
METHODS = {
    "alipay.trade.royalty.relation.bind": rules.bind,
    "alipay.trade.royalty.relation.unbind": rules.unbind,
    "alipay.trade.royalty.relation.batchquery": rules.relations,
    "alipay.trade.order.settle": None,  # these two need the merchant's ratio
    "alipay.trade.royalty.rate.query": None,
    "alipay.trade.order.settle.query": rules.query,
    "alipay.trade.order.onsettle.query": rules.unsettled,
    "alipay.trade.refund": rules.refund,
    "alipay.trade.fastpay.refund.query": rules.refund_query,
}
MESSAGES = {
    "20000": "Service Currently Unavailable",
    "40002": "Invalid Arguments",
    "40004": "Business Failed",
    "40005": "Call Limited",
}


class AlipaySimulator:
    """A running channel on 127.0.0.1; use as a context manager.

    :param apps: PEM of each application's public key, by its number
    :param ratio: cap of what may be split, in basis points of a payment
    """

    def __init__(
        self, db: str | Path, apps: dict[str, str], port: int = 0, ratio: int = 3000,
        key: rsa.RSAPrivateKey | None = None,
    ):  # fmt: skip
        self.apps, self.ratio = apps, ratio
        self.key = key or signing.new_key()
        self.public_key = signing.public_pem(self.key)
        self._books = Books(db)
        self._faults: dict[str, int] = {}
        self._guard = threading.Lock()
        self._shift = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler_of(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}{GATEWAY}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )

    def __enter__(self) -> "AlipaySimulator":
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
        """Move the channel's clock forward; requests are still dated by the wall clock."""
        self._shift += seconds
        return self.now()

    def pay(
        self, id: str, app: str, seller: str, amount: int, fee: int = 0, freezes: bool = True,
        ago: int = 120,
    ) -> None:  # fmt: skip
        """A buyer paid a seller, so many seconds ago: its balance grows by what is left of the fee."""
        with self._books.transaction() as books:
            books.all(
                "INSERT INTO payments (id, app, seller, amount, fee, paid_at, freezes)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                id, app, seller, amount, fee, self.now() - ago, int(freezes),
            )  # fmt: skip
            rules.credit(books, seller, amount - fee)

    def settle(self) -> int:
        """Finish what is PROCESSING; how many requests."""
        with self._books.transaction() as books:
            rows = books.all(
                "SELECT * FROM requests WHERE entry IN"
                " (SELECT request FROM details WHERE state='PROCESSING') ORDER BY entry"
            )
            for row in rows:
                rules.finish(books, row, self.now())
        return len(rows)

    def receiver(self, account: str, balance: int = 0, blocked: str = "") -> None:
        """Somebody's account: its money, the code with which it takes nothing."""
        with self._books.transaction() as books:
            books.all(
                "INSERT OR REPLACE INTO balances (account, amount, blocked) VALUES (?, ?, ?)",
                account, balance, blocked,
            )  # fmt: skip

    def balance(self, account: str) -> int:
        return rules.balance(self._books, account)

    def fault(self, kind: str, times: int = 1) -> None:
        """Plant a fault for the next requests; a negative number: until ``clear``."""
        with self._guard:
            self._faults[kind] = times

    def clear(self) -> None:
        with self._guard:
            self._faults.clear()

    def books(self) -> dict[str, list[dict]]:
        """All rows of the books, for a test to compare with its own."""
        names = ("payments", "relations", "requests", "details", "refunds", "takings", "balances")
        return {
            name: [dict(row) for row in self._books.all(f"SELECT * FROM {name}")] for name in names
        }

    def check(self) -> None:
        """What must hold of the books.

        :raise AssertionError: money was made or lost
        """
        books = self._books
        for payment in books.all("SELECT * FROM payments"):
            taken = rules.split_of(books, payment["id"])
            assert taken * 10_000 <= payment["amount"] * self.ratio, dict(payment)
            refunded = books.sum("SELECT sum(amount) FROM refunds WHERE payment=?", payment["id"])
            assert refunded == payment["refunded"], dict(payment)
        got = dict(
            books.all("SELECT account, sum(amount) FROM details WHERE state='SUCCESS' GROUP BY 1")
        )
        for account, fen in books.all("SELECT account, sum(amount) FROM takings GROUP BY 1"):
            assert fen <= got.get(account, 0), account

    # -- the channel -------------------------------------------------------------------------

    def answer(self, body: bytes) -> bytes | None:
        """The answer to a request; None breaks the connection."""
        faults = self._take_faults()
        if "cut_before" in faults:
            return None
        pairs = parse_qsl(body.decode(), keep_blank_values=True)
        fields = dict(pairs) if len(dict(pairs)) == len(pairs) else {}
        method = fields.get("method", "")
        try:
            told = {"code": "10000", "msg": "Success"} | self._done(method, fields, faults)
        except Refused as refused:
            told = _told(refused)
        if "cut_after" in faults:
            return None
        if "error_after" in faults:
            told = _told(Refused("ACQ.SYSTEM_ERROR", "try again later", "20000"))
        # written as no JSON writer of a client would: who encodes it anew cannot verify it
        node = json.dumps(told, ensure_ascii=False, separators=(", ", ":"))
        signature = signing.sign(self.key, node + "x" * ("wrong_signature" in faults))
        name = method.replace(".", "_") + "_response" if method in METHODS else "error_response"
        return f'{{"{name}":{node},"sign":"{signature}"}}'.encode()

    def _done(self, method: str, fields: dict[str, str], faults: set[str]) -> dict:
        app = fields.get("app_id", "")
        if method not in METHODS:
            raise Refused("isv.invalid-method", "method", "40002")
        if app not in self.apps or not signing.verified(self.apps[app], fields):
            raise Refused("isv.invalid-signature", "the signature is wrong", "40002")
        common = {"sign_type": "RSA2", "version": "1.0", "charset": "utf-8"}
        for name, value in common.items():
            if fields.get(name) != value:
                raise Refused(f"isv.invalid-{name.replace('_', '-')}", name, "40002")
        if not _is_fresh(fields.get("timestamp", "")):
            raise Refused("isv.invalid-timestamp", "timestamp", "40002")
        if "throttled" in faults:
            raise Refused("isv.app-call-limited", "too many requests", "40005")
        if "no_balance" in faults:
            raise Refused("ACQ.TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH", "the seller's balance")
        try:
            asked = json.loads(fields.get("biz_content", ""))
        except ValueError:
            asked = None
        if not isinstance(asked, dict):
            raise Refused("isv.invalid-parameter", "biz_content", "40002")
        with self._books.transaction() as books:
            if method == "alipay.trade.order.settle":
                return rules.settle(books, app, asked, self.now(), self.ratio)
            if method == "alipay.trade.royalty.rate.query":
                return {"max_ratio": self.ratio // 100}
            return METHODS[method](books, app, asked, self.now())

    def _take_faults(self) -> set[str]:
        with self._guard:
            taken = set(self._faults)
            for kind in taken:
                self._faults[kind] -= 1
                if not self._faults[kind]:
                    del self._faults[kind]
            return taken


def _told(refused: Refused) -> dict:
    return {
        "code": refused.code,
        "msg": MESSAGES[refused.code],
        "sub_code": refused.sub_code,
        "sub_msg": str(refused),
    }


def _is_fresh(stamp: str) -> bool:
    """Whether a request's time, in Beijing, is about now."""
    try:
        told = datetime.strptime(stamp, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC) - rules.BEIJING
    except ValueError:
        return False
    return abs(time.time() - told.timestamp()) <= FRESH
