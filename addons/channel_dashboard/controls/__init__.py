"""The queries of the controls, one file each. ``CHECKS``: control code -> its checks."""

from . import (
    bills,
    clearing,
    deposits,
    every_fen,
    exactly_once,
    expected_returns,
    no_oversell,
    nothing_lost,
    order_kept,
    platform_books,
    small_payments,
    statements,
    walls,
)

CHECKS = {
    "exactly_once": exactly_once.CHECKS,
    "nothing_lost": nothing_lost.CHECKS,
    "no_oversell": no_oversell.CHECKS,
    "every_fen": every_fen.CHECKS,
    "deposits": deposits.CHECKS,
    "clearing": clearing.CHECKS
    + small_payments.CHECKS
    + expected_returns.CHECKS
    + statements.CHECKS
    + platform_books.CHECKS
    + deposits.LEDGER_CHECKS,
    "bills": bills.CHECKS,
    "order_kept": order_kept.CHECKS,
    "walls": walls.CHECKS,
}
