"""The platform's own settlement: what it pays out for received orders, and what it takes off.

A line is settled ``days`` after its order was received, with fees by rates of its own. What buyers
get back afterwards is a row of its own. Rows are told by order.getSettleBillDetailV3 and as the
files that merchants export.
"""

import csv
import io
import json
from datetime import datetime, timedelta, timezone

from .documents import DONE
from .errors import ControlError, RefusalError, number
from .orders import Orders

CHINA = timezone(timedelta(hours=8))
DAYS = 4  # 确认收货 + 4 days: an ordinary shop with a deposit
MAX_SIZE = 100
MAX_WINDOW = 7 * 86400
SETTLED, REFUND, TAKEN = 0, 1, 9  # TAKEN is told as 0, as all that is no refund
KINDS = {SETTLED: "已结算", REFUND: "结算后退款-原路退回"}
FEES = ("platform_service_fee", "commission", "colonel_service_fee", "other_sharing_amount")
OLDER = (
    "结算时间", "订单号", "子订单号", "结算金额", "结算账户", "结算单类型", "有结算前退款", "下单时间",
    "收入合计", "支出合计", "平台服务费", "达人佣金",
)  # fmt: skip
NEWER = (
    "动账时间", "动帐流水号", "动账方向", "动账金额", "动账账户", "动账场景", "计费类型", "子订单号",
    "订单号", "订单实付应结", "运费实付", "实际平台补贴", "订单退款", "平台服务费", "佣金",
    "招商服务费", "站外推广费", "备注",
)  # fmt: skip


