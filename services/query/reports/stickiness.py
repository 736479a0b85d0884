"""Stickiness: on how many of the range's days (weeks, months) persons were active."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from services.query.execution.read_session import Answer, reading
from services.query.parsing.time_range import buckets
from services.query.sources.active_persons import by_times, presence
from services.query.sources.event_query import Pick, Scope


@dataclass(frozen=True, slots=True)
class Stickiness:
    """The question: of any number of events."""

    scope: Scope
    series: tuple[Pick, ...]
    interval: str


def stickiness(plan: Stickiness) -> dict[str, Any]:
    """By series: ``values[n - 1]`` persons were active in exactly n intervals, of how many."""
    answer = Answer(plan.scope.span)
    starts = buckets(plan.scope.span, plan.interval)
    with reading() as session:
        found = presence(session, plan.scope, plan.series, starts, answer)
    series = []
    for pick, persons in zip(plan.series, found, strict=True):
        values = np.array([len(group) for group in by_times(persons)[1:]])
        series.append(
            {
                "label": pick.label,
                "event": pick.event,
                "values": values.tolist(),
                "at_least": values[::-1].cumsum()[::-1].tolist(),
                "total": int(values.sum()),
            }
        )
    return answer.frame({"interval": plan.interval, "intervals": len(starts), "series": series})
