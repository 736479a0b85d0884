"""An oracle for funnels: plain Python that tries every way through the steps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from statistics import median
from typing import Any

import pytest

from services.query.reports.funnel import FunnelOfValue, FunnelStep
from services.query.sources.funnel_plan import FunnelPlan
from tests.support.insights import Sample

Ways = dict[int, dict[int, timedelta]]
"""By step: the quickest way of each person who reached it."""


def by_person(rows: list[Sample]) -> Iterator[tuple[int, list[Sample]]]:
    """Each person's events in order of time, of equal times in order of storing."""
    ordered = sorted(enumerate(rows), key=lambda pair: (pair[1].person, pair[1].at, pair[0]))
    for person, group in groupby(ordered, key=lambda pair: pair[1].person):
        yield person, [row for _, row in group]


def matches(row: Sample, event: str | None) -> bool:
    """Whether an event is of a name; None: of any."""
    return event is None or row.name == event


def ways(rows: list[Sample], plan: FunnelPlan) -> Ways:
    """Every way through the funnel, tried one by one."""
    found: Ways = defaultdict(dict)
    for person, own in by_person(rows):
        tried = _in_any_order(own, plan) if plan.order == "any" else _in_order(own, plan)
        for step, took in tried:
            best = found[step].get(person)
            found[step][person] = took if best is None else min(best, took)
    return found


def _in_order(own: list[Sample], plan: FunnelPlan) -> Iterator[tuple[int, timedelta]]:
    for index, row in enumerate(own):
        if matches(row, plan.steps[0].event):
            yield from _in_order_from(own, plan, [index])


def _in_order_from(
    own: list[Sample], plan: FunnelPlan, begin: list[int]
) -> Iterator[tuple[int, timedelta]]:
    """Every way that begins so."""
    names = [step.event for step in plan.steps]
    window = timedelta(microseconds=plan.window_us)

    def walk(path: list[int]) -> Iterator[tuple[int, timedelta]]:
        start = own[path[0]]
        yield len(path) - 1, own[path[-1]].at - start.at
        if len(path) == len(names):
            return
        nexts = range(path[-1] + 1, len(own))
        for index in list(nexts)[:1] if plan.order == "strict" else nexts:
            if not matches(own[index], names[len(path)]) or own[index].at - start.at > window:
                continue
            between = own[path[-1] + 1 : index + 1]
            if any(
                row.name == one.selector.event and one.after <= len(path) - 1 < one.before
                for row in between
                for one in plan.exclusions
            ):
                continue
            yield from walk([*path, index])

    yield from walk(begin)


def completing(rows: list[Sample], plan: FunnelPlan) -> list[tuple[Sample, bool]]:
    """Each first step, and whether some way from it leads to the last one."""
    names = [step.event for step in plan.steps]
    found = []
    for _, own in by_person(rows):
        for index, row in enumerate(own):
            if matches(row, names[0]):
                rest = [row, *own[index + 1 :]]
                completes = any(
                    step == len(names) - 1 for step, _ in _in_order_from(rest, plan, [0])
                )
                found.append((row, completes))
    return found


def _in_any_order(own: list[Sample], plan: FunnelPlan) -> Iterator[tuple[int, timedelta]]:
    names = [step.event for step in plan.steps]
    window = timedelta(microseconds=plan.window_us)
    for index, start in enumerate(own):
        if not any(matches(start, name) for name in names):
            continue
        used: list[Sample] = []
        for row in own[index:]:
            if any(row.name == one.selector.event for one in plan.exclusions):
                break
            if row.at - start.at > window:
                break
            used.append(row)
            for step in range(_most_steps(used, names)):
                yield step, row.at - start.at


def _most_steps(rows: list[Sample], names: list[str | None]) -> int:
    """The most steps that get an event of their own, whichever event each gets."""
    if not names:
        return 0
    first, rest = names[0], names[1:]
    choices = [index for index, row in enumerate(rows) if matches(row, first)]
    # Events of one name are interchangeable.
    distinct = {rows[index].name: index for index in choices}.values()
    return max(
        _most_steps(rows, rest),
        *(1 + _most_steps(rows[:index] + rows[index + 1 :], rest) for index in distinct),
        0,
    )


def value_of_persons(rows: list[Sample], plan: FunnelPlan) -> dict[int, str | None]:
    """The value of ``country`` that each person counts under."""
    names = [step.event for step in plan.steps]
    chosen = [names[plan.attribution_step]] if plan.attribution == "step" else names
    found: dict[int, str | None] = {}
    for person, own in by_person(rows):
        if plan.order != "any":
            entries = [index for index, row in enumerate(own) if matches(row, names[0])]
            own = own[entries[0] :] if entries else []  # noqa: PLW2901 (from entering on)
        values = [
            row.country
            for row in own
            if row.country is not None and any(matches(row, name) for name in chosen)
        ]
        if plan.attribution == "last_touch":
            values.reverse()
        found[person] = values[0] if values else None
    return found


def check_steps(shown: list[FunnelStep], expected: Ways) -> None:
    """Compare the persons and the durations of each step."""
    for step, line in enumerate(shown):
        assert line.persons == len(expected.get(step, {})), (step, shown, expected)
        if step and expected.get(step):
            times = [took.total_seconds() for took in expected[step].values()]
            assert line.median_seconds == pytest.approx(median(times), abs=0.001)
            assert line.average_seconds == pytest.approx(sum(times) / len(times), abs=0.001)
        else:
            assert line.median_seconds is None


def check_breakdown(
    shown: list[FunnelOfValue], rows: list[Sample], plan: FunnelPlan, expected: Ways
) -> None:
    """Compare every row: its persons and durations, and the order of the rows."""
    assert plan.breakdown is not None
    value_of: dict[int, Any] = value_of_persons(rows, plan)
    groups: dict[Any, list[int]] = defaultdict(list)
    for person in expected.get(0, {}):
        groups[value_of[person]].append(person)
    ranked = sorted(groups, key=lambda one: (-len(groups[one]), one is None, one or ""))
    wanted = [((value, False), groups[value]) for value in ranked[: plan.breakdown.limit]]
    others = [person for value in ranked[plan.breakdown.limit :] for person in groups[value]]
    if others:
        wanted.append(((None, True), others))
    assert [(part.value, part.is_other) for part in shown] == [key for key, _ in wanted]
    for part, (_, persons) in zip(shown, wanted, strict=True):
        own = {
            step: {person: took for person, took in took_by.items() if person in persons}
            for step, took_by in expected.items()
        }
        check_steps(part.steps, own)
