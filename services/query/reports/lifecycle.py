"""Lifecycle: each interval's persons as new, returning or resurrecting, and those who left."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

from services.query.execution.read_session import Answer, reading
from services.query.parsing.time_range import Range, buckets
from services.query.sources.active_persons import presence, seen_before
from services.query.sources.event_query import Pick, Scope

STATES = ("new", "returning", "resurrecting", "dormant")


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The question: about any event, or one."""

    scope: Scope
    pick: Pick
    interval: str


def lifecycle(plan: Lifecycle) -> dict[str, Any]:
    """Persons by interval and state.

    new: never active before. returning: active in the interval before. resurrecting: active
    before that, but not then. dormant (negative): active in the interval before, not in this one.
    """
    answer = Answer(plan.scope.span)
    starts = buckets(plan.scope.span, plan.interval)
    # The interval before the first one decides who returns, and who went dormant, in the first.
    before = buckets(
        Range(starts[0] - timedelta(seconds=1), starts[0], plan.scope.span.zone), plan.interval
    )[0]
    wide = replace(plan.scope, span=Range(before, plan.scope.span.end, plan.scope.span.zone))
    with reading() as session:
        [persons] = presence(session, wide, [plan.pick], [before, *starts], answer)
        seen = seen_before(session, wide, plan.pick)
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
    return answer.frame({"interval": plan.interval, "series": series})
