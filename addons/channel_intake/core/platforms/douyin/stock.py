"""Doudian's stock calls: sku.syncStock, sku.syncStockBatch, sku.list, sku.stockNum.

Told in two ways only: 0 absolutely, and changes incrementally with an ``idempotent_id``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...errors import BadAnswer, Refused
from ...reading import as_int, as_ref
from ..base import Sku, SkuStock
from .client import DoudianClient

BATCH = 100
_UNKNOWN = "80004"  # the SKU, or the SKU of this product


class DoudianStock:
    """The stock of one shop on Doudian. Calls are made once: the caller knows what to repeat."""

    def __init__(self, client: DoudianClient) -> None:
        self._client = client

    def tell_zero(self, skus: Sequence[Sku]) -> None:
        """sku.syncStock, for several of one product sku.syncStockBatch: all or none."""
        if len(skus) == 1:
            self._call("/sku/syncStock", {"sku_id": _number(skus[0]), "stock_num": 0})
            return
        for start in range(0, len(skus), BATCH):
            chunk = skus[start : start + BATCH]
            self._call(
                "/sku/syncStockBatch",
                {
                    "product_id": _product(chunk),
                    "sku_sync_list": [{"sku_id": _number(sku), "stock_num": 0} for sku in chunk],
                },
            )

    def add(self, sku: Sku, units: int, key: str) -> None:
        """sku.syncStock, incremental; the platform counts a key once for each SKU."""
        self._call(
            "/sku/syncStock",
            {
                "sku_id": _number(sku),
                "stock_num": units,
                "incremental": True,
                "idempotent_id": key,
            },
        )

    def numbers(self, skus: Sequence[Sku]) -> dict[str, SkuStock]:
        """sku.list of their product; one SKU or no product number: sku.stockNum."""
        if len(skus) > 1 and skus[0].product_ref:
            answer = self._call("/sku/list", {"product_id": _product(skus)})
            return dict(_listed(answer))
        return {sku.sku_ref: found for sku in skus for found in self._one(sku)}

    def _one(self, sku: Sku) -> Iterator[SkuStock]:
        """The SKU's stock, or nothing when the platform does not know it."""
        try:
            answer = self._call("/sku/stockNum", {"sku_id": _number(sku)})
        except Refused as error:
            if error.sub_code.endswith(_UNKNOWN):
                return
            raise
        yield _stock(answer)

    def _call(self, path: str, params: Mapping[str, Any]) -> Any:
        return self._client.call(path, params, tries=1)


def _listed(answer: object) -> Iterable[tuple[str, SkuStock]]:
    if not isinstance(answer, list):
        raise BadAnswer("the list of SKUs is no list")
    for row in answer:
        if isinstance(row, Mapping):
            yield as_ref(row.get("id")), _stock(row)


def _stock(row: object) -> SkuStock:
    number = as_int(row.get("stock_num")) if isinstance(row, Mapping) else None
    if number is None or not isinstance(row, Mapping):
        raise BadAnswer("the platform does not say how many units it has")
    return SkuStock(number, as_int(row.get("prehold_stock_num")) or 0)


def _product(skus: Sequence[Sku]) -> int:
    number = as_int(skus[0].product_ref)
    if number is None:
        raise Refused(f"the product number {skus[0].product_ref} is no number: correct the link")
    return number


def _number(sku: Sku) -> int:
    number = as_int(sku.sku_ref)
    if number is None:
        raise Refused(f"the SKU number {sku.sku_ref} is no number: correct the link")
    return number
