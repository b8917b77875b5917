"""A small signing client for the simulator's own tests and for stories; not the product's."""

import http.client
import json
import time
from contextlib import AbstractContextManager
from urllib.parse import urlencode

from .signature import HMAC_SHA256, method_of, sign


class Client(AbstractContextManager):
    """Calls the platform over one keep-alive connection."""

    def __init__(self, url: str, app_key: str, app_secret: str):
        self.key = app_key
        self.secret = app_secret
        self.token = ""
        self.connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=5)

    def __exit__(self, *exc_info: object) -> None:
        self.connection.close()

    def query(self, path: str, body: bytes, **changes: str | None) -> str:
        """Return the signed query of a call; a change of None leaves a parameter out."""
        method = method_of(path)
        timestamp = changes.get("timestamp") or str(int(time.time()))
        sign_method = changes.get("sign_method", HMAC_SHA256)
        given = {
            "app_key": self.key,
            "method": method,
            "v": "2",
            "sign": sign(self.key, self.secret, method, body, timestamp, sign_method),
            "timestamp": timestamp,
            "access_token": self.token,
            "sign_method": sign_method,
            **changes,
        }
        return urlencode({name: value for name, value in given.items() if value is not None})

    def raw(self, path: str, body: bytes, **changes: str | None) -> tuple[int, bytes]:
        """Return HTTP status and body of a call."""
        self.connection.request("POST", f"{path}?{self.query(path, body, **changes)}", body)
        response = self.connection.getresponse()
        return response.status, response.read()

    def call(self, path: str, params: dict, **changes: str | None) -> dict:
        """Return the whole envelope of a call."""
        body = json.dumps(params, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        status, answer = self.raw(path, body.encode(), **changes)
        assert status == 200, answer
        return json.loads(answer)

    def data(self, path: str, params: dict) -> dict:
        """Return the data of a call that must succeed."""
        answer = self.call(path, params)
        assert answer["code"] == 10000, answer
        return answer["data"]

    def refused(self, path: str, params: dict, **changes: str | None) -> tuple[int, str]:
        """Return code and sub_code of a call that must be refused."""
        answer = self.call(path, params, **changes)
        assert answer["code"] != 10000, answer
        assert answer["data"] is None
        return answer["code"], answer["sub_code"]

    def log_in(self, shop_id: int) -> dict:
        """Fetch an access token and keep it."""
        params = {"code": "", "grant_type": "authorization_self", "shop_id": str(shop_id)}
        data = self.data("/token/create", params)
        self.token = data["access_token"]
        return data

    def search(self, **params: object) -> dict:
        """Return the data of order.searchList, by default all by update time."""
        wanted = {
            "update_time_start": 1,
            "order_by": "update_time",
            "order_asc": True,
            "page": 0,
            "size": 100,
            **params,
        }
        given = {name: value for name, value in wanted.items() if value is not None}
        return self.data("/order/searchList", given)

    def ids(self, **params: object) -> list[str]:
        """Return the order ids of a search."""
        return [order["order_id"] for order in self.search(**params)["shop_order_list"]]

    def detail(self, order_id: str) -> dict:
        """Return one order."""
        return self.data("/order/orderDetail", {"shop_order_id": order_id})["shop_order_detail"]

    def aftersales(self, **params: object) -> dict:
        """Return the data of afterSale.List."""
        return self.data("/afterSale/List", {"page": 0, "size": 100, **params})

    def ship(
        self,
        order_id: str,
        waybill: str = "SF1000000001",
        company: str = "shunfeng",
        **params: object,
    ) -> dict:
        """Call order.logisticsAdd and return the envelope."""
        given = {"order_id": order_id, "company_code": company, "logistics_code": waybill}
        return self.call("/order/logisticsAdd", {**given, **params})

    def sync_stock(self, sku_id: int, stock_num: int, once: str = "") -> dict:
        """Call sku.syncStock and return the envelope.

        :param once: idempotent id; given, ``stock_num`` is added instead of set
        """
        params = {"sku_id": sku_id, "stock_num": stock_num}
        if once:
            params |= {"incremental": True, "idempotent_id": once}
        return self.call("/sku/syncStock", params)

    def stock(self, sku_id: int) -> dict:
        """Return the data of sku.stockNum."""
        return self.data("/sku/stockNum", {"sku_id": sku_id})
