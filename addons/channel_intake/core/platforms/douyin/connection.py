"""What we ask of Doudian, over a client: lists, details, shipping, receivers."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...errors import BadAnswer, RefundPending, Refused
from ...reading import as_int, clean
from ..base import Page, RawMessage, Receiver
from .aftersales import raw_aftersale
from .answers import DoudianAnswers
from .client import DoudianClient
from .notes import DoudianNotes
from .orders import LINE_REFUND_OPEN, raw_order
from .receiver import PREFIX, is_cipher
from .stock import DoudianStock

PAGE_SIZE = 100
DECRYPT_AT_ONCE = 50
INDEX_AT_ONCE = 50
_PHONE = 3
PARTS = ("name", "phone", "address")


class DoudianConnection:
    """One shop on Doudian. ``max_age``: how far back its lists reach (90 days), seconds."""

    max_age = 89 * 86400

    def __init__(self, client: DoudianClient) -> None:
        self._client = client
        self.stock = DoudianStock(client)
        answers = DoudianAnswers(client)
        self.answer_aftersale, self.intercept = answers.answer, answers.intercept
        notes = DoudianNotes(client)
        self.remark, self.confirm_address = notes.remark, notes.confirm_address

    def check(self) -> str:
        """Get a new token and read the list once; raises what went wrong.

        :return: the shop's name on the platform, where the token names it
        """
        self._client.forget_token()
        name = self._client.shop_name()
        now = self._client.now()
        self.orders(now - 60, now, 0, 1)
        return name

    def orders(self, start: int, end: int, page: int, size: int) -> Page:
        """order.searchList by update time, oldest first."""
        data = self._client.call(
            "/order/searchList",
            {
                "update_time_start": start,
                "update_time_end": end,
                "order_by": "update_time",
                "order_asc": True,
                "page": page,
                "size": min(size, PAGE_SIZE),
            },
        )
        return _page(data, "shop_order_list", raw_order, start, page, size)

    def aftersales(self, start: int, end: int, page: int, size: int) -> Page:
        """afterSale.List by update time, oldest first."""
        data = self._client.call(
            "/afterSale/List",
            {
                "update_start_time": start,
                "update_end_time": end,
                "order_by": ["update_time asc"],
                "page": page,
                "size": min(size, PAGE_SIZE),
            },
        )
        return _page(data, "items", raw_aftersale, start, page, size)

    def order(self, order_ref: str) -> RawMessage:
        """order.orderDetail as a message to store."""
        order = self._detail(order_ref)
        return raw_order(order, as_int(order.get("update_time")) or 0)

    def ship(self, order_ref: str, company_code: str, waybill: str) -> str:
        """Report a shipment (order.logisticsAdd).

        A refusal is looked into: the same waybill reported before is success (``already``), a
        refund the buyer still waits for is :class:`RefundPending`.
        """
        try:
            self._client.call(
                "/order/logisticsAdd",
                {
                    "order_id": order_ref,
                    "company_code": company_code,
                    "logistics_code": waybill,
                    "is_reject_refund": False,
                },
            )
        except Refused as error:
            order = self._detail(order_ref)
            if waybill in _waybills(order):
                return "already"
            if _refund_open(order):
                raise RefundPending(error.text, code=error.code, sub_code=error.sub_code) from None
            raise
        return "done"

    def decrypt(self, secrets: Mapping[str, Mapping[str, str]]) -> dict[str, Receiver]:
        """Plain receivers of orders: {order number: {name, phone, address}} with ciphers.

        What is plain already stays as it is. order.batchDecrypt, 50 ciphers a call.
        """
        plain = {
            (ref, part): clean(values.get(part), 500)
            for ref, values in secrets.items()
            for part in PARTS
        }
        wanted = [key for key, text in plain.items() if is_cipher(text)]
        for chunk in _chunks(wanted, DECRYPT_AT_ONCE):
            answers = self._decrypt_once([(ref, plain[ref, part]) for ref, part in chunk])
            for ref, part in chunk:
                plain[ref, part] = answers[ref, plain[ref, part]]
        return {ref: Receiver(*(plain[ref, part] for part in PARTS)) for ref in secrets}

    def _decrypt_once(self, pairs: list[tuple[str, str]]) -> dict[tuple[str, str], str]:
        data = self._client.call(
            "/order/batchDecrypt",
            {"cipher_infos": [{"auth_id": ref, "cipher_text": text} for ref, text in pairs]},
        )
        _custom_error(data)
        found = {}
        for info in _rows(data, "decrypt_infos"):
            if as_int(info.get("err_no")) not in (None, 0):
                raise Refused(info.get("err_msg") or "decryption refused", code=str(info["err_no"]))
            key = str(info.get("auth_id")), str(info.get("cipher_text"))
            found[key] = clean(info.get("decrypt_text"), 500)
        if any(pair not in found for pair in pairs):
            raise BadAnswer("the platform did not decrypt everything that was asked")
        return found

    def phone_tokens(self, phones: Iterable[str]) -> dict[str, str]:
        """Search tokens of phone numbers: order.BatchSearchIndex."""
        tokens: dict[str, str] = {}
        for chunk in _chunks(list(dict.fromkeys(phones)), INDEX_AT_ONCE):
            texts = [{"plain_text": phone, "encrypt_type": _PHONE} for phone in chunk]
            data = self._client.call("/order/BatchSearchIndex", {"plain_text_list": texts})
            _custom_error(data)
            for row in _rows(data, "plain_to_encrypt_index_list"):
                index = clean(row.get("search_index"), 500)
                if index:
                    tokens[str(row.get("plain"))] = PREFIX + index
        return tokens

    def settlement_page(self, params: Mapping[str, Any]) -> Any:
        """order.getSettleBillDetailV3 as it answers: channel_platform_settlement reads it."""
        return self._client.call("/order/getSettleBillDetailV3", params)

    def _detail(self, order_ref: str) -> Mapping[str, Any]:
        data = self._client.call("/order/orderDetail", {"shop_order_id": order_ref})
        order = data.get("shop_order_detail") if isinstance(data, Mapping) else None
        if not isinstance(order, Mapping):
            raise BadAnswer("the platform did not return the order")
        return order


def _page(data: Any, key: str, raw, start: int, page: int, size: int) -> Page:
    if not isinstance(data, Mapping):
        raise BadAnswer("the platform's list has no data")
    rows, total = data.get(key), as_int(data.get("total"))
    if rows is None and total == 0:
        rows = []
    if not isinstance(rows, list):
        raise BadAnswer(f"the platform's list has no {key}")
    more = len(rows) >= size if total is None else page * size + len(rows) < total
    return Page(tuple(raw(row, start) for row in rows), total, more or data.get("has_more") is True)


def _rows(data: Any, key: str) -> Iterator[Mapping[str, Any]]:
    rows = data.get(key) if isinstance(data, Mapping) else None
    if not isinstance(rows, list):
        raise BadAnswer(f"the answer has no {key}")
    return (row for row in rows if isinstance(row, Mapping))


def _custom_error(data: Any) -> None:
    """A business error inside a successful answer (risk control, quota of decryptions)."""
    error = data.get("custom_err") if isinstance(data, Mapping) else None
    if isinstance(error, Mapping) and as_int(error.get("err_code")) not in (None, 0):
        raise Refused(
            error.get("err_msg") or "refused", permanent=False, code=str(error["err_code"])
        )


def _waybills(order: Mapping[str, Any]) -> set[str]:
    parcels = order.get("logistics_info")
    return {
        clean(parcel.get("tracking_no"), 64)
        for parcel in (parcels if isinstance(parcels, list) else ())
        if isinstance(parcel, Mapping)
    }


def _refund_open(order: Mapping[str, Any]) -> bool:
    """Whether an after-sale of a line is open. Read from the order, not from the refusal's words,
    which are nowhere documented.
    """
    lines = order.get("sku_order_list")
    for line in lines if isinstance(lines, list) else ():
        info = line.get("after_sale_info") if isinstance(line, Mapping) else None
        if isinstance(info, Mapping) and as_int(info.get("after_sale_status")) in LINE_REFUND_OPEN:
            return True
    return False


def _chunks(values: list, size: int) -> Iterator[list]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
