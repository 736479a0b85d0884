"""Retention: of those who began in an interval, how many came back in the ones after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyroaring import BitMap

from services.query.execution.read_session import Answer, reading
from services.query.parsing.time_range import buckets
from services.query.sources.active_persons import Intervals, number_of, presence, seen_before
from services.query.sources.event_query import Pick, Scope

KINDS = ("first_time", "recurring")
RULES = ("strict", "rolling")


@dataclass(frozen=True, slots=True)
class Retention:
    """The question."""

    scope: Scope
    target: Pick
    """What one begins with."""
    returning: Pick
    interval: str
    kind: str = "first_time"
    """first_time: a person is in the cohort of the first target event ever. recurring: in the
    cohort of every interval with one."""
    rule: str = "strict"
    """strict: came back in that interval. rolling: in that one or a later one of the range."""
    now: datetime | None = None


def retention(plan: Retention) -> dict[str, Any]:
    """Cohorts by interval: ``returned[n]`` persons came back n intervals later.

    ``returned[0]`` is the size. Intervals that have not begun are left out; the last one may
    still be running.
    """
    answer = Answer(plan.scope.span)
    starts = buckets(plan.scope.span, plan.interval)
    begun = number_of(starts, plan.now) if plan.now is not None else len(starts)
    with reading() as session:
        began, came = presence(session, plan.scope, [plan.target, plan.returning], starts, answer)
        if plan.kind == "first_time":
            began = first_times(began, seen_before(session, plan.scope, plan.target))
    if plan.rule == "rolling":
        came = _then_or_later(came)
    cohorts = [
        {
            "date": start.isoformat(),
            "size": len(began[place]),
            "returned": [
                len(began[place]),
                *(
                    began[place].intersection_cardinality(later)
                    for later in came[place + 1 : begun]
                ),
            ],
        }
        for place, start in enumerate(starts[:begun])
    ]
    return answer.frame({"interval": plan.interval, "cohorts": cohorts})


def first_times(persons: Intervals, known: BitMap) -> Intervals:
    """Of each interval only those who were in none before, and are not known."""
    seen = known.copy()
    found = []
    for present in persons:
        found.append(present - seen)
        seen |= present
    return found


def _then_or_later(persons: Intervals) -> Intervals:
    """Of each interval those who were in it or in a later one."""
    later = BitMap()
    found = []
    for present in reversed(persons):
        later = later | present
        found.append(later)
    return found[::-1]
