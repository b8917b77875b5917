"""Answering after-sales: afterSale.operate, afterSale.applyLogisticsIntercept.

The numbers of the operations, the fields of a refusal and the two codes of a changed after-sale are
from public client libraries of Doudian, not from its live documents: secondary (decision 0012).
"""

from collections.abc import Mapping
from typing import Any

from ...errors import BadAnswer, Overtaken, Refused
from ...reading import as_int, clean
from .client import DoudianClient

REQUEST, GOODS = "request", "goods"
# (kind, gate): operations that accept and refuse
OPERATION = {
    ("return", REQUEST): (101, 102),
    ("return", GOODS): (111, 112),
    ("refund_before_ship", REQUEST): (201, 202),
    ("refund_only", REQUEST): (201, 202),
    ("price", REQUEST): (201, 202),
    ("exchange", REQUEST): (301, 302),
    ("exchange", GOODS): (311, 312),
    ("resend", REQUEST): (301, 302),
    ("resend", GOODS): (311, 312),
}
# aftersale_status (platforms.md §3.4) that shows an operation to be done
SHOWS = {
    101: {7, 11, 12},
    102: {27},
    111: {12},
    112: {29},
    201: {12},
    202: {27},
    301: {7, 8, 11, 13, 14},
    302: {27},
    311: {13, 14},
    312: {29},
}
TAKES_ADDRESS = (101, 301)
TAKES_WAYBILL = 311
# the state is wrong; the version is not the one that stands
MOVED_ON = ("20309541", "11005")
# One of the codes that afterSale/rejectReasonCodeList offers; which it means is the shop's list.
REJECT_CODE = 1
BY_MERCHANT = 1


class DoudianAnswers:
    """What one shop decides about its after-sales, told to Doudian one at a time."""

    def __init__(self, client: DoudianClient) -> None:
        self._client = client

    def answer(
        self, ref: str, kind: str, gate: str, accept: bool, version: int, reason: str,
        company_code: str = "", waybill: str = "", *, address_ref: str = "",
    ) -> str:  # fmt: skip
        """See :class:`..base.Connection`. A refusal by the platform is looked into: what stands
        there already as we wanted it is success, as after an answer that never reached us.
        """
        operations = OPERATION.get((kind, gate))
        if operations is None:
            raise Refused(f"{kind} is not decided from here: use the platform's back office")
        operation = operations[0 if accept else 1]
        item: dict[str, Any] = {"aftersale_id": ref, "update_time": version}
        if not accept:
            item |= {"reason": reason, "remark": reason, "reject_reason_code": REJECT_CODE}
        elif operation == TAKES_WAYBILL:
            item["logistics"] = {"company_code": company_code, "logistics_code": waybill}
        elif operation in TAKES_ADDRESS and address_ref:
            item["logistics"] = {"receiver_address_id": as_int(address_ref) or 0}
        try:
            _check(self._client.call("/afterSale/operate", {"type": operation, "items": [item]}))
        except Refused as error:
            if not error.sub_code.endswith(MOVED_ON):
                raise
            return self._look(ref, operation, version, error)
        return "done"

    def _look(self, ref: str, operation: int, version: int, error: Refused) -> str:
        """Why the platform says that the after-sale is not what we think."""
        data = self._client.call("/afterSale/List", {"aftersale_id": ref, "page": 0, "size": 1})
        items = data.get("items") if isinstance(data, Mapping) else None
        item = items[0] if isinstance(items, list) and items else None
        info = item.get("aftersale_info") if isinstance(item, Mapping) else None
        if not isinstance(info, Mapping):
            raise error
        if as_int(info.get("aftersale_status")) in SHOWS[operation]:
            return "already"
        if as_int(info.get("update_time")) == version:
            raise error
        raise Overtaken(error.text, code=error.code, sub_code=error.sub_code) from None

    def intercept(self, ref: str, company_code: str, waybill: str) -> str:
        """Ask the carrier to stop a parcel; asked twice it is asked once."""
        data = self._client.call(
            "/afterSale/applyLogisticsIntercept",
            {
                "after_sale_id": ref,
                "op_from": BY_MERCHANT,
                "intercept_targets": [{"company_code": company_code, "tracking_no": waybill}],
            },
        )
        results = data.get("intercept_results") if isinstance(data, Mapping) else None
        if not isinstance(results, list):
            raise BadAnswer("the platform does not say whether the parcel can be stopped")
        for result in results:
            if isinstance(result, Mapping) and result.get("can_intercept") is False:
                words = clean(result.get("unavailable_reason"), 200)
                raise Refused(words or "the carrier cannot stop this parcel")
        return "done"


def _check(data: Any) -> None:
    """An operation that failed inside a successful answer."""
    items = data.get("items") if isinstance(data, Mapping) else None
    for item in items if isinstance(items, list) else ():
        code = item.get("status_code") if isinstance(item, Mapping) else None
        if as_int(code) not in (None, 0):
            raise Refused(clean(item.get("status_msg"), 200), code=str(code), sub_code=str(code))
