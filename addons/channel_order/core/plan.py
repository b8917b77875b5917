"""The plan of a batch: snapshots and what we know in, what is to be written out.

Pure: no database, no clock. An older snapshot changes nothing, the newest of a batch wins, and a
stage never goes back by what a platform says, except to a stop (held, exception) before a wave.
"""

from collections.abc import Iterable
from dataclasses import replace

from . import checks, stages
from .allocation import Decision, Demand
from .facts import Context, OrderPlan, PlannedLine, ReceiverKeys, Stored
from .lines import changed_lines, china_day, find_pool, goods_differ, new_lines, totals
from .snapshot import Fact, OrderSnapshot, PlatformStatus, Problem

# Of two snapshots of one second the one that is further on counts as newer.
RANK = {status: rank for rank, status in enumerate(PlatformStatus)}
SETTABLE = frozenset({stages.UNPAID, stages.HELD, stages.EXCEPTION, stages.QUEUED})


def clean_ref(ref: str) -> str:
    """An order number as it is stored: no control characters, no blanks around."""
    return ref if ref.isprintable() else "".join(c for c in ref if c.isprintable()).strip()


def newest(snapshots: Iterable[OrderSnapshot]) -> dict[str, OrderSnapshot]:
    """The newest snapshot of each order; of equal ones the later in the batch.

    :raises ValueError: a snapshot without an order number
    """
    chosen: dict[str, OrderSnapshot] = {}
    for snapshot in snapshots:
        ref = clean_ref(snapshot.order_ref)
        if not ref:
            raise ValueError("a snapshot has no order number")
        if ref != snapshot.order_ref:
            snapshot = replace(snapshot, order_ref=ref)
        other = chosen.get(ref)
        if other is None or version(snapshot) >= version(other):
            chosen[ref] = snapshot
    return chosen


def version(snapshot: OrderSnapshot) -> tuple[int, int]:
    """How new a snapshot is."""
    return snapshot.updated_at, RANK[snapshot.status]


def is_news(snapshot: OrderSnapshot, digest: str, stored: Stored | None) -> bool:
    """Whether a snapshot says anything that the stored order does not know."""
    if stored is None:
        return True
    known = (stored.updated_at, RANK[stored.status])
    if version(snapshot) == known:
        return digest != stored.digest
    return version(snapshot) > known


def next_stage(
    stage: str | None, status: PlatformStatus, *, stopped: bool, refunded: bool, accepted: bool
) -> tuple[str, str | None]:
    """The stage after a snapshot, and the type of a problem that the move itself is.

    :param stopped: something was found that stops the order before allocation
    :param refunded: all lines are refunded
    :param accepted: a person accepted that the order left by another way than ours
    """
    if stage in stages.LEFT or stage in stages.ENDED:
        done = stage == stages.SHIPPED and status == PlatformStatus.DONE
        return (stages.DONE if done else stage), None
    if status == PlatformStatus.CANCELLED:
        return stages.CANCELLED, None
    if refunded:
        return stages.REFUNDED, None
    if stage in stages.IN_WAVE:
        return stage, _notice_in_wave(status, accepted)
    if status in (PlatformStatus.SHIPPED, PlatformStatus.DONE):
        if accepted and stage == stages.EXCEPTION:
            return str(status), None
        return stages.EXCEPTION, "shipped_elsewhere"
    if status == PlatformStatus.UNPAID:
        return stage or stages.UNPAID, None
    if status == PlatformStatus.HELD:
        return stages.HELD, None
    if stopped:
        return stages.EXCEPTION, None
    return (stage if stage == stages.ALLOCATED else stages.QUEUED), None


def _notice_in_wave(status: PlatformStatus, accepted: bool) -> str | None:
    """What people must hear of an order in a wave: the wave goes on, they decide."""
    if status == PlatformStatus.HELD:
        return "platform_hold"
    elsewhere = status in (PlatformStatus.SHIPPED, PlatformStatus.DONE)
    return "shipped_elsewhere" if elsewhere and not accepted else None


