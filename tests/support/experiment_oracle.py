"""The sums of an experiment, counted by hand over the events as they are stored."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from psycopg2.extensions import connection as Connection

from services.query.parsing.experiments import ExperimentMetric, ExperimentPlan
from tests.support.number_oracle import number


@dataclass(frozen=True)
class StoredEvent:
    """What the oracle needs of a row."""

    person: int
    at: datetime
    name: str
    properties: dict[str, Any]


def stored_events(database: Connection, project_id: int) -> list[StoredEvent]:
    """Every event of a project, in the order in which they were stored."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT person_id, timestamp, event_name, properties FROM events"
            " WHERE project_id = %s ORDER BY id",
            (project_id,),
        )
        found = [StoredEvent(*row) for row in cursor]
    database.rollback()
    return found


@dataclass(frozen=True)
class Counted:
    """What the oracle found."""

    persons: list[list[int]]
    """By variant and day."""
    sums: list[list[list[tuple[Fraction, ...]]]]
    """n, y, yy, x, xx, xy by variant, metric and day."""
    excluded: int


def count_experiment(plan: ExperimentPlan, events: list[StoredEvent], zone: ZoneInfo) -> Counted:
    """Count whom the flag gave which variant, and what they did, person by person."""
    span = plan.query.time_range
    exposures: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
    for one in events:
        response = one.properties.get("$feature_flag_response")
        if isinstance(response, bool):
            response = str(response).lower()
        is_exposure = (
            one.name == "$feature_flag_called"
            and one.properties.get("$feature_flag") == plan.flag_key
        )
        if is_exposure and response in plan.keys and span.start <= one.at < span.end:
            exposures[one.person].append((one.at, response))
    assigned = {
        person: (min(seen)[0], seen[0][1])
        for person, seen in exposures.items()
        if len({variant for _, variant in seen}) == 1
    }
    of_person: dict[int, list[StoredEvent]] = defaultdict(list)
    for one in events:
        if one.at < span.end:
            of_person[one.person].append(one)
    days = _day_ends(plan, zone)
    persons, sums = [], []
    for key in plan.keys:
        members = {person: at for person, (at, variant) in assigned.items() if variant == key}
        persons.append([sum(at < end for at in members.values()) for end in days])
        sums.append(
            [
                [
                    _sums(
                        plan,
                        metric,
                        {p: at for p, at in members.items() if at < end},
                        of_person,
                        end,
                    )
                    for end in days
                ]
                for metric in plan.metrics
            ]
        )
    return Counted(persons, sums, len(exposures) - len(assigned))


def _day_ends(plan: ExperimentPlan, zone: ZoneInfo) -> list[datetime]:
    span, ends = plan.query.time_range, []
    day = span.start.astimezone(zone).date()
    while True:
        day += timedelta(days=1)
        ends.append(datetime(day.year, day.month, day.day, tzinfo=zone))
        if ends[-1].timestamp() >= span.end.timestamp():
            return ends


def _sums(
    plan: ExperimentPlan,
    metric: ExperimentMetric,
    members: dict[int, datetime],
    events: dict[int, list[StoredEvent]],
    end: datetime,
) -> tuple[Fraction, ...]:
    rows = []
    for person, first in members.items():
        own = [one for one in events[person] if one.at < end]
        after = [one for one in own if one.at >= first]
        if metric.kind == "retention":
            if first + timedelta(days=metric.to_day) > plan.until:
                continue
            begin, stop = (first + timedelta(days=n) for n in (metric.from_day, metric.to_day))
            after = [one for one in own if begin <= one.at < stop]
        y, x = _value(metric, after), Fraction(0)
        if metric.denominator is not None:
            x = _total(metric.denominator.event, metric.denominator_property, after)
        elif metric.is_adjusted:
            early = first - timedelta(days=14)
            x = _value(metric, [one for one in own if early <= one.at < first])
        rows.append((y, x))
    nothing = Fraction(0)
    return (
        Fraction(len(rows)),
        sum((y for y, _ in rows), nothing),
        sum((y * y for y, _ in rows), nothing),
        sum((x for _, x in rows), nothing),
        sum((x * x for _, x in rows), nothing),
        sum((x * y for y, x in rows), nothing),
    )


def _value(metric: ExperimentMetric, events: list[StoredEvent]) -> Fraction:
    total = _total(
        metric.selector.event,
        metric.value_property if metric.kind in {"sum", "mean", "ratio"} else None,
        events,
    )
    if metric.kind in {"conversion", "retention"}:
        return Fraction(int(total > 0))
    return total if metric.cap is None else min(total, Fraction(metric.cap))


def _total(name: str | None, value: str | None, events: list[StoredEvent]) -> Fraction:
    found = [one for one in events if name is None or one.name == name]
    if value is None:
        return Fraction(len(found))
    numbers = (number(one.properties.get(value)) for one in found)
    return sum((one for one in numbers if one is not None), Fraction(0))
