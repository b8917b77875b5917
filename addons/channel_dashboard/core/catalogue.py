"""The controls of the board as one table: what each one asks, and what a person does when it is red.

Source of the list: the ten controls "what must hold at every moment" of the product's specification.
A control whose addon is not built yet is listed with ``in_use=False``: the board shows it grey, never
green. The queries stand beside this file in ``controls/``, one file for each control.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ControlSpec:
    """One control. ``code`` is its stable name, ``number`` its place in the specification.

    ``group`` is the external id of the group whose people get an activity when it turns red.
    """

    code: str
    number: int
    name: str
    question: str
    next_step: str
    group: str
    in_use: bool = True


FINANCE = "channel_network.group_finance_clerk"
MANAGER = "channel_network.group_sales_manager"
OPERATOR = "channel_network.group_livestream_operator"
INTEGRATION = "channel_network.group_integration_admin"
ADMIN = "channel_network.group_channel_admin"

NOT_BUILT = "Nothing to do yet: this part of the system is not in use."

CATALOGUE: tuple[ControlSpec, ...] = (
    ControlSpec(
        "exactly_once",
        1,
        "Exactly once",
        "Is every platform order here once, and did everything it caused happen once?",
        "Open the rows. Keep the oldest record, cancel the other one before it ships, and see that a "
        "platform shop is set up in one shop record only.",
        INTEGRATION,
    ),
    ControlSpec(
        "nothing_lost",
        2,
        "Nothing lost",
        "Is every message we received applied, waiting for its next attempt, or stopped with a "
        "reason?",
        "Open the rows and process the messages again. If they stay, look at the job process on the "
        "platform monitor: it may be down.",
        INTEGRATION,
    ),
    ControlSpec(
        "no_oversell",
        3,
        "No oversell",
        "Is what we promised covered by quota and by goods on the shelf?",
        "Open the rows. For an uncovered quota put goods into the fulfiller's stock or lower the "
        "quota; for stock reserved twice, unreserve one of the transfers.",
        OPERATOR,
    ),
    ControlSpec(
        "every_fen",
        4,
        "Every fen",
        "Do the shares of every order add up to what is owed for it, after all refunds too?",
        "Open the rows. Shares are written once and never changed, so a difference was made past "
        "the system: stop payments to the parties and call the administrator. What waits for its "
        "split says why under Settlement > Orders to Split.",
        FINANCE,
    ),
    ControlSpec(
        "deposits",
        5,
        "Deposits",
        "Do the entries of every deposit account add up to its balance, is nothing overspent and "
        "every hold resolved once?",
        "Open the rows and look at the account's entries. Nobody can put this right on the screen: "
        "stop top-ups and orders of the member and call the administrator.",
        FINANCE,
    ),
    ControlSpec(
        "clearing",
        6,
        "Sub-ledgers agree",
        "Does the clearing receivable of every shop equal what the platform owes for the orders "
        "shipped, and the ledger what every member has deposited?",
        "Open the rows. Of a wave compare the invoice with its orders; an invoice that was changed "
        "by hand is reversed and made again from the wave. Of a deposit look at what was booked by "
        "hand on its ledger account; what waits for its posting says why under Deposits > Tie-out > "
        "Post Now, a small payment under Orders > Small Payments > Post Now, expected returns under "
        "Orders > Expected Returns > Accrue Last Month.",
        FINANCE,
    ),
    ControlSpec(
        "bills",
        7,
        "Bills",
        "Is every row of every bill there as it was told, and matched or listed as a difference?",
        "Open the rows. A row that was changed by hand is put right from the file that the bill keeps. "
        "Where a balance does not follow, a bill between the two is missing: upload it. A day is "
        "matched once more under Reconciliation > Days > Match Again.",
        FINANCE,
    ),
    ControlSpec(
        "sap",
        8,
        "SAP",
        "Is every document that must be in SAP there once, or visibly stopped?",
        NOT_BUILT,
        INTEGRATION,
        in_use=False,
    ),
    ControlSpec(
        "order_kept",
        9,
        "Order kept",
        "Did every order only move forward, and did nothing ship that was refunded before?",
        "Open the rows. A refunded order that left the building is called back from the carrier; an "
        "order that moved backwards is shown to the integration admin with its history.",
        MANAGER,
    ),
    ControlSpec(
        "walls",
        10,
        "Walls",
        "Does every member see its own branch only, and does every record stay in its company?",
        "Open the rows and correct the member, company or user named there before that user signs in "
        "again.",
        ADMIN,
    ),
)

BY_CODE: dict[str, ControlSpec] = {spec.code: spec for spec in CATALOGUE}
