"""The demo story goes on: two weeks of after-sales, each fen and each unit explained.

Compared with the simulator's own books and with what was planted in the parcels
(``fortnight.Case``); neither shares code with the addons.
"""

from collections import Counter, defaultdict
from decimal import Decimal

import pytest

# Playing takes minutes; it is done once, in the set-up of the first test.
pytestmark = pytest.mark.timeout(1500)

CONDITIONS = ("good", "defect", "wrong", "missing")
OVER = {"done", "refused", "closed"}


# Enough that every plan finds its orders; two thousand are played in test_demo_story.
SCALE = 600


@pytest.fixture(scope="module")
def fortnight(odoo_env, simulator):
    from evening import Evening
    from fortnight import Fortnight

    with pytest.MonkeyPatch.context() as patch:
        yield Fortnight(Evening(odoo_env, simulator, SCALE).play(), patch).play()


def fen(amount):
    """Yuan as stored (float or Decimal of two digits) in fen."""
    return round(Decimal(str(amount)) * 100)


def row_of(fortnight, case):
    return fortnight.env["channel.aftersale"].search([("aftersale_ref", "=", case.aftersale_ref)])


def planted(fortnight, condition):
    """Units found in parcels with that condition, by product code."""
    total = Counter()
    for case in fortnight.cases:
        for (code, state), units in case.found.items():
            if state == condition:
                total[code] += units
    return total


def test_every_after_sale_stands_where_its_story_left_it(fortnight):
    assert len(fortnight.cases) > 100
    wrong = {
        (case.plan.name, case.aftersale_ref): (row_of(fortnight, case).step, case.plan.end)
        for case in fortnight.cases
        if row_of(fortnight, case).step != case.plan.end
    }
    assert wrong == {}


def test_the_platform_was_asked_to_stop_what_was_under_way(fortnight):
    stopped = [case for case in fortnight.cases if case.plan.fate == "stopped"]
    assert stopped
    for case in stopped:
        more = fortnight.store.one(
            "SELECT * FROM returns WHERE aftersale_id = ?", (case.aftersale_ref,)
        )
        assert more["intercept_at"] > 0
        assert case.parcel.source == "intercept"


def test_every_open_after_sale_says_what_is_next(fortnight):
    rows = fortnight.env["channel.aftersale"].search(
        [("aftersale_ref", "in", [case.aftersale_ref for case in fortnight.cases])]
    )
    waiting = rows.filtered(lambda row: row.step not in OVER)
    planned = Counter(case.plan.end for case in fortnight.cases if case.plan.end not in OVER)
    assert Counter(waiting.mapped("step")) == planned
    assert set(planned) == {"request", "wait_goods", "inspect", "goods"}
    stopped = fortnight.env["channel.outbox"].search(
        [("state", "in", ("stopped", "failed", "waiting"))]
    )
    assert not stopped, stopped.mapped("error")


def test_buyers_got_what_was_decided_and_nobody_else(fortnight):
    given = {ref: amount for _day, _order, ref, amount in fortnight.refund_movements()}
    paid_back = {case.aftersale_ref for case in fortnight.cases if case.fen}
    assert set(given) == paid_back
    for case in fortnight.cases:
        row = row_of(fortnight, case)
        assert (row.status == "succeeded") == (case.plan.end == "done"), case.plan.name
        if case.fen:
            assert fen(row.amount) == case.fen, case.plan.name


def test_credit_notes_are_the_refund_movements_by_wave_and_day(fortnight):
    """The platform's ledger and ours, to the fen; what succeeded today waits for the night."""
    env = fortnight.env
    waves = {
        order.order_ref: order.wave_id.id
        for order in env["channel.order"].search([("shop_id", "=", fortnight.shop.id)])
    }
    from odoo.addons.channel_network import china

    today = china.today(env)
    moved = defaultdict(int)
    for day, order_ref, _aftersale, amount in fortnight.refund_movements():
        if day < today:
            moved[day, waves[order_ref]] += amount
    notes = env["account.move"].search(
        [("move_type", "=", "out_refund"), ("channel_wave_id", "!=", False)]
    )
    assert set(notes.mapped("state")) == {"posted"}
    booked = defaultdict(int)
    for note in notes:
        booked[note.invoice_date, note.channel_wave_id.id] += fen(note.amount_total)
    assert dict(booked) == dict(moved)
    assert len(notes) == len(booked), "one note for each day and wave"
    assert len({day for day, _wave in booked}) >= 6


def test_each_night_wrote_the_notes_of_the_days_that_were_over(fortnight):
    for day, notes in fortnight.notes_by_day.items():
        assert len(set(notes.mapped("invoice_date"))) <= 1, day
    assert sum(1 for notes in fortnight.notes_by_day.values() if notes) >= 6


def test_clearing_ties_with_the_platform_after_the_last_night(fortnight):
    """Written now also for today: what the platform owes is what the shop's clearing says."""
    env = fortnight.env
    credits = env["channel.order.credit"]
    credits._collect()
    credits._write_notes()
    env["channel.small.payment.posting"]._post()
    [(balance,)] = env["account.move.line"]._read_group(
        [
            ("account_id", "=", env.company.channel_clearing_account_id.id),
            ("partner_id", "=", fortnight.shop.clearing_partner_id.id),
            ("parent_state", "=", "posted"),
        ],
        [],
        ["balance:sum"],
    )
    totals = fortnight.simulator.books()["totals"]
    # what was paid in small is on no bill of the simulator
    assert len(fortnight.small) == 4
    assert fen(balance) == totals["shipped_owed_fen"] - sum(fortnight.small.values())
    assert env["channel.control"]._run_all()["clearing"] == 0


