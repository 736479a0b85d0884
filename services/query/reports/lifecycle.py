"""Lifecycle: each interval's persons as new, returning or resurrecting, and those who left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any

from services.query.execution.context import open_query
from services.query.parsing.events import EventQuery, EventSelector
from services.query.parsing.time_range import TimeRange, interval_starts
from services.query.sources.active_persons import active_before, active_persons

STATES = ("new", "returning", "resurrecting", "dormant")


@dataclass(frozen=True, slots=True)
class LifecyclePlan:
    """The lifecycle of the persons with any event, or with one."""

    query: EventQuery
    selector: EventSelector
    interval: str


def run_lifecycle(plan: LifecyclePlan) -> dict[str, Any]:
    """Return persons by interval and state.

    new: never active before. returning: active in the interval before. resurrecting: active
    before that, but not then. dormant (negative): active in the interval before, not in this one.
    """
    time_range = plan.query.time_range
    starts = interval_starts(time_range, plan.interval)
    # The interval before the first decides who returned, and who became dormant, in the first.
    just_before = TimeRange(starts[0] - timedelta(seconds=1), starts[0], time_range.zone)
    before = interval_starts(just_before, plan.interval)[0]
    extended = TimeRange(before, time_range.end, time_range.zone)
    with open_query(plan.query) as query:
        context = query.over(extended, [before, *starts])
        [persons] = active_persons(context, [plan.selector])
        known = active_before(context, plan.selector)
    lines: dict[str, list[int]] = {state: [] for state in STATES}
    for previous, present in pairwise(persons):
        known |= previous
        returning = present.intersection_cardinality(previous)
        new = len(present) - present.intersection_cardinality(known)
        lines["new"].append(new)
        lines["returning"].append(returning)
        lines["resurrecting"].append(len(present) - returning - new)
        lines["dormant"].append(returning - len(previous))
    dates = [start.isoformat() for start in starts]
    series = [
        {"label": state, "dates": dates, "values": lines[state], "total": sum(lines[state])}
        for state in STATES
    ]
    return context.meta.wrap({"interval": plan.interval, "series": series})
