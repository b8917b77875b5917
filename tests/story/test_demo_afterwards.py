"""The demo as it is served: its handful of after-sales stand where they were left, and books agree."""

from collections import Counter

import pytest

# Playing takes minutes; it is done once, in the set-up of the first test.
pytestmark = pytest.mark.timeout(900)
SCALE = 200
# Of ``demo_data.AFTERSALES``: paid back; waits for an answer; spoilt; paid; a wrong product; its
# parcel has no owner yet; new goods are to leave (twice); on its way; refused.
STEPS = (
    "done", "request", "goods", "done", "goods", "wait_goods", "ship", "ship", "wait_goods",
    "refused",
)  # fmt: skip


@pytest.fixture(scope="module")
def played(odoo_env, simulator):
    result = odoo_env["channel.demo.story"].play(SCALE, simulator.url)
    odoo_env.cr.commit()
    return result


@pytest.fixture(scope="module")
def rows(played, odoo_env, simulator):
    """The after-sales of parcels that had left."""
    refs = [row["aftersale_id"] for row in simulator.store.all("SELECT * FROM returns")]
    return odoo_env["channel.aftersale"].search([("aftersale_ref", "in", refs)])


def test_each_is_left_at_its_step(played, rows):
    asked = len(rows)
    assert 8 <= asked <= len(STEPS)
    assert played["aftersales"] == asked
    assert Counter(rows.mapped("step")) == Counter(STEPS[:asked])


def test_what_is_over_is_credited_to_the_fen(rows, odoo_env, simulator):
    moved = -simulator.store.scalar(
        "SELECT sum(amount_fen) FROM owed WHERE event = 'refund' AND note IN"
        " (SELECT aftersale_id FROM returns)"
    )
    notes = odoo_env["account.move"].search(
        [("move_type", "=", "out_refund"), ("channel_wave_id", "!=", False)]
    )
    assert set(notes.mapped("state")) == {"posted"}
    assert round(sum(notes.mapped("amount_total")) * 100) == moved > 0


def test_the_desks_have_something_to_do(rows, odoo_env):
    assert odoo_env["channel.return"].search_count([("source", "=", False)]) == 1
    assert odoo_env["channel.return.batch"].search([]).mapped("state").count("open") == 1
    assert odoo_env["channel.replacement"].search_count([("state", "=", "to_send")]) == 2


def test_small_payments_stand_at_three_steps(rows, odoo_env):
    payments = odoo_env["channel.small.payment"].search([])
    assert Counter(payments.mapped("state")) == Counter(["to_approve", "to_pay", "paid"])
    posting = odoo_env["channel.small.payment.posting"].search([])
    assert posting.payment_id == payments.filtered(lambda each: each.state == "paid")
    assert posting.move_id.state == "posted"


def test_controls_are_green_and_the_platform_knows_all(played, odoo_env):
    assert not {code: count for code, count in played["controls"].items() if count}
    waiting = odoo_env["channel.outbox"].search([("state", "not in", ("done", "overtaken"))])
    assert not waiting, waiting.mapped("error")