class Settlements:
    """What was settled. ``rates`` are the platform's, in parts of ten thousand."""

    def __init__(self, orders: Orders):
        self.orders = orders
        self.books = orders.books
        self.rates = {"platform": 500, "commission": 2000, "colonel": 0}
        self._repeat = 0

    # -- the platform's side ----------------------------------------------------------------

    def configure(self, **rates: int) -> None:
        """Change rates: platform, commission (only of talents' orders), colonel."""
        if not rates.keys() <= self.rates.keys():
            raise ControlError(f"rates are {', '.join(self.rates)}")
        self.rates |= {name: int(rate) for name, rate in rates.items()}

    def run(self, days: int = DAYS) -> int:
        """Settle what was received ``days`` ago, and take back later refunds; how many rows."""
        now = self.orders.clock.now()
        with self.books.transaction():
            due = self.books.all(
                "SELECT l.*, t.json, t.freight_fen FROM lines l JOIN order_texts t USING (order_id)"
                " WHERE t.status = ? AND NOT EXISTS (SELECT 1 FROM settlements s"
                " WHERE s.line_id = l.line_id AND s.kind = ?) ORDER BY t.seq, l.position",
                (DONE, SETTLED),
            )
            rows = [row for line in due for row in self._settled(line, now, days * 86400)]
            rows += self._refunded()
            for row in rows:
                self._store(row, now, row["trade_type"])
        return len(rows)

    def _settled(self, line, now: int, wait: int) -> list[dict]:
        document = json.loads(line["json"])
        if document["finish_time"] + wait > now:
            return []
        told = _line(document, line["line_id"])
        freight = line["freight_fen"] if line["position"] == 0 else 0
        owed = line["owed_fen"] + freight
        back = owed - self._owes(line, freight)
        if owed and owed == back:
            return []  # all of it was given back before
        return [
            self._row(
                line, SETTLED, told, owed, back,
                real_pay_amount=line["pay_fen"] + freight,
                platform_coupon=told["only_platform_cost_amount"],
                author_coupon=told["author_cost_amount"],
                zt_pay_promotion=told["promotion_pay_amount"],
            )
        ]  # fmt: skip

    def _refunded(self) -> list[dict]:
        """A row for each line of which buyers got more back than its rows know."""
        rows = []
        for line in self.books.all(
            "SELECT l.*, t.json, t.freight_fen, sum(s.income_fen) AS known FROM settlements s"
            " JOIN lines l USING (line_id) JOIN order_texts t ON t.order_id = l.order_id"
            f" WHERE s.kind != {TAKEN}"
            " GROUP BY l.line_id ORDER BY t.seq, l.position"
        ):
            freight = line["freight_fen"] if line["position"] == 0 else 0
            back = line["known"] - self._owes(line, freight)
            if back:
                told = _line(json.loads(line["json"]), line["line_id"])
                rows.append(self._row(line, REFUND, told, 0, back))
        return rows

    def _owes(self, line, freight: int) -> int:
        """What the platform owes for a line, by its ledger."""
        return freight + self.books.scalar(
            "SELECT sum(amount_fen) FROM owed WHERE order_id = ? AND line_id = ?",
            (line["order_id"], line["line_id"]),
        )

    def _row(self, line, kind: int, told: dict, owed: int, back: int, **income: int) -> dict:
        net = owed - back
        rates = dict(zip(FEES, (*self.rates.values(), 0), strict=True))
        if not told["author_id"]:
            rates["commission"] = 0
        # to the fen, half away from zero; a refund gives back what it took
        fees = {
            name: (abs(net) * rate + 5000) // 10000 * (1 if net > 0 else -1)
            for name, rate in rates.items()
        }
        return {
            "shop_order_id": line["order_id"],
            "order_id": line["line_id"],
            "trade_type": kind,
            **income,
            "refund_before_settle": back if kind == SETTLED else 0,
            **fees,
            "total_income": net if kind == SETTLED else 0,
            "total_outcome": sum(fees.values()) + (0 if kind == SETTLED else back),
            "settle_amount": net - sum(fees.values()),
            "remark": "",
        }

    def _store(self, row: dict, at: int, kind: int) -> None:
        net = row["settle_amount"] + sum(row.get(name, 0) for name in FEES)
        self.books.execute(
            "INSERT INTO settlements (at, line_id, kind, income_fen, json) VALUES (?,?,?,?,?)",
            (at, row["order_id"], kind, net, json.dumps(row, ensure_ascii=False)),
        )

    # -- mistakes ---------------------------------------------------------------------------

    def wrong_fee(self, line_id: str, fen: int) -> None:
        """The platform takes so much more of a settled line than its rate says."""
        with self.books.transaction():
            found = self.books.one(
                "SELECT * FROM settlements WHERE line_id = ? ORDER BY seq", (str(line_id),)
            )
            if found is None:
                raise ControlError(f"line {line_id} is not settled")
            row = json.loads(found["json"])
            for name, off in (
                ("platform_service_fee", fen), ("total_outcome", fen), ("settle_amount", -fen),
            ):  # fmt: skip
                row[name] += off
            self.books.execute(
                "UPDATE settlements SET json = ? WHERE seq = ?",
                (json.dumps(row, ensure_ascii=False), found["seq"]),
            )

    def take(self, line_id: str, fen: int, remark: str) -> None:
        """Money taken for a line beside its settlement: 运费险, 小额打款, a fine."""
        line = self.books.one("SELECT * FROM lines WHERE line_id = ?", (str(line_id),))
        if line is None:
            raise ControlError(f"no order line {line_id}")
        row = {
            "shop_order_id": line["order_id"],
            "order_id": line["line_id"],
            "trade_type": SETTLED,
            "other_sharing_amount": fen,
            "total_income": 0,
            "total_outcome": fen,
            "settle_amount": -fen,
            "remark": remark,
        }
        with self.books.transaction():
            self._store(row, self.orders.clock.now(), TAKEN)

    def repeat_pages(self, times: int = 1) -> None:
        """The cursors told next lead back to the page they were told with."""
        self._repeat = int(times)

    # -- telling ----------------------------------------------------------------------------

    def detail(self, params: dict) -> dict:
        """Answer order.getSettleBillDetailV3.

        ``start_time`` with ``start_index`` says where a page begins. An index without the time
        that was told with it is not looked at: the same page comes again.
        """
        size = number(params.get("size"))
        start, end = _seconds(params.get("start_time")), _seconds(params.get("end_time"))
        if not 1 <= size <= MAX_SIZE or end < start or end - start > MAX_WINDOW:
            raise RefusalError("bad_parameter")
        at, seq, *_ = (*str(params.get("start_index") or "").split("-"), "0", "0")
        behind = int(seq) if at == str(start) and seq.isdigit() else 0
        rows = self.books.all(
            "SELECT * FROM settlements WHERE (at > ? OR (at = ? AND seq > ?)) AND at <= ?"
            " ORDER BY at, seq LIMIT ?",
            (start, start, behind, end, size + 1),
        )
        more, rows = len(rows) > size, rows[:size]
        time, index = (rows[-1]["at"], str(rows[-1]["seq"])) if rows else (end, "0")
        if more and self._repeat:
            time, index = start, f"{behind}-{self._repeat}"
            self._repeat -= 1
        return {
            "code": 100000,
            "code_msg": "success",
            "data": [self._told(row) for row in rows],
            "size": size,
            "data_size": len(rows),
            "next_start_index": f"{time}-{index}",
            "next_start_time": _local(time),
            "is_end": 0 if more else 1,
        }

    def _told(self, row) -> dict:
        fields = json.loads(row["json"])
        return {
            "settle_time": _local(row["at"]),
            "request_no": f"7{row['seq']:018d}",
            "pay_type_desc": "聚合账户",
            "flow_type_desc": "精选联盟" if fields.get("commission") else "小店自卖",
            "order_type": "普通订单",
            "goods_count": 1,
            **fields,
        }

    def rows(self) -> list[dict]:
        """Every row as the call tells it, oldest first."""
        return [
            self._told(row) for row in self.books.all("SELECT * FROM settlements ORDER BY at, seq")
        ]

    def export(self, generation: str = "newer") -> str:
        """The file a merchant exports: ``newer``, or ``older`` with its explanation row."""
        target = io.StringIO()
        writer = csv.writer(target)
        tell = {"newer": _newer, "older": _older}[generation]
        headers = NEWER if generation == "newer" else OLDER
        writer.writerow(headers)
        if generation == "older":
            writer.writerow(["收入+支出" if header == "结算金额" else " " for header in headers])
        for row in self.rows():
            cells = tell(row)
            writer.writerow([cells.get(header, "") for header in headers])
        return target.getvalue()


