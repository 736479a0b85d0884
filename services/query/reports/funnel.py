"""Funnels: how many persons go from step to step, in order, without a detour, or in any order.

The rows of the steps' events come as arrays, sorted by person and time. One pass a step finds, for
every row, the latest first step from which a way leads here: the latest one is the best one, as
the conversion window only asks how long ago it was. So no way is missed and none is tried twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from pyroaring import BitMap
from sqlalchemy import Integer, case, func, literal, or_, select
from sqlalchemy.orm import Session

from services.query.execution.read_session import ResultMeta, read_only_session
from services.query.parsing.filters import invalid_field
from services.query.sources.active_persons import active_persons, persons_by_frequency
from services.query.sources.copy_columns import Array, fetch, in_order, microseconds
from services.query.sources.event_query import (
    Breakdown,
    BreakdownValues,
    EventQuery,
    EventSelector,
    top_values,
)
from services.query.sources.person_identity import PERSON
from shared.models import Event

ORDERS = ("ordered", "strict", "any")
MAX_STEPS = 20


@dataclass(frozen=True, slots=True)
class Exclusion:
    """An event that spoils every attempt that stands between two steps (counted from 0)."""

    selector: EventSelector
    after: int
    before: int


@dataclass(frozen=True, slots=True)
class FunnelPlan:
    """The question."""

    query: EventQuery
    steps: tuple[EventSelector, ...]
    window_us: int
    """From the first step to the last, both included; all within the range."""
    order: str = "ordered"
    exclusions: tuple[Exclusion, ...] = ()
    breakdown: Breakdown | None = None
    with_durations: bool = True
    """Whether the time it took is wanted also where sealed days would answer, which know none."""

    @property
    def asks_only_who(self) -> bool:
        """Whether the persons of each step, whenever they did it, answer the question."""
        length = microseconds(self.query.time_range.end) - microseconds(self.query.time_range.start)
        return (
            self.order == "any"
            and self.window_us >= length
            and not self.exclusions
            and self.breakdown is None
            and not self.with_durations
        )


@dataclass(frozen=True, slots=True)
class Reached:
    """By step: the persons (ascending) who got that far, and their quickest way in microseconds."""

    persons: list[Array]
    took: list[Array]


def run_funnel(plan: FunnelPlan) -> dict[str, Any]:
    """Persons by step, conversion, and how long the quickest way from the first step took."""
    meta = ResultMeta(plan.query.time_range)
    with read_only_session() as session:
        if plan.asks_only_who:
            reached = _who(session, plan, meta)
            return meta.wrap({"order": plan.order, "steps": _shape(plan, reached), "breakdown": []})
        meta.add_source("raw")
        rows, values = _rows(session, plan)
    content: dict[str, Any] = {"order": plan.order, "steps": _shape(plan, _reached(plan, rows))}
    content["breakdown"] = []
    if values is not None:
        codes = [*range(1, len(values.labels)), 0]
        content["breakdown"] = [
            {"value": values.labels[code], "steps": _shape(plan, _reached(plan, rows, code))}
            for code in codes
            if code or bool((rows["code"] == 0).any())
        ]
    return meta.wrap(content)


def list_funnel_persons(
    plan: FunnelPlan, step: int, *, dropped: bool, value: str | None, after: int, limit: int
) -> dict[str, Any]:
    """The persons behind a bar, ascending by number.

    Args:
        plan: the funnel.
        step: counted from 0; those who reached it (``dropped``: only the one before it).
        dropped: whether those are meant who did not go on to the step.
        value: one of the breakdown's labels; None is everybody.
        after: person number to go on after.
        limit: most persons to answer.
    """
    with read_only_session() as session:
        rows, values = _rows(session, plan)
    code = None
    if value is not None:
        if values is None or value not in values.labels:
            raise invalid_field("value", "This is not one of the breakdown's values.")
        code = values.labels.index(value)
    reached = _reached(plan, rows, code)
    persons = reached.persons[step]
    if dropped:
        persons = np.setdiff1d(reached.persons[step - 1], persons, assume_unique=True)
    page = persons[persons > after][:limit]
    more = int((persons > after).sum()) > limit
    return {
        "person_ids": page.tolist(),
        "total": len(persons),
        "next_cursor": str(int(page[-1])) if more else None,
    }


def _who(session: Session, plan: FunnelPlan, meta: ResultMeta) -> Reached:
    """Those who did so many of the steps at all: no time is looked at."""
    found = active_persons(session, plan.query, plan.steps, [plan.query.time_range.start], meta)
    groups = persons_by_frequency([persons for [persons] in found])
    persons = [
        np.asarray(BitMap.union(BitMap(), *groups[index + 1 :]).to_array())
        for index in range(len(plan.steps))
    ]
    return Reached(persons, [np.empty(0, np.int64) for _ in persons])


def _rows(session: Session, plan: FunnelPlan) -> tuple[dict[str, Array], BreakdownValues | None]:
    """Rows of steps and exclusions (with strict: of every event), by person, time and storing."""
    query = plan.query
    selectors = [*plan.steps, *(exclusion.selector for exclusion in plan.exclusions)]
    tests = [query.test(selector) for selector in selectors]
    mask: Any = literal(0, Integer())
    for index, test in enumerate(tests):
        mask = mask + case((test, 1 << index), else_=0)
    values = None
    if plan.breakdown is not None:
        first = or_(*tests[: len(plan.steps)]) if plan.order == "any" else tests[0]
        values = top_values(session, query, plan.breakdown, [first])
    columns = [PERSON, Event.timestamp, Event.id, func.cast(mask, Integer).label("mask")]
    kinds = {"person": "integer", "at": "moment", "id": "bigint", "mask": "integer"}
    if values is not None:
        columns.append(func.cast(values.code(), Integer).label("code"))
        kinds["code"] = "integer"
    needed = [] if plan.order == "strict" else [or_(*tests)]
    rows = fetch(session, select(*columns).where(*query.conditions(), *needed), kinds)
    order = in_order(rows["person"], rows["at"], rows["id"])
    return {name: column[order] for name, column in rows.items()}, values


def _reached(plan: FunnelPlan, rows: dict[str, Array], code: int | None = None) -> Reached:
    person, at, mask = rows["person"], rows["at"], rows["mask"]
    hits = [(mask >> index) & 1 == 1 for index in range(len(plan.steps))]
    if code is not None:
        enters = rows["code"] == code
        entering = hits if plan.order == "any" else hits[:1]
        hits[: len(entering)] = [hit & enters for hit in entering]
    spoils = [
        ((mask >> (len(plan.steps) + index)) & 1 == 1, exclusion)
        for index, exclusion in enumerate(plan.exclusions)
    ]
    if plan.order == "any":
        return _any_order(plan, person, at, hits, [spoiled for spoiled, _ in spoils])
    return _in_order(plan, person, at, hits, spoils)


def _in_order(
    plan: FunnelPlan,
    person: Array,
    at: Array,
    hits: list[Array],
    spoils: list[tuple[Array, Exclusion]],
) -> Reached:
    rows = np.arange(len(person))
    reached = Reached([], [])
    # Of every row: the row of the first step from which a way leads to this step here, or -1.
    way = np.where(hits[0], rows, -1) if len(rows) else rows
    for index, hit in enumerate(hits):
        if index:
            broken = np.zeros(len(rows), bool)
            for spoiled, exclusion in spoils:
                if exclusion.after <= index - 1 < exclusion.before:
                    broken |= spoiled
            start = _before(person, way, broken, direct=plan.order == "strict")
            quick = at - at[np.maximum(start, 0)] <= plan.window_us
            way = np.where(hit & (start >= 0) & quick, start, -1)
        there = way >= 0
        persons, took = _quickest(person[there], at[there] - at[way[there]])
        reached.persons.append(persons)
        reached.took.append(took)
    return reached


def _before(person: Array, way: Array, broken: Array, *, direct: bool) -> Array:
    """The latest start of a way that ended in an earlier row of the person and was not broken.

    A broken row begins a new stretch, as a new person does; within a stretch the latest start is
    a running maximum. ``direct``: only the row just before counts.
    """
    count = len(person)
    if not count:
        return way
    new = np.empty(count, bool)
    new[0] = True
    new[1:] = (person[1:] != person[:-1]) | broken[1:]
    stretch = np.cumsum(new)
    if not direct:
        best = np.maximum.accumulate(stretch * (count + 1) + way + 1)
        way = best - stretch * (count + 1) - 1
    start = np.full(count, -1)
    start[1:] = np.where(stretch[1:] == stretch[:-1], way[:-1], -1)
    return start


def _any_order(
    plan: FunnelPlan, person: Array, at: Array, hits: list[Array], spoils: list[Array]
) -> Reached:
    """From every row on: how many of the steps come within the window, and when the last does."""
    count = len(person)
    steps = len(hits)
    if not count:
        return Reached([person] * steps, [at] * steps)
    rows = np.arange(count)
    ends = np.searchsorted(person, person, side="right")  # first row of the next person
    until = ends
    for spoiled in spoils:
        until = np.minimum(until, _next(spoiled, count))
    arrivals = np.full((steps, count), np.iinfo(np.int64).max)
    for index, hit in enumerate(hits):
        row = _next(hit, count)
        inside = row < until
        moment = at[np.minimum(row, count - 1)]
        inside &= moment - at <= plan.window_us
        arrivals[index] = np.where(inside, moment, arrivals[index])
    arrivals.sort(axis=0)
    starts = np.logical_or.reduce(hits) & (until > rows)
    reached = Reached([], [])
    for index in range(steps):
        there = starts & (arrivals[index] != np.iinfo(np.int64).max)
        persons, took = _quickest(person[there], arrivals[index][there] - at[there])
        reached.persons.append(persons)
        reached.took.append(took)
    return reached


def _next(hit: Array, count: int) -> Array:
    """Of every row: the first row from here on that is hit, or ``count``."""
    rows = np.where(hit, np.arange(count), count)
    return np.minimum.accumulate(rows[::-1])[::-1]


def _quickest(person: Array, took: Array) -> tuple[Array, Array]:
    """Each person once, ascending, with the smallest of their durations."""
    if not len(person):
        return person, took
    first = np.flatnonzero(np.concatenate(([True], person[1:] != person[:-1])))
    return person[first], np.minimum.reduceat(took, first)


def _shape(plan: FunnelPlan, reached: Reached) -> list[dict[str, Any]]:
    entered = len(reached.persons[0])
    steps = []
    for index, selector in enumerate(plan.steps):
        persons = len(reached.persons[index])
        before = len(reached.persons[index - 1]) if index else persons
        took = reached.took[index]
        is_timed = index > 0 and len(took) > 0
        median = round(float(np.median(took)) / 1_000_000, 3) if is_timed else None
        steps.append(
            {
                "event": selector.event,
                "label": selector.label,
                "persons": persons,
                "conversion": round(persons / entered, 6) if entered else 0.0,
                "from_previous": round(persons / before, 6) if before else 0.0,
                "median_seconds": median,
                "average_seconds": (round(float(took.mean()) / 1_000_000, 3) if is_timed else None),
            }
        )
    return steps
