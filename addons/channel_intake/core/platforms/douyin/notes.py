"""The seller's note and flag, and answers to buyers who ask for another receiver.

order.addOrderRemark and order.addressConfirm; their fields are from public client libraries, not
from the live documents: secondary (platforms.md §3.6).
"""

from ...errors import Refused
from .client import DoudianClient

# Agreed, or refused because the goods are picked, allocated, outbound or with the carrier.
ANSWERS = {"agreed": 0, "picking": 1001, "allocating": 1002, "outbound": 1004, "shipping": 1005}


class DoudianNotes:
    """What one shop tells Doudian about its orders, besides shipments."""

    def __init__(self, client: DoudianClient) -> None:
        self._client = client

    def remark(self, order_ref: str, note: str, flag: int) -> None:
        """See :class:`..base.Connection`."""
        self._client.call(
            "/order/addOrderRemark",
            {"order_id": order_ref, "remark": note, "is_add_star": "true", "star": str(flag)},
        )

    def confirm_address(self, order_ref: str, answer: str) -> None:
        """See :class:`..base.Connection`. The same answer told twice is one."""
        if answer not in ANSWERS:
            raise Refused(f"Doudian knows no answer {answer}")
        # messages carry an A behind some order numbers; this call does not take it
        self._client.call(
            "/order/addressConfirm",
            {"order_id": order_ref.removesuffix("A"), "is_approved": ANSWERS[answer]},
        )
