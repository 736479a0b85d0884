"""Retention: of those who began in an interval, how many came back in the ones after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyroaring import BitMap

from services.query.execution.read_session import ResultMeta, read_only_session
from services.query.parsing.time_range import interval_starts
from services.query.sources.active_persons import (
    PersonsByInterval,
    active_before,
    active_persons,
    count_started,
)
from services.query.sources.event_query import EventQuery, EventSelector

KINDS = ("first_time", "recurring")
RULES = ("strict", "rolling")


@dataclass(frozen=True, slots=True)
class RetentionPlan:
    """The question."""

    query: EventQuery
    target: EventSelector
    """What one begins with."""
    returning: EventSelector
    interval: str
    kind: str = "first_time"
    """first_time: a person is in the cohort of the first target event ever. recurring: in the
    cohort of every interval with one."""
    rule: str = "strict"
    """strict: came back in that interval. rolling: in that one or a later one of the range."""
    now: datetime | None = None


def run_retention(plan: RetentionPlan) -> dict[str, Any]:
    """Cohorts by interval: ``returned[n]`` persons came back n intervals later.

    ``returned[0]`` is the size. Intervals that have not begun are left out; the last one may
    still be running.
    """
    meta = ResultMeta(plan.query.time_range)
    starts = interval_starts(plan.query.time_range, plan.interval)
    begun = count_started(starts, plan.now) if plan.now is not None else len(starts)
    with read_only_session() as session:
        began, came = active_persons(
            session, plan.query, [plan.target, plan.returning], starts, meta
        )
        if plan.kind == "first_time":
            began = first_times(began, active_before(session, plan.query, plan.target))
    if plan.rule == "rolling":
        came = _then_or_later(came)
    cohorts = [
        {
            "date": start.isoformat(),
            "size": len(began[index]),
            "returned": [
                len(began[index]),
                *(
                    began[index].intersection_cardinality(later)
                    for later in came[index + 1 : begun]
                ),
            ],
        }
        for index, start in enumerate(starts[:begun])
    ]
    return meta.wrap({"interval": plan.interval, "cohorts": cohorts})


def first_times(persons: PersonsByInterval, known: BitMap) -> PersonsByInterval:
    """Of each interval only those who were in none before, and are not known."""
    seen = known.copy()
    found = []
    for present in persons:
        found.append(present - seen)
        seen |= present
    return found


def _then_or_later(persons: PersonsByInterval) -> PersonsByInterval:
    """Of each interval those who were in it or in a later one."""
    later = BitMap()
    found = []
    for present in reversed(persons):
        later = later | present
        found.append(later)
    return found[::-1]
