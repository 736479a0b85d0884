"""Lifecycle: each interval's persons as new, returning or resurrecting, and those who left."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

from services.query.execution.read_session import ResultMeta, read_only_session
from services.query.parsing.time_range import TimeRange, interval_starts
from services.query.sources.active_persons import active_before, active_persons
from services.query.sources.event_query import EventQuery, EventSelector

STATES = ("new", "returning", "resurrecting", "dormant")


@dataclass(frozen=True, slots=True)
class LifecyclePlan:
    """The question: about any event, or one."""

    query: EventQuery
    selector: EventSelector
    interval: str


def run_lifecycle(plan: LifecyclePlan) -> dict[str, Any]:
    """Persons by interval and state.

    new: never active before. returning: active in the interval before. resurrecting: active
    before that, but not then. dormant (negative): active in the interval before, not in this one.
    """
    meta = ResultMeta(plan.query.time_range)
    starts = interval_starts(plan.query.time_range, plan.interval)
    # The interval before the first one decides who returns, and who went dormant, in the first.
    before = interval_starts(
        TimeRange(starts[0] - timedelta(seconds=1), starts[0], plan.query.time_range.zone),
        plan.interval,
    )[0]
    wide = replace(
        plan.query,
        time_range=TimeRange(before, plan.query.time_range.end, plan.query.time_range.zone),
    )
    with read_only_session() as session:
        [persons] = active_persons(session, wide, [plan.selector], [before, *starts], meta)
        seen = active_before(session, wide, plan.selector)
    lines: dict[str, list[int]] = {state: [] for state in STATES}
    for last, present in pairwise(persons):
        seen |= last
        returning = present.intersection_cardinality(last)
        new = len(present) - present.intersection_cardinality(seen)
        lines["new"].append(new)
        lines["returning"].append(returning)
        lines["resurrecting"].append(len(present) - returning - new)
        lines["dormant"].append(returning - len(last))
    dates = [start.isoformat() for start in starts]
    series = [
        {"label": state, "dates": dates, "values": lines[state], "total": sum(lines[state])}
        for state in STATES
    ]
    return meta.wrap({"interval": plan.interval, "series": series})