def test_shares_are_what_the_platform_owes_each_to_whom_the_scheme_says(fortnight):
    """All parties together get what the simulator owes; each its percents, a fen an order off."""
    env = fortnight.env
    env["channel.order.credit"]._collect()
    env["settlement.event"]._split_waiting()
    env.cr.execute(
        """
        SELECT o.order_ref, s.role, sum(s.amount) FROM settlement_share s
          JOIN channel_order o ON o.id = s.order_id WHERE o.shop_id = %s GROUP BY 1, 2
        """,
        [fortnight.shop.id],
    )
    got = defaultdict(Counter)
    for ref, role, amount in env.cr.fetchall():
        got[ref][role] = fen(amount)
    totals = fortnight.simulator.books()["totals"]
    assert sum(sum(parties.values()) for parties in got.values()) == totals["shipped_owed_fen"]
    assert sum(1 for parties in got.values() if "host" in parties) > len(got) // 2
    for ref, parties in got.items():
        whole = sum(parties.values())
        assert abs(parties["platform"] * 100 - whole * 5) <= 100, ref
        if "host" in parties:
            assert abs(parties["host"] * 100 - whole * 20) <= 100, ref
            assert abs(parties["mcn"] * 10_000 - whole * 475) <= 10_000, ref
    assert not env["settlement.todo"].search([])
    assert env["channel.control"]._run_all()["every_fen"] == 0


def test_every_unit_that_came_back_is_where_it_was_counted(fortnight):
    """By parcel: what the desk kept is what was planted, unit by unit."""
    for case in fortnight.cases:
        counted = Counter()
        for line in case.parcel.line_ids if case.parcel else ():
            for condition in CONDITIONS:
                if line[condition]:
                    counted[line.product_id.default_code, condition] += line[condition]
        assert counted == case.found, (case.plan.name, case.waybill)
    for condition in CONDITIONS:
        assert planted(fortnight, condition), condition


def test_parcels_without_owner_found_theirs_and_the_foreign_one_is_kept(fortnight):
    lost = [case for case in fortnight.cases if not case.plan.told]
    assert lost
    for case in lost:
        assert case.parcel.order_ids.order_ref == case.order_ref
        assert case.parcel.state == "stocked"
    assert not fortnight.foreign.source
    assert fortnight.foreign.state == "inspected"
    assert not fortnight.foreign.batch_id


def test_stock_is_what_was_there_less_what_left_plus_what_came_back(fortnight):
    """Counted from the bins: 5,000 of each were counted into each warehouse."""
    env = fortnight.env
    left, replaced = Counter(), Counter()
    for order in env["channel.order"].search(
        [("shop_id", "=", fortnight.shop.id), ("stage", "in", ("shipped", "done"))]
    ):
        for line in order.line_ids.filtered(lambda line: line.state == "live"):
            left[line.product_id.default_code] += line.quantity
    for case in fortnight.cases:
        if case.plan.kind in ("exchange", "resend"):
            replaced.update(case.units)
    good, defect = planted(fortnight, "good"), planted(fortnight, "defect")
    defects = env.company._channel_defect_location()
    for code, product in fortnight.evening.world["products"].items():
        quants = env["stock.quant"].search(
            [("product_id", "=", product.id), ("location_id.usage", "=", "internal")]
        )
        spoilt = quants.filtered(lambda quant: quant.location_id == defects)
        shelf = sum((quants - spoilt).mapped("quantity"))
        assert shelf == 10_000 - left[code] - replaced[code] + good[code], code
        assert sum(spoilt.mapped("quantity")) == defect[code], code
        assert not product.with_context(location=defects.id).free_qty or spoilt
    assert sum(defect.values()) > 5


def test_goods_came_back_at_the_cost_at_which_they_left(fortnight):
    """Each return move names the delivery that it gives back, never more than left with it."""
    moves = fortnight.env["channel.return.batch"].search([]).picking_id.move_ids
    assert moves
    assert all(moves.mapped("origin_returned_move_id"))
    assert set(moves.mapped("state")) == {"done"}
    for origin in moves.origin_returned_move_id:
        back = moves.filtered(lambda move, one=origin: move.origin_returned_move_id == one)
        assert sum(back.mapped("quantity")) <= origin.quantity
    for move in moves.filtered("value"):
        origin = move.origin_returned_move_id
        assert move.value / move.quantity == pytest.approx(origin.value / origin.quantity)


def test_never_more_units_back_than_left(fortnight):
    tallies = fortnight.env["channel.return.tally"].search([])
    assert all(0 <= tally.returned <= tally.shipped for tally in tallies)
    back = planted(fortnight, "good") + planted(fortnight, "defect")
    assert sum(tallies.mapped("returned")) == sum(back.values())


def test_replacements_left_once_and_the_platform_knows_their_number(fortnight):
    cases = [case for case in fortnight.cases if case.plan.kind in ("exchange", "resend")]
    assert cases
    for case in cases:
        sent = row_of(fortnight, case).replacement_ids
        assert sent.mapped("state") == ["sent"]
        more = fortnight.store.one(
            "SELECT * FROM returns WHERE aftersale_id = ?", (case.aftersale_ref,)
        )
        assert more["new_waybill"] == sent.waybill
        units = Counter()
        for line in sent.line_ids:
            units[line.product_id.default_code] += line.units
        assert units == case.units


def test_controls_were_green_through_both_weeks(fortnight):
    assert len(fortnight.controls) >= 5
    red = {
        day: {code: count for code, count in counts.items() if count}
        for day, counts in fortnight.controls.items()
        if any(counts.values())
    }
    assert red == {}