def make(
    snapshot: OrderSnapshot, stored: Stored | None, keys: ReceiverKeys, context: Context
) -> OrderPlan:
    """The plan of one order. ``is_news`` has been asked before."""
    if stored and (stored.stage in stages.LEFT or stored.stage in stages.ENDED):
        return _plan_over(snapshot, stored, keys)
    snapshot, extra = _usable(snapshot)
    address_changed = stored is not None and _address_changed(snapshot, stored, keys)
    too_late = address_changed and stored.stage == stages.PACKED
    stage_before = stored.stage if stored else None
    differ = goods_differ(snapshot, stored)
    if stage_before == stages.ALLOCATED and differ:
        stage_before = stages.QUEUED  # nothing is picked yet: given out anew
    rebuild = stored is None or stage_before in SETTABLE
    if rebuild:
        lines = new_lines(snapshot, stored, context)
        known = [line.part for line in lines]
    else:
        lines, known = changed_lines(snapshot, stored, context), None
        if differ:
            told = ", ".join(differ)
            extra.append(Problem("lines_changed", told, (Fact("lines_changed", text=told),)))
    found = _problems(snapshot, lines, known, keys, context) + extra
    if too_late:
        masked = snapshot.receiver.address_masked or "…"
        found.append(Problem("address", masked, (Fact("address", text=masked),)))
    accepted = context.accepted.get(stored.id, frozenset()) if stored else frozenset()
    found = [x for x in _merged(found) if (x.type, x.detail) not in accepted]
    stage, own = next_stage(
        stage_before,
        snapshot.status,
        stopped=any(problem.type not in checks.NOTICES for problem in found),
        refunded=bool(lines) and all(line.state == "refunded" for line in lines),
        accepted=("shipped_elsewhere", snapshot.status.value) in accepted,
    )
    if own and (own, snapshot.status.value) not in accepted:
        told = snapshot.status.value
        found.append(Problem(own, told, (Fact(f"platform_{told}"),)))
    refund_open = any(line.state == "stopped" for line in lines)
    return OrderPlan(
        snapshot=snapshot,
        stored=stored,
        keys=keys,
        stage=stage,
        lines=lines,
        rebuild=rebuild,
        refund_open=refund_open,
        problems=_told(found, stage),
        totals=totals(lines, snapshot.freight),
        wants_units=stage == stages.QUEUED
        and snapshot.status == PlatformStatus.READY
        and not refund_open,
        address_changed=address_changed and not too_late,
        write_receiver=_has_receiver(snapshot) and not too_late,
        release=_released(stored, stage, lines, rebuild),
    )


def demand(plan: OrderPlan, territory: tuple[int, ...]) -> Demand:
    """What an order wants of the pools. A line without an offer asks pool 0, which none has."""
    lines = _wanting(plan)
    units = tuple((line.pool_id or 0, line.part.item_quantity) for line in lines)
    paid_at = plan.snapshot.paid_at or plan.snapshot.created_at
    return Demand(plan.ref, paid_at, units, territory, any(line.held for line in lines))


def _wanting(plan: OrderPlan) -> list[PlannedLine]:
    """The lines that want units."""
    return [line for line in plan.lines if line.state == "live" and line.part.item_quantity]


def settle(plan: OrderPlan, decision: Decision) -> OrderPlan:
    """The plan after units were given out, or not."""
    if decision.fulfiller_id is not None:
        return replace(plan, stage=stages.ALLOCATED)
    lines = _wanting(plan)
    if decision.reason == "no_offer":
        lines = [line for line in lines if not line.pool_id]
    elif decision.reason == "on_hold":
        lines = [line for line in lines if line.held]
    parts = [line.part for line in lines]
    detail = "\n".join(f"{checks.name(part)} × {part.item_quantity}" for part in parts)
    facts = tuple(
        Fact(decision.reason, checks.name(part), units=part.item_quantity) for part in parts
    )
    return replace(plan, problems=(*plan.problems, Problem(decision.reason, detail or "…", facts)))


def _plan_over(snapshot: OrderSnapshot, stored: Stored, keys: ReceiverKeys) -> OrderPlan:
    """An order that has left or ended: only what the platform calls it is kept up to date."""
    stage, _own = next_stage(
        stored.stage, snapshot.status, stopped=False, refunded=False, accepted=False
    )
    return OrderPlan(
        snapshot, stored, keys, stage, (), False, stored.refund_open, (), None,
        write_receiver=False,
    )  # fmt: skip


