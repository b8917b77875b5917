"""A real gateway on a real database, and a client that signs as Doudian does."""

from __future__ import annotations

import hashlib
import http.client
import itertools
import json
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg2
from devkit import gateway as devkit_gateway
from devkit.odoo_run import environment
from devkit.processes import Service, free_port

GIVE_UP = 30.0
SUCCESS = {"code": 0, "msg": "success"}
APPS = {
    "ONE": ("7000000000000000001", "secret-of-one"),
    "TWO": ("7000000000000000002", "secret-of-two"),
}
# platform shop number: name of its credentials
SHOPS = {"1001": "ONE", "1002": "ONE", "2001": "TWO"}
_numbers = itertools.count(1)


def until(true: Callable[[], object], what: str, give_up: float = GIVE_UP):
    """Wait until a condition holds and return its value."""
    end = time.monotonic() + give_up
    while True:
        value = true()
        if value:
            return value
        assert time.monotonic() < end, f"not within {give_up} s: {what}"
        time.sleep(0.02)


def event(shop_ref: str | int | None = "1001", msg_id: str | None = None, **fields) -> dict:
    """One event as Doudian sends it; each has a number of its own."""
    number = next(_numbers)
    data = {"p_id": 4900000000000000000 + number, "s_ids": [number], "order_status": 2, **fields}
    if shop_ref is not None:
        data["shop_id"] = shop_ref
    return {
        "tag": "101",
        "msg_id": msg_id or f"{7300000000000000000 + number}:101",
        "data": json.dumps(data),
    }


def signed(body: bytes, app: str = "ONE") -> dict[str, str]:
    """The headers of a push."""
    key, secret = APPS[app]
    sign = hashlib.md5(key.encode() + body + secret.encode()).hexdigest()
    return {"app-id": key, "event-sign": sign, "Content-Type": "application/json"}


def request_bytes(body: bytes, app: str = "ONE", **headers: str) -> bytes:
    """A whole push as it goes over the wire."""
    lines = {"Host": "x", "Content-Length": str(len(body)), **signed(body, app), **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST /push/douyin HTTP/1.1\r\n{head}\r\n".encode() + body


class Gateway:
    """A running gateway."""

    def __init__(self, world: World, port: int, service: Service) -> None:
        self.world = world
        self.port = port
        self.service = service
        self.client = http.client.HTTPConnection("127.0.0.1", port, timeout=GIVE_UP)

    @property
    def pid(self) -> int:
        return self.service.process.pid

    def request(self, method: str, path: str, body: bytes = b"", headers=None):
        """(status, body) over a connection that is kept."""
        try:
            self.client.request(method, path, body or None, headers or {})
            reply = self.client.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError, http.client.CannotSendRequest):
            self.client.close()
            self.client.request(method, path, body or None, headers or {})
            reply = self.client.getresponse()
        return reply.status, reply.read()

    def post(self, body: bytes, headers: dict | None = None, app: str = "ONE"):
        """Push these bytes: (status, answer as JSON)."""
        given = signed(body, app) if headers is None else headers
        status, answer = self.request("POST", "/push/douyin", body, given)
        return status, json.loads(answer)

    def push(self, *events: dict, app: str = "ONE"):
        return self.post(json.dumps(events).encode(), app=app)

    def figures(self) -> dict[str, float]:
        """The metrics by name and labels (but for the process)."""
        status, text = self.request("GET", "/metrics")
        assert status == 200
        found = {}
        for line in text.decode().splitlines():
            if not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                found[name.replace('process="0",', "").replace('{process="0"}', "")] = float(value)
        return {name.removeprefix("qudao_gateway_"): value for name, value in found.items()}

    def healthy(self) -> bool:
        return self.request("GET", "/healthz")[0] == 200

    def memory(self) -> int:
        """Resident bytes."""
        text = Path(f"/proc/{self.pid}/status").read_text()
        kilobytes = next(line for line in text.splitlines() if line.startswith("VmRSS:"))
        return int(kilobytes.split()[1]) * 1024

    def log(self) -> str:
        return self.service.log.read_text(errors="replace")

    def send_signal(self, sign: signal.Signals) -> None:
        self.service.process.send_signal(sign)

    def stop(self) -> None:
        self.client.close()
        self.service.stop()


class World:
    """A database with three shops of two apps, and the gateways on it."""

    def __init__(self, toolchain, database, logs: Path) -> None:
        self.toolchain = toolchain
        self.database = database
        self.logs = logs
        self._number = itertools.count(1)
        devkit_gateway.make_role(database)
        for shop_ref, credential_ref in SHOPS.items():
            self.add_shop(shop_ref, credential_ref)

    def connect(self):
        """Plain psycopg2 as the owner, autocommit."""
        names = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password"}
        where = {names[k]: v for k, v in self.database.environment.items() if k in names}
        connection = psycopg2.connect(dbname=self.database.name, **where)
        connection.autocommit = True
        return connection

    def sql(self, query: str, *arguments) -> list[tuple]:
        connection = self.connect()
        try:
            with connection.cursor() as cr:
                cr.execute(query, arguments or None)
                return cr.fetchall() if cr.description else []
        finally:
            connection.close()

    def add_shop(self, shop_ref: str, credential_ref: str) -> None:
        shop = {
            "name": f"Shop {shop_ref}", "code": f"S{shop_ref}", "platform": "douyin",
            "platform_shop_ref": shop_ref, "credential_ref": credential_ref, "active": True,
            "stock_source": "off",  # a key without a column, where the addon is missing, is left out
        }  # fmt: skip
        self.sql(
            "INSERT INTO channel_shop SELECT shop.* FROM res_company company,"
            " jsonb_populate_record(NULL::channel_shop, %s::jsonb || jsonb_build_object("
            " 'id', nextval('channel_shop_id_seq'), 'company_id', company.id)) shop"
            " ORDER BY company.id LIMIT 1",
            json.dumps(shop),
        )

    def stored(self, *events: dict) -> list[str]:
        """The numbers of these events that are stored, once for each row."""
        numbers = [item["msg_id"] for item in events]
        rows = self.sql("SELECT msg_id FROM channel_push WHERE msg_id = ANY(%s)", numbers)
        return sorted(number for (number,) in rows)

    def settings(self, **changes: str) -> dict[str, str]:
        """The environment of a gateway."""
        base = environment(self.toolchain, self.database)
        for name, (key, secret) in APPS.items():
            base[f"QUDAO_SHOP_{name}_APP_KEY"] = key
            base[f"QUDAO_SHOP_{name}_APP_SECRET"] = secret
        return devkit_gateway.environment(base, self.database) | changes

    def launch(self, *options: str, port: int = 0, **changes: str) -> Gateway:
        """Start a gateway and return at once."""
        port = port or free_port()
        service = Service.start(
            "gateway", devkit_gateway.command(self.toolchain, port, *options),
            log=self.logs / f"gateway-{next(self._number)}.log", env=self.settings(**changes),
            identity=self.toolchain.identity(),
        )  # fmt: skip
        return Gateway(self, port, service)

    @contextmanager
    def gateway(self, *options: str, port: int = 0, **changes: str):
        """A gateway that listens, for the time of the block."""
        gateway = self.launch(*options, port=port, **changes)
        try:
            gateway.service.wait_for_text("listening on ")
            yield gateway
        finally:
            gateway.stop()


def numbers(events: Sequence[dict]) -> list[str]:
    return sorted(item["msg_id"] for item in events)
