"""A paced rush: orders prepared beforehand are sold and pushed at a set rate."""

import asyncio
import concurrent.futures
import time
from collections import Counter
from collections.abc import Sequence

from .burst import Burst, Mix
from .documents import Source, dump
from .errors import ControlError
from .events import CREATED, PAID
from .orders import Orders
from .pushes import Pushes

MARK = 1_111_111_111  # time of a prepared order; view order_texts puts the time of sale in
_STEP_SECONDS = 0.01
_BATCH = 2000  # orders of one transaction while preparing


class Rush:
    """Prepares orders, then sells them in steps of one transaction each."""

    def __init__(self, orders: Orders, burst: Burst, pushes: Pushes, seed: int):
        self._orders = orders
        self._books = orders.books
        self._burst = burst
        self._pushes = pushes
        self._seed = seed
        self._running: concurrent.futures.Future | None = None
        self._stop = False
        self._state: dict = {"running": False}
        self._since = (0, 0)

    def prepare(
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
    ) -> int:
        """Make ``n`` more paid orders ready to be sold; return how many are ready.

        They are in the books but not on the platform: no call shows them.
        """
        source = Source(int(room_id), int(author_id), author_name)
        ids = [int(sku_id) for sku_id in sku_ids or []]
        number = self._books.scalar("SELECT max(seq) FROM premade")
        drafts = self._burst.prepare(
            n,
            ids,
            list(receivers or []),
            source,
            Mix(**{"risk": 0, "unpaid": 0, **mix}),
            f"{self._seed if seed is None else seed}/{number}",
            MARK,
        )
        left = n
        while left > 0:
            with self._books.transaction():
                self._keep([next(drafts) for _ in range(min(left, _BATCH))])
            left -= _BATCH
        return self.ready()

    def _keep(self, drafts: list) -> None:
        events = self._orders.events
        rows = []
        for draft in drafts:
            created = events.order_data(CREATED, draft.document, order_status=1)
            paid = events.order_data(PAID, draft.document)
            row = draft.row
            rows.append(
                (
                    row["seq"],
                    draft.order_id,
                    row["receiver_id"],
                    row["freight_fen"],
                    created,
                    paid,
                    dump(draft.document),
                )
            )
        self._books.executemany("INSERT INTO premade VALUES (?,?,?,?,?,?,?)", rows)
        self._orders.keep_lines([line for draft in drafts for line in draft.lines])

    def ready(self) -> int:
        """Return how many prepared orders wait to be sold."""
        return self._books.scalar("SELECT count(*) FROM premade WHERE seq > ?", (self._sold(),))

    def _sold(self) -> int:
        return int(self._books.meta("rush_sold") or 0)

    # -- running ----------------------------------------------------------------------------

    def start(
        self,
        rate: float,
        seconds: float,
        connections: int = 16,
        max_events: int = 1,
        tags: Sequence[str] = (PAID,),
    ) -> int:
        """Sell ``rate`` prepared orders a second for ``seconds``; return how many that will be.

        Real time counts. ``tags``: messages of an order, of 100 and 101. The rush ends when all
        was sold and every message was acknowledged or put off.
        """
        if self._running and not self._running.done():
            raise ControlError("a rush runs already")
        if not self._orders.events.wanted:
            raise ControlError("nobody has subscribed")
        if not set(tags) <= {CREATED, PAID} or rate <= 0:
            raise ControlError("a rush has a rate and pushes 100, 101 or both")
        count = round(rate * seconds)
        if count > self.ready():
            raise ControlError(f"{count} orders wanted, {self.ready()} prepared")
        self._since = self._pushes.mark()
        self._stop = False
        self._state = {"running": True, "wanted": count, "sold": 0, "sold_out": 0, "late_ms": 0.0}
        steps = self._run(count, rate, tuple(tags))
        self._running = self._pushes.run(steps, connections=connections, max_events=max_events)
        return count

    def stop(self) -> None:
        """Sell no more; what was sold is still pushed."""
        self._stop = True

    def wait(self, seconds: float = 600) -> dict:
        """Wait until the rush has ended and return its report."""
        if self._running:
            try:
                self._running.result(seconds)
            except concurrent.futures.TimeoutError:
                raise ControlError(f"the rush still runs after {seconds} s") from None
        return self.report()

    def report(self) -> dict:
        """Return progress, and what :meth:`.pushes.Pushes.report` says since the start.

        ``late_ms`` is how far the simulator itself fell behind its pace at worst; ``sold_out``
        counts buyers who came too late; ``drain_seconds`` what the acks needed after the end.
        """
        return {**self._state, "ready": self.ready(), **self._pushes.report(self._since)}

    async def _run(self, count: int, rate: float, tags: tuple[str, ...]) -> None:
        started = time.monotonic()
        done = 0
        state = self._state
        try:
            while done < count and not self._stop:
                passed = time.monotonic() - started
                target = min(count, int(passed * rate) + 1)
                if target > done:
                    state["late_ms"] = max(state["late_ms"], (passed - done / rate) * 1000)
                    sold = self._sell(target - done, tags)
                    state["sold"] += sold
                    state["sold_out"] += target - done - sold
                    done = target
                # Wakes at a step's end, and lets answers in when it is late.
                await asyncio.sleep(max(0.0, _STEP_SECONDS - (time.monotonic() - started - passed)))
            state["seconds"] = round(time.monotonic() - started, 3)
            await self._pushes.settled()
            state["drain_seconds"] = round(time.monotonic() - started - state["seconds"], 3)
        finally:
            state["late_ms"] = round(state["late_ms"], 1)
            state["running"] = False

    def _sell(self, count: int, tags: tuple[str, ...]) -> int:
        """Sell the next ``count`` prepared orders now; return how many found stock."""
        books, now = self._books, self._orders.clock.now()
        with books.transaction():
            rows = books.all(
                "SELECT seq, order_id, created, paid FROM premade WHERE seq > ? ORDER BY seq"
                " LIMIT ?",
                (self._sold(), count),
            )
            if not rows:
                return 0
            span = (rows[0]["seq"], rows[-1]["seq"])
            if self._orders.stock.limits_anything():
                rows = self._take_stock(rows, span)
            # Orders refused above are no longer in premade.
            books.execute(
                "INSERT INTO orders (seq, order_id, status, main_status, create_time,"
                " update_time, receiver_id, freight_fen, json)"
                " SELECT seq, order_id, 2, 2, ?, ?, receiver_id, freight_fen, ''"
                " FROM premade WHERE seq BETWEEN ? AND ?",
                (now, now, *span),
            )
            books.execute(
                "INSERT INTO owed (at, event, order_id, line_id, amount_fen)"
                " SELECT ?, 'pay', l.order_id, l.line_id, l.owed_fen FROM premade p"
                " JOIN lines l ON l.order_id = p.order_id WHERE p.seq BETWEEN ? AND ?",
                (now, *span),
            )
            books.execute(
                "INSERT INTO owed (at, event, order_id, line_id, amount_fen, note)"
                " SELECT ?, 'pay', order_id, '', freight_fen, 'freight' FROM premade"
                " WHERE seq BETWEEN ? AND ? AND freight_fen > 0",
                (now, *span),
            )
            books.set_meta("rush_sold", str(span[1]))
            mark, second = f":{MARK}", f":{now}"
            self._orders.events.write(
                (tag, row["paid" if tag == PAID else "created"].replace(mark, second))
                for row in rows
                for tag in tags
            )
        return len(rows)

    def _take_stock(self, rows: list, span: tuple[int, int]) -> list:
        """Return the orders whose units are left, and drop the others for good."""
        wanted: dict[str, Counter[int]] = {row["order_id"]: Counter() for row in rows}
        for line in self._books.all(
            "SELECT p.order_id, l.sku_id, l.item_num FROM premade p"
            " JOIN lines l ON l.order_id = p.order_id WHERE p.seq BETWEEN ? AND ?",
            span,
        ):
            wanted[line["order_id"]][line["sku_id"]] += line["item_num"]
        refused = self._orders.stock.sell(wanted)
        self._books.executemany("DELETE FROM premade WHERE order_id = ?", [(x,) for x in refused])
        self._books.executemany("DELETE FROM lines WHERE order_id = ?", [(x,) for x in refused])
        return [row for row in rows if row["order_id"] not in refused]