def _usable(snapshot: OrderSnapshot) -> tuple[OrderSnapshot, list[Problem]]:
    """The snapshot with each line once; what is wrong with its shape."""
    lines = {line.line_id: line for line in reversed(snapshot.lines)}
    problems = list(snapshot.problems)
    if not lines:
        problems.append(Problem("malformed", "0 × SKU", (Fact("no_lines"),)))
    if len(lines) != len(snapshot.lines):
        twice = len(snapshot.lines) - len(lines)
        told = ", ".join(sorted(lines))
        fact = Fact("line_twice", units=twice, text=told)
        problems.append(Problem("duplicate", f"{twice} × {told}", (fact,)))
        snapshot = replace(snapshot, lines=tuple(reversed(lines.values())))
    return snapshot, problems


def _problems(snapshot, lines, parts, keys, context) -> list[Problem]:
    """Everything the checks find. ``parts`` None: goods are fixed, look at the rest only."""
    found = checks.check_amounts(snapshot)
    if parts is not None:
        live = [line for line in lines if line.state != "refunded"]
        found += checks.check_quantity(snapshot)
        found += checks.check_sku(line.part for line in live)
        by_line = {
            line.part.line.line_id: find_pool(
                context.pools, line.part.link_id, line.part.line.room_ref
            )
            for line in live
            if line.part.link_id
        }
        day = china_day(snapshot.paid_at or snapshot.created_at)
        found += checks.check_price([line.part for line in live], by_line, context.bands, day)
    receiver = snapshot.receiver
    shown = {
        "phone": receiver.phone_masked,
        "name": receiver.name_masked,
        "address": receiver.address_masked,
    }
    named = {"phone": keys.phone, "name": keys.name, "address": keys.address}
    found += checks.check_blocklist(named, context.blocked, shown)
    return found + checks.check_risk(named, context.at_risk, shown)


def _merged(found: list[Problem]) -> list[Problem]:
    """One problem a type, with every detail and every fact once.

    A detail that nobody has facts for (the adapter's: field and value) is told as it stands.
    """
    details: dict[str, dict[str, None]] = {}
    facts: dict[str, dict[Fact, None]] = {}
    for problem in found:
        details.setdefault(problem.type, {}).update(dict.fromkeys(problem.detail.split("\n")))
        told = problem.facts or tuple(Fact("", text=x) for x in problem.detail.split("\n") if x)
        facts.setdefault(problem.type, {}).update(dict.fromkeys(told))
    return [Problem(kind, "\n".join(lines), tuple(facts[kind])) for kind, lines in details.items()]


def _told(found: list[Problem], stage: str) -> tuple[Problem, ...]:
    """The problems worth an exception: none of an order that nobody can ship yet, or any more."""
    if stage in (stages.UNPAID, stages.HELD) or stage in stages.LEFT or stage in stages.ENDED:
        return ()
    return tuple(found)


def _released(
    stored: Stored | None, stage: str, lines: tuple[PlannedLine, ...], rebuild: bool
) -> tuple[int, ...]:
    """Stored lines whose units go back: all when the order goes, else those newly refunded."""
    if stored is None or stored.stage not in stages.HOLDS_UNITS:
        return ()
    gone = rebuild or stage not in stages.HOLDS_UNITS
    now = {line.stored_id: line.state for line in lines}
    return tuple(
        line.id
        for line in stored.lines
        if line.state != "refunded" and (gone or now.get(line.id) == "refunded")
    )


def _has_receiver(snapshot: OrderSnapshot) -> bool:
    """Platforms take receivers away some time after shipment: nothing is no news."""
    receiver = snapshot.receiver
    return bool(receiver.address_masked or receiver.address_token or receiver.secret)


def _address_changed(snapshot: OrderSnapshot, stored: Stored, keys: ReceiverKeys) -> bool:
    if not _has_receiver(snapshot) or not any(stored.receiver):
        return False
    if keys.merge and stored.keys.merge:
        return keys.merge != stored.keys.merge
    receiver = snapshot.receiver
    return stored.receiver != (
        receiver.name_masked, receiver.phone_masked, receiver.address_masked,
        receiver.province, receiver.city, receiver.district,
    )  # fmt: skip
