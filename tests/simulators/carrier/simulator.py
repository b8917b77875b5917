"""The service: parcels that are scanned, queries that are answered, faults that are planted.

Control from a test: ``scan``, ``fault``, ``clear``, ``calls``; over HTTP the same as
``POST /_sim/<name>`` with keyword arguments as JSON.

Faults: ``repeated`` (each line twice), ``out_of_order`` (lines shuffled), ``plain`` (lines without
their own status), ``throttled`` (returnCode 502), ``http_429``, ``server_error`` (HTTP 500),
``no_json``, ``wrong_sign`` (503), ``expired`` (601), ``cut`` (the connection breaks). Late: a scan
with ``shown_after`` seconds is not told before.
"""

import hashlib
import json
import random
import threading
import time
from datetime import datetime, timedelta, timezone
from http.server import ThreadingHTTPServer
from pathlib import Path

from .books import Books
from .server import handler_of

CUSTOMER, KEY = "SIMULATEDCUSTOMER", "simulated-key"
CHINA = timezone(timedelta(hours=8))
STATES = {"14": "14", "10": "0"}


class CarrierSimulator:
    """A running service on 127.0.0.1; use as a context manager."""

    def __init__(
        self, db: str | Path, port: int = 0, customer: str = CUSTOMER, key: str = KEY, seed: int = 1
    ):
        self.customer, self.key = customer, key
        self._books = Books(db)
        self._faults: dict[str, int] = {}
        self._guard = threading.Lock()
        self._random = random.Random(seed)
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler_of(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "CarrierSimulator":
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._books.close()

    # -- control -----------------------------------------------------------------------------

    def scan(
        self, waybill: str, code: str, at: int, text: str = "", place: str = "",
        company: str = "shunfeng", shown_after: int = 0,
    ) -> None:  # fmt: skip
        """The carrier scans a parcel.

        :param code: the fine status, for example 103 picked up, 301 signed, 14 refused
        :param shown_after: seconds from now before a query tells it
        """
        self._books.execute(
            "INSERT INTO scans (waybill, company, at, code, text, place, shown_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            waybill, company, at, code, text or f"scan {code}", place,
            int(time.time()) + shown_after if shown_after else 0,
        )  # fmt: skip

    def fault(self, kind: str, times: int = 1) -> None:
        """Plant a fault for the next queries; a negative number: until ``clear``."""
        with self._guard:
            self._faults[kind] = times

    def clear(self) -> None:
        """No faults any more."""
        with self._guard:
            self._faults.clear()

    def calls(self) -> list[dict]:
        """The queries so far: waybill, returnCode, faults."""
        return [
            dict(row)
            for row in self._books.execute("SELECT waybill, code, fault FROM calls ORDER BY entry")
        ]

    # -- the service -------------------------------------------------------------------------

    def query(self, form: dict[str, str]) -> tuple[int, bytes]:
        """Answer ``/poll/query.do``: status and body; status 0 breaks the connection."""
        faults = self._take_faults()
        status, answer = self._answer(form, faults)
        try:
            waybill = str(json.loads(form.get("param") or "{}").get("num") or "")
        except ValueError:
            waybill = ""
        code = str(answer.get("returnCode") or answer.get("status") or "")
        self._books.execute(
            "INSERT INTO calls (waybill, code, fault) VALUES (?, ?, ?)",
            waybill, code if status == 200 else str(status), ",".join(sorted(faults)),
        )  # fmt: skip
        if "no_json" in faults:
            return 200, b"<html>busy</html>"
        return status, json.dumps(answer, ensure_ascii=False).encode()

    def _take_faults(self) -> set[str]:
        with self._guard:
            taken = set(self._faults)
            for kind in taken:
                self._faults[kind] -= 1
                if not self._faults[kind]:
                    del self._faults[kind]
            return taken

    def _answer(self, form: dict[str, str], faults: set[str]) -> tuple[int, dict]:
        for kind, status in (("http_429", 429), ("server_error", 500), ("cut", 0)):
            if kind in faults:
                return status, {}
        text = form.get("param") or ""
        wanted = hashlib.md5((text + self.key + self.customer).encode()).hexdigest().upper()
        if form.get("customer") != self.customer or form.get("sign") != wanted:
            return 200, _refusal("503", "验证签名失败")
        for kind, code in (("throttled", "502"), ("wrong_sign", "503"), ("expired", "601")):
            if kind in faults:
                return 200, _refusal(code, kind)
        try:
            param = json.loads(text)
        except ValueError:
            return 200, _refusal("400", "param")
        if param.get("com") in ("shunfeng", "zhongtong") and not param.get("phone"):
            return 200, _refusal("408", "验证码错误")
        return 200, self._told(param, faults)

    def _told(self, param: dict, faults: set[str]) -> dict:
        rows = self._books.execute(
            "SELECT * FROM scans WHERE waybill = ? AND company = ? AND shown_at <= ?"
            " ORDER BY at DESC, entry DESC",
            str(param.get("num")), str(param.get("com")), int(time.time()),
        )  # fmt: skip
        if not rows:
            return _refusal("500", "查询无结果，请隔段时间再查")
        fine = bool(param.get("resultv2")) and "plain" not in faults
        lines = [_line(row, fine) for row in rows]
        if "repeated" in faults:
            lines += lines
        if "out_of_order" in faults:
            self._random.shuffle(lines)
        return {
            "message": "ok", "nu": param["num"], "com": param["com"], "status": "200",
            "ischeck": "0", "condition": "F00", "state": _coarse(rows[0]["code"]), "data": lines,
        }  # fmt: skip


def _refusal(code: str, message: str) -> dict:
    return {"result": False, "returnCode": code, "message": message}


def _line(row, fine: bool) -> dict:
    moment = datetime.fromtimestamp(row["at"], CHINA).strftime("%Y-%m-%d %H:%M:%S")
    line = {"time": moment, "ftime": moment, "context": row["text"]}
    if fine:
        line |= {"statusCode": row["code"], "areaName": row["place"]}
    return line


def _coarse(code: str) -> str:
    if code in STATES:
        return STATES[code]
    return code if len(code) < 3 else STATES.get(code[:-2], code[:-2])