def _line(document: dict, line_id: str) -> dict:
    return next(line for line in document["sku_order_list"] if line["order_id"] == line_id)


def _newer(row: dict) -> dict[str, str]:
    """Fees are below 0 where they are taken; subsidies stand in one column."""
    fees = {name: row.get(name, 0) for name in FEES}
    back = row.get("refund_before_settle", 0)
    if row["trade_type"] == REFUND:
        back = row["total_outcome"] - sum(fees.values())
    subsidies = ("platform_coupon", "author_coupon", "zt_pay_promotion")
    return {
        "动账时间": row["settle_time"],
        "动帐流水号": "'" + row["request_no"][::-1],
        "动账方向": "出账" if row["settle_amount"] < 0 else "入账",
        "动账金额": _yuan(abs(row["settle_amount"])),
        "动账账户": row["pay_type_desc"],
        "动账场景": row["remark"] or KINDS[row["trade_type"]],
        "子订单号": "'" + row["order_id"],
        "订单号": "'" + row["shop_order_id"],
        "订单实付应结": _yuan(row.get("real_pay_amount", 0)),
        "实际平台补贴": _yuan(sum(row.get(name, 0) for name in subsidies)),
        "订单退款": _yuan(-back),
        "平台服务费": _yuan(-fees["platform_service_fee"]),
        "佣金": _yuan(-fees["commission"]),
        "招商服务费": _yuan(-fees["colonel_service_fee"]),
        "备注": row["remark"],
    }


def _older(row: dict) -> dict[str, str]:
    return {
        "结算时间": row["settle_time"],
        "订单号": "'" + row["shop_order_id"],
        "子订单号": "'" + row["order_id"],
        "结算金额": _yuan(row["settle_amount"]),
        "结算账户": row["pay_type_desc"],
        "结算单类型": row["remark"] or KINDS[row["trade_type"]],
        "收入合计": _yuan(row["total_income"]),
        "支出合计": _yuan(row["total_outcome"]),
        "平台服务费": _yuan(row.get("platform_service_fee", 0)),
        "达人佣金": _yuan(row.get("commission", 0)),
    }


def _yuan(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def _local(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, CHINA).strftime("%Y-%m-%d %H:%M:%S")


def _seconds(text: object) -> int:
    try:
        moment = datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S")
    except ValueError:
        raise RefusalError("bad_parameter") from None
    return int(moment.replace(tzinfo=CHINA).timestamp())
