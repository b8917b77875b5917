"""The whole platform in one object: what a test holds and what the control API calls."""

import json
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager

from .after_shipping import AfterShipping
from .aftersales import AfterSales
from .api import App, Privacy
from .books import Books
from .burst import Burst, Mix
from .clock import Clock
from .documents import Source
from .errors import ControlError
from .events import Events
from .faults import Faults, check_bad
from .money import LineInput
from .notes import Notes
from .orders import Orders
from .pushes import Pushes
from .queries import Queries
from .receivers import Receivers
from .reports import books_report
from .rush import Rush
from .server import Server
from .settlements import Settlements
from .shipping import COMPANIES, Shipping
from .stock import Stock
from .tokens import Tokens

APP_KEY = "7012345678901234567"
APP_SECRET = "simulated-app-secret-not-for-production"
SHOP_ID = 4463798
SHOP_NAME = "渠道品牌旗舰店"
DEFAULT_RECEIVER = {
    "name": "张三丰",
    "phone": "13800138000",
    "detail": "人民路1号2栋3单元404室",
    "region": 19,
}


class DouyinSimulator(AbstractContextManager):
    """A simulated Doudian shop with its HTTP server, started on entering the context.

    :param db: path of the SQLite file; the same path later continues the same books
    :param port: TCP port on 127.0.0.1, 0 for any free one
    :param seed: seed of bursts, rushes and push faults
    """

    def __init__(
        self,
        db: str,
        port: int = 0,
        seed: int = 1,
        app_key: str = APP_KEY,
        app_secret: str = APP_SECRET,
        shop_id: int = SHOP_ID,
        shop_name: str = SHOP_NAME,
    ):
        self.app = App(app_key, app_secret)
        self.shop_id = int(shop_id)
        self.store = Books(str(db))
        self.clock = Clock(self.store)
        self.faults = Faults(seed)
        self.receivers = Receivers(self.store, self.shop_id)
        self.events = Events(self.store, self.clock, self.shop_id, seed)
        self.stock = Stock(self.store, self.clock, self.faults)
        self.orders = Orders(
            self.store,
            self.clock,
            self.receivers,
            self.stock,
            self.events,
            self.shop_id,
            shop_name,
        )
        self.aftersales = AfterSales(self.orders)
        self.after_shipping = AfterShipping(self.aftersales)
        self.settlements = Settlements(self.orders)
        self.notes = Notes(self.orders)
        self.queries = Queries(self.orders, self.faults)
        self.tokens = Tokens(self.store, self.clock, self.shop_id, shop_name)
        self.methods = self._methods()
        self.pushes = Pushes(self.store, self.clock, self.app, self.events, self.faults)
        self._burst = Burst(self.orders, seed)
        self.rush = Rush(self.orders, self._burst, self.pushes, seed)
        self._port = port
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

    def _methods(self) -> dict:
        privacy = Privacy(self.receivers)
        return {
            "token.create": self.tokens.create,
            "token.refresh": self.tokens.refresh,
            "order.searchList": self.queries.search,
            "order.orderDetail": self.queries.detail,
            "order.logisticsAdd": Shipping(self.orders, self.aftersales).add,
            "order.getSettleBillDetailV3": self.settlements.detail,
            "order.addOrderRemark": self.notes.add,
            "order.addressConfirm": self.notes.confirm,
            "order.batchDecrypt": privacy.batch_decrypt,
            "order.BatchSearchIndex": privacy.batch_search_index,
            "afterSale.List": self.aftersales.list,
            "afterSale.operate": self.aftersales.operate,
            "afterSale.applyLogisticsIntercept": self.after_shipping.intercept,
            "afterSale.returnGoodsToWareHouseSuccess": self.after_shipping.here_again,
            "sku.syncStock": self.stock.sync,
            "sku.syncStockBatch": self.stock.sync_batch,
            "sku.stockNum": self.stock.stock_num,
            "sku.list": self.stock.sku_list,
        }

    # -- running ----------------------------------------------------------------------------

    def __enter__(self) -> "DouyinSimulator":
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Address of the running server, without a trailing slash."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        """Serve in a thread of its own, and push in another."""
        self.pushes.start()
        self._server = Server(("127.0.0.1", self._port), self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop serving and close the books."""
        if self._server:
            self._server.shutdown()
            self._server.close_connections()
            self._server.server_close()
            self._thread.join()
            self._server = None
        self.rush.stop()
        self.pushes.stop()
        self.store.close()

    # -- catalogue and buyers ---------------------------------------------------------------

    def add_sku(
        self,
        sku_id: int,
        code: str,
        title: str,
        price_fen: int,
        product_id: int | None = None,
        spec: str = "默认",
        stock_num: int | None = None,
        reduce_stock_type: int | None = None,
    ) -> int:
        """Put a SKU on sale; ``price_fen`` a unit.

        :param stock_num: units on sale; None: without end until the merchant tells its stock
        :param reduce_stock_type: 1 an order takes stock, 2 (as when None) its payment does
        """
        product = product_id or 3_600_000_000_000_000_000 + int(sku_id)
        with self.store.transaction():
            self.orders.add_sku(sku_id, product, code, title, price_fen, spec)
            if reduce_stock_type is not None:
                self.stock.set_reduce_type(int(sku_id), reduce_stock_type)
            if stock_num is not None:
                self.set_stock(sku_id, stock_num)
        return int(sku_id)

    def set_stock(self, sku_id: int, stock_num: int) -> None:
        """Set the stock of a SKU in the platform's back office, not by the merchant's call."""
        if int(stock_num) < 0:
            raise ControlError("no negative stock")
        self.stock.put(self.orders.sku(sku_id)["sku_id"], int(stock_num))

    def buy(
        self,
        lines: Sequence[dict],
        receiver: dict | None = None,
        *,
        freight_fen: int = 0,
        freight_promotion_fen: int = 0,
        room_id: int = 0,
        author_id: int = 0,
        author_name: str = "",
        risk: bool = False,
        paid: bool = True,
        buyer_words: str = "",
        bad: str = "",
        at: int | None = None,
    ) -> str:
        """Buy one order; ``lines`` are dicts of :class:`.money.LineInput` fields."""
        return self.orders.buy(
            [LineInput(**line) for line in lines],
            self.receivers.keep(**(receiver or DEFAULT_RECEIVER)),
            freight_fen=freight_fen,
            freight_promotion_fen=freight_promotion_fen,
            source=Source(int(room_id), int(author_id), author_name),
            risk=risk,
            paid=paid,
            buyer_words=buyer_words,
            bad=check_bad(bad),
            at=at,
        )

    def burst(
        self,
        n: int,
        sku_ids: Sequence[int] | None = None,
        receivers: Sequence[dict] | None = None,
        *,
        room_id: int = 0,
        author_id: int = 0,
        author_name: str = "",
        seed: int | None = None,
        **mix: float,
    ) -> list[str]:
        """Buy ``n`` mixed orders; ``mix`` are fields of :class:`.burst.Mix`."""
        source = Source(int(room_id), int(author_id), author_name)
        ids = [int(sku_id) for sku_id in sku_ids or []]
        return self._burst.run(n, ids, list(receivers or []), source, Mix(**mix), seed)

    def pay(self, order_id: str, risk: bool = False) -> None:
        """The buyer pays an unpaid order."""
        self.orders.pay(order_id, risk)

    def cancel(self, order_id: str) -> None:
        """The buyer gives up an unpaid order."""
        self.orders.cancel(order_id)

    def change_freight(self, order_id: str, freight_fen: int) -> None:
        """The seller changes the freight of an unpaid order."""
        self.orders.change_freight(order_id, freight_fen)

    def expire_unpaid(self) -> int:
        """Cancel what was not paid in time; return how many."""
        return self.orders.expire_unpaid()

    def release_risk(self, order_id: str | None = None) -> list[str]:
        """End the risk review of one order or of all; return the released ids."""
        with self.store.transaction():
            waiting = [order_id] if order_id else self.order_ids(status=105)
            for waiting_id in waiting:
                self.orders.release_risk(waiting_id)
        return waiting

    def change_address(self, order_id: str, receiver: dict) -> None:
        """The buyer moves the order to another receiver."""
        self.orders.change_address(order_id, self.receivers.keep(**receiver))

    def ask_address(self, order_id: str, receiver: dict) -> None:
        """The buyer applies for another receiver: only a message."""
        self.orders.ask_address(order_id, self.receivers.keep(**receiver))

    def address_asks(self, order_id: str) -> list[dict]:
        """The buyers' applications for another receiver, with the merchant's answers."""
        return self.notes.asked(order_id)

    def remark(self, order_id: str, text: str, star: int = 0) -> None:
        """The seller writes a memo and a flag in the platform's back office."""
        self.orders.remark(order_id, text, int(star))

    def set_ship_by(self, order_id: str, at: int) -> None:
        """Move the time an order must be shipped by (unix seconds)."""
        self.orders.set_ship_by(order_id, at)

    def ship_lines(
        self, order_id: str, line_ids: Sequence[str], waybill: str, company: str = "shunfeng"
    ) -> None:
        """The merchant ships some lines in the platform's back office."""
        if company not in COMPANIES:
            raise ControlError(f"no carrier {company!r}")
        lines = [str(line_id) for line_id in line_ids]
        self.orders.ship(str(order_id), company, COMPANIES[company], waybill, lines)

    def complete(self, order_id: str) -> None:
        """The buyer confirms receipt."""
        self.orders.complete(order_id)

    def touch(self, order_id: str) -> None:
        """Change only the seller's memo and the update time."""
        self.orders.touch(order_id)

    # -- after-sales ------------------------------------------------------------------------

    def apply_refund(
        self, line_id: str, *, reason_code: int = 1, fast: bool = False, again: bool = False
    ) -> str:
        """The buyer asks the refund of a line; see :meth:`.aftersales.AfterSales.apply`."""
        return self.aftersales.apply(line_id, reason_code=reason_code, fast=fast, again=again)

    def refund_order(self, order_id: str, *, fast: bool = False) -> list[str]:
        """The buyer asks the refund of every line not refunded yet."""
        with self.store.transaction():
            lines = [x["line_id"] for x in self.orders.lines(order_id) if not x["refunded"]]
            return [self.apply_refund(line_id, fast=fast) for line_id in lines]

    def modify_refund(self, aftersale_id: str, reason_code: int) -> None:
        """The buyer changes an open application: a new version of it."""
        self.aftersales.modify(aftersale_id, reason_code)

    def extend_refund(self, aftersale_id: str, seconds: int) -> None:
        """The platform gives the merchant more time to answer."""
        self.aftersales.extend(aftersale_id, seconds)

    def agree_refund(self, aftersale_id: str) -> None:
        """The refund succeeds."""
        self.aftersales.agree(aftersale_id)

    def close_refund(self, aftersale_id: str) -> None:
        """The buyer takes the application back."""
        self.aftersales.close(aftersale_id)

    def refuse_refund(self, aftersale_id: str) -> None:
        """The merchant refuses."""
        self.aftersales.refuse(aftersale_id)

    def orphan_refund(self, order_id: str) -> str:
        """An after-sale of an unknown order (bad data)."""
        return self.aftersales.orphan(order_id)

    def bad_order(self, order_id: str, kind: str) -> None:
        """Answer the order spoilt from now on; an empty kind heals it."""
        self.orders.mark_bad(order_id, check_bad(kind))

    # -- looking inside ---------------------------------------------------------------------

    def order_ids(self, status: int | None = None) -> list[str]:
        """Return the ids of all orders, or of those in a status, oldest first."""
        where, values = ("1", ()) if status is None else ("status = ?", (status,))
        rows = self.store.all(f"SELECT order_id FROM orders WHERE {where} ORDER BY seq", values)
        return [row["order_id"] for row in rows]

    def order(self, order_id: str) -> dict:
        """Return an order as the platform would answer it, without any fault."""
        row = self.orders.row(order_id)
        receiver = self.receivers.get(row["receiver_id"])
        return json.loads(self.receivers.fill(row["json"], receiver, row["order_id"]))

    def receiver(self, order_id: str) -> dict:
        """Return the plain receiver of an order (only a test may know it)."""
        receiver = self.receivers.get(self.orders.row(order_id)["receiver_id"])
        return {**receiver._asdict(), "region": receiver.region._asdict()}

    def books(self, order_ids: Sequence[str] | None = None) -> dict:
        """Return what the platform owes the merchant, by order and in total."""
        return books_report(self.store, order_ids)

    def requests(self, limit: int = 1000) -> list[dict]:
        """Return the last calls, newest first: method and outcome, nothing personal."""
        rows = self.store.all("SELECT * FROM requests ORDER BY seq DESC LIMIT ?", (int(limit),))
        return [dict(row) for row in rows]

    def credentials(self) -> dict:
        """Return how to reach this shop."""
        return {**self.app._asdict(), "shop_id": self.shop_id}
