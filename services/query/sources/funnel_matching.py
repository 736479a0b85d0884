"""Find the persons who reach each step of a funnel: in order, strictly in order, or in any order.

The rows of the steps' events are read as arrays, sorted by person and time. For each step, one pass
finds for every row the latest first-step event that leads to it. The latest one suffices, because
the conversion window limits only the time since the first step: no path is missed or tried twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from pyroaring import BitMap
from sqlalchemy import Integer, case, func, literal, or_, select

from services.query.execution.context import QueryContext
from services.query.parsing.events import EventSelector
from services.query.sources.active_persons import active_persons, persons_by_frequency
from services.query.sources.conditions import matches_query, matches_selector
from services.query.sources.copy_columns import Array, fetch, in_order, order_by_person
from services.query.sources.event_columns import PERSON
from services.query.sources.file_masks import read_selected
from services.query.sources.funnel_any_order import rows_when_done
from services.query.sources.funnel_breakdown import KnownValues, find_known_values
from services.query.sources.funnel_plan import Exclusion, FunnelPlan, Reached
from shared.models import Event


def reach_in_any_order(context: QueryContext, plan: FunnelPlan) -> Reached:
    """Return for each n the persons who did at least n of the steps, anywhere in the range."""
    found = active_persons(context, plan.steps)
    groups = persons_by_frequency([persons for [persons] in found])
    persons = [
        np.asarray(BitMap.union(BitMap(), *groups[index + 1 :]).to_array())
        for index in range(len(plan.steps))
    ]
    return Reached(persons, [np.empty(0, np.int64) for _ in persons])


def read_steps(
    context: QueryContext, plan: FunnelPlan
) -> tuple[dict[str, Array], KnownValues | None]:
    """Read the events of steps and exclusions, by person, time and order of storing.

    ``mask`` has a bit for each step and exclusion. A strict funnel needs every event, as any other
    event between two steps is a detour. ``value`` is the number of the breakdown's value.
    """
    selectors = [*plan.steps, *(exclusion.selector for exclusion in plan.exclusions)]
    if plan.breakdown is not None:
        return _read_raw(context, plan, selectors)
    found = read_selected(context, selectors, every_event=plan.order == "strict")
    if found is None:
        return _read_raw(context, plan, selectors)
    parts = [{"person": day.person, "at": day.at, "mask": day.mask} for day in found.days]
    parts += [_read_raw(context.within(part), plan, selectors)[0] for part in found.raw]
    parts = sorted((part for part in parts if len(part["at"])), key=lambda part: part["at"].min())
    joined = {
        name: np.concatenate([np.empty(0, kind), *(part[name] for part in parts)])
        for name, kind in (("person", np.int32), ("at", np.int64), ("mask", np.int32))
    }
    # Parts follow each other in time, and each is in order by itself.
    order = order_by_person(joined["person"])
    return {name: column[order] for name, column in joined.items()}, None


def _read_raw(
    context: QueryContext, plan: FunnelPlan, selectors: Sequence[EventSelector]
) -> tuple[dict[str, Array], KnownValues | None]:
    context.note_raw_rows()
    query = context.query
    tests = [matches_selector(query, selector) for selector in selectors]
    mask: Any = literal(0, Integer())
    for bit, test in enumerate(tests):
        mask = mask + case((test, 1 << bit), else_=0)
    needed = [] if plan.order == "strict" else [or_(*tests)]
    columns = [PERSON, Event.timestamp, Event.id, func.cast(mask, Integer).label("mask")]
    kinds = {"person": "integer", "at": "instant", "id": "bigint", "mask": "integer"}
    known = None
    statement = select(*columns).where(*matches_query(query), *needed)
    if plan.breakdown is not None:
        known = find_known_values(context, plan.breakdown, or_(*tests[: len(plan.steps)]))
        statement = statement.add_columns(known.code().label("value"))
        statement = statement.outerjoin(known.table, known.joins())
        kinds["value"] = "integer"
    rows = fetch(context.session, statement, kinds)
    order = in_order(rows["person"], rows["at"], rows["id"])
    return {name: column[order] for name, column in rows.items()}, known


def reach(plan: FunnelPlan, rows: dict[str, Array]) -> Reached:
    """Return how far persons got; the conversion window includes its end."""
    person, at, mask = rows["person"], rows["at"], rows["mask"]
    excluded = [
        ((mask >> (len(plan.steps) + number)) & 1 == 1, exclusion)
        for number, exclusion in enumerate(plan.exclusions)
    ]
    if plan.order == "any":
        return _any_order(plan, person, at, mask, [is_excluded for is_excluded, _ in excluded])
    hits = [(mask >> bit) & 1 == 1 for bit in range(len(plan.steps))]
    return _in_order(plan, person, at, hits, excluded)


def completing_starts(plan: FunnelPlan, rows: dict[str, Array]) -> Array:
    """Return for every row whether it is a first step that all others follow within the window.

    From each first step the next event of each following step is taken: no other choice is quicker.
    Exclusions are not looked at.
    """
    person, at, mask = rows["person"], rows["at"], rows["mask"]
    count = len(person)
    begins = (mask & 1) == 1
    here = np.arange(count)
    for step in range(1, len(plan.steps)):
        hit = np.append((mask >> step) & 1 == 1, False)
        following = np.minimum(here + 1, count)
        if plan.order == "strict":
            here = np.where(hit[following], following, count)
        else:
            here = np.append(_next_hit(hit[:-1], count), count)[following]
    done = np.minimum(here, max(count - 1, 0))
    same_person = (here < count) & (person[done] == person)
    result: Array = begins & same_person & (at[done] - at <= plan.window_us)
    return result


def _in_order(
    plan: FunnelPlan,
    person: Array,
    at: Array,
    hits: list[Array],
    excluded: list[tuple[Array, Exclusion]],
) -> Reached:
    count = len(person)
    reached = Reached([], [])
    is_first = np.append(True, person[1:] != person[:-1])[:count]
    # For every row: the row of the first step from which a path leads to this step here, or -1.
    # 32 bits hold any row (``MAX_FETCHED_ROWS``), and half the bytes take half the time.
    path = np.where(hits[0], np.arange(count, dtype=np.int32), np.int32(-1))
    arrived = np.flatnonzero(hits[0])
    for step, hit in enumerate(hits):
        if step:
            broken = np.zeros(count, bool)
            for is_excluded, exclusion in excluded:
                if exclusion.after <= step - 1 < exclusion.before:
                    broken |= is_excluded
            start = _latest_start(is_first, path, broken, direct=plan.order == "strict")
            arrived = np.flatnonzero(hit & (start >= 0))
            arrived = arrived[at[arrived] - at[start[arrived]] <= plan.window_us]
            path = np.full(count, -1, np.int32)
            path[arrived] = start[arrived]
        persons, durations = _shortest(person[arrived], at[arrived] - at[path[arrived]])
        reached.persons.append(persons)
        reached.durations.append(durations)
    return reached


def _latest_start(is_first: Array, path: Array, broken: Array, *, direct: bool) -> Array:
    """Return, for every row, the latest start of an unbroken path to an earlier row of the person.

    A broken row begins a new segment, as a new person does; within a segment the latest start is a
    running maximum. ``direct``: only the row just before counts.
    """
    count = len(path)
    if not count:
        return path
    if not direct and not broken.any():
        # A start before the person's first row is another person's.
        best = np.append(np.int32(-1), np.maximum.accumulate(path)[:-1])
        first = np.maximum.accumulate(np.where(is_first, np.arange(count, dtype=np.int32), 0))
        return np.where(best >= first, best, -1)
    segment = np.cumsum(is_first | broken)
    if not direct:
        # The segment is packed in front, so that the running maximum begins anew with each.
        best = np.maximum.accumulate(segment * (count + 1) + path + 1)
        path = best - segment * (count + 1) - 1
    start = np.full(count, -1)
    start[1:] = np.where(segment[1:] == segment[:-1], path[:-1], -1)
    return start


def _any_order(
    plan: FunnelPlan, person: Array, at: Array, mask: Array, excluded: list[Array]
) -> Reached:
    """Find, from every row on, when 1, 2 … steps are done within the window."""
    count = len(person)
    steps = len(plan.steps)
    if not count:
        return Reached([person] * steps, [at] * steps)
    rows = np.arange(count)
    until = np.searchsorted(person, person, side="right")  # the first row of the next person
    for is_excluded in excluded:
        until = np.minimum(until, _next_hit(is_excluded, count))
    mask = mask & ((1 << steps) - 1)
    starts = (mask != 0) & (until > rows)
    reached = Reached([], [])
    for done in rows_when_done(mask, steps):
        duration = at[np.minimum(done, count - 1)] - at
        arrived = starts & (done < until) & (duration <= plan.window_us)
        persons, durations = _shortest(person[arrived], duration[arrived])
        reached.persons.append(persons)
        reached.durations.append(durations)
    return reached


def _next_hit(hit: Array, count: int) -> Array:
    """Return, for every row, the first row from here on that is hit, or ``count``."""
    rows = np.where(hit, np.arange(count), count)
    return np.minimum.accumulate(rows[::-1])[::-1]


def _shortest(person: Array, durations: Array) -> tuple[Array, Array]:
    """Return each person once, ascending, with the shortest of their durations."""
    if not len(person):
        return person, durations
    first = np.flatnonzero(np.concatenate(([True], person[1:] != person[:-1])))
    return person[first], np.minimum.reduceat(durations, first)
