"""Arithmetic of one order line in integer fen, the platform's way (our documented reading)."""

from typing import NamedTuple

from .errors import ControlError

SUMMED = (  # line fields that the shop order carries as their sum
    "order_amount",
    "promotion_amount",
    "promotion_shop_amount",
    "promotion_platform_amount",
    "promotion_talent_amount",
    "promotion_pay_amount",
    "promotion_redpack_amount",
    "promotion_redpack_platform_amount",
    "promotion_redpack_talent_amount",
    "shop_cost_amount",
    "platform_cost_amount",
    "only_platform_cost_amount",
    "author_cost_amount",
    "modify_amount",
)


class LineInput(NamedTuple):
    """What a buyer puts on one line; every amount in fen for the whole line.

    ``shop_fen``, ``platform_fen``, ``talent_fen``: coupons by who gave them;
    ``platform_borne_by_shop_fen``: the part of ``platform_fen`` that the merchant bears;
    ``redpack_fen``: the part of ``platform_fen`` paid out as a red packet;
    ``pay_fen``: discount of the payment channel; ``price_fen``: None means the SKU's price.
    """

    sku_id: int
    num: int = 1
    price_fen: int | None = None
    shop_fen: int = 0
    platform_fen: int = 0
    talent_fen: int = 0
    pay_fen: int = 0
    platform_borne_by_shop_fen: int = 0
    redpack_fen: int = 0


def line_money(line: LineInput, list_price_fen: int) -> dict[str, int]:
    """Return the money fields of a line.

    :raises ControlError: when the discounts are impossible
    """
    price = list_price_fen if line.price_fen is None else line.price_fen
    total = price * line.num
    borne = line.platform_borne_by_shop_fen
    shop_cost = line.shop_fen + borne
    only_platform = line.platform_fen - borne
    pay = total - shop_cost - only_platform - line.talent_fen - line.pay_fen
    parts = (price, pay, only_platform, borne, line.redpack_fen, *line[3:7])
    if line.num < 1 or min(parts) < 0 or line.redpack_fen > line.platform_fen:
        raise ControlError(f"impossible line {line}")
    return {
        "origin_amount": price,
        "item_num": line.num,
        "sum_amount": total,
        "order_amount": total,
        "pay_amount": pay,
        "post_amount": 0,
        "modify_amount": 0,
        "promotion_amount": line.shop_fen + line.platform_fen + line.talent_fen,
        "promotion_shop_amount": line.shop_fen,
        "promotion_platform_amount": line.platform_fen,
        "promotion_talent_amount": line.talent_fen,
        "promotion_pay_amount": line.pay_fen,
        "promotion_redpack_amount": line.redpack_fen,
        "promotion_redpack_platform_amount": line.redpack_fen,
        "promotion_redpack_talent_amount": 0,
        "shop_cost_amount": shop_cost,
        "platform_cost_amount": only_platform + line.talent_fen,
        "only_platform_cost_amount": only_platform,
        "author_cost_amount": line.talent_fen,
    }


def order_money(lines: list[dict], freight_fen: int, freight_promotion_fen: int) -> dict[str, int]:
    """Return the money fields of the shop order: sums of its lines, and the freight."""
    money = {field: sum(line[field] for line in lines) for field in SUMMED}
    money["pay_amount"] = sum(line["pay_amount"] for line in lines) + freight_fen
    money["post_amount"] = freight_fen
    money["post_origin_amount"] = freight_fen + freight_promotion_fen
    money["post_promotion_amount"] = freight_promotion_fen
    money["post_insurance_amount"] = 0
    money["modify_post_amount"] = 0
    money["packing_amount"] = 0
    money["tax_amount"] = 0
    money["total_promotion_amount"] = money["promotion_amount"] + freight_promotion_fen
    return money


def owed_fen(money: dict[str, int]) -> int:
    """Return what the platform owes the merchant for a line, freight and commission apart."""
    return (
        money["pay_amount"]
        + money["only_platform_cost_amount"]
        + money["author_cost_amount"]
        + money["promotion_pay_amount"]
    )
