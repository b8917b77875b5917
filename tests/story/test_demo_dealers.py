"""The dealers' day of the demo story: what a newcomer finds on the screens, to the fen."""

from decimal import Decimal

import pytest


@pytest.fixture(scope="module")
def env(odoo_env):
    """The day is over; commits as the story does."""
    story = odoo_env["channel.demo.story"].sudo()
    story = story.with_context(channel_one_transaction=True, tracking_disable=True)._in_company()
    story._make_dealer_day(story._make_world())
    story.env.cr.commit()
    return story.env


def account(env, code, purpose="goods"):
    return env["channel.deposit.account"].search(
        [("member_id.code", "=", code), ("purpose", "=", purpose)]
    )


def yuan(amount):
    return Decimal(str(amount)).quantize(Decimal("0.01"))


def test_orders_in_every_state(env):
    orders = env["sale.order"].search([("member_id", "!=", False)], order="id")
    assert [
        (order.member_id.code, order.state, order.review_state, order.is_portal) for order in orders
    ] == [
        ("D-HD", "sale", "passed", False),
        ("D-HN", "sale", "passed", False),
        ("D-XN", "draft", "waiting", False),
        ("D-HD", "sale", "passed", True),
    ]
    assert orders[3].create_uid.login == "dealer"
    assert set(orders[3].picking_ids.mapped("state")) == {"assigned"}


def test_a_rebate_is_earned_and_used(env):
    order = env["sale.order"].search([("member_id.code", "=", "D-HD")], order="id")[0]
    assert order._rebate_value() == 200_000, "fen"
    kinds = env["channel.deposit.entry"].search(
        [("account_id", "=", account(env, "D-HD", "rebate").id)], order="id"
    )
    assert [(entry.kind, yuan(entry.posted)) for entry in kinds if entry.posted] == [
        ("top_up", yuan(2000)),
        ("capture", yuan(-2000)),
        ("give_back", yuan("99.83")),
    ]


def test_a_credit_note_gives_back_what_was_paid(env):
    order = env["sale.order"].search([("member_id.code", "=", "D-HD")], order="id")[0]
    invoice, note = order.invoice_ids.sorted("id")
    assert (invoice.payment_state, note.move_type) == ("paid", "out_refund")
    assert invoice.amount_residual == note.amount_residual == 0
    # 20 of 59.00 with 13 % tax, less the rebate's part of it
    assert yuan(note.amount_total) == yuan(20 * 59 * 1.13) - yuan("99.83")
    paid = account(env, "D-HD")
    assert yuan(paid.posted) == yuan(120_000) - yuan(invoice.amount_total) + yuan(note.amount_total)


def test_the_bank_has_paid_the_refund(env):
    refund = env["channel.deposit.request"].search([("kind", "=", "refund")])
    assert (refund.state, yuan(refund.amount)) == ("approved", yuan(8000))
    assert refund.statement_line_id.is_reconciled
    assert yuan(account(env, "D-HN").posted) == yuan(52_000)


def test_targets_show_progress(env):
    targets = env["channel.target"].search([])
    reached = {target.member_id.code: target.state for target in targets}
    assert reached["D-HD"] == "reached"
    assert all(0 < target.percent < 100 for target in targets if target.member_id.code != "D-HD")


def test_balances_are_asked_and_one_is_confirmed(env):
    asked = env["channel.deposit.confirmation"].search([])
    assert {each.member_id.code: each.state for each in asked} == {
        "D-HD": "confirmed",
        "D-HN": "sent",
        "D-XN": "sent",
    }
    confirmed = asked.filtered(lambda each: each.state == "confirmed")
    assert confirmed.answered_by_id.login == "dealer"
    assert yuan(confirmed.balance) == yuan(account(env, "D-HD").posted)


def test_every_control_is_green(env):
    assert set(env["channel.control"]._run_all().values()) == {0}
    assert not env["channel.deposit.posting"]._waiting(company=env.company)
