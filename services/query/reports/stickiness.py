"""Stickiness: on how many of the range's days (weeks, months) persons were active."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from services.query.questions import Pick, Scope, intervals
from services.query.reading import Answer, reading
from services.query.reports.activity import active


@dataclass(frozen=True, slots=True)
class Stickiness:
    """The question: of any number of events."""

    scope: Scope
    series: tuple[Pick, ...]
    interval: str


def stickiness(plan: Stickiness) -> dict[str, Any]:
    """By series: ``values[n - 1]`` persons were active in exactly n intervals, of how many."""
    answer = Answer(plan.scope.span)
    answer.took_from("raw")
    starts = intervals(plan.scope.span, plan.interval)
    with reading() as session:
        found = active(session, plan.scope, plan.series, starts)
    series = []
    for pick, (person, _) in zip(plan.series, found, strict=True):
        _, times = np.unique(person, return_counts=True)
        values = np.bincount(times, minlength=len(starts) + 1)[1:]
        series.append(
            {
                "label": pick.label,
                "event": pick.event,
                "values": values.tolist(),
                "at_least": values[::-1].cumsum()[::-1].tolist(),
                "total": len(times),
            }
        )
    return answer.frame({"interval": plan.interval, "intervals": len(starts), "series": series})
