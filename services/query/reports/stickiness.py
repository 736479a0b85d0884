"""Stickiness: on how many of the range's days (weeks, months) persons were active."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from services.query.execution.context import open_query
from services.query.parsing.events import EventQuery, EventSelector
from services.query.parsing.time_range import interval_starts
from services.query.sources.active_persons import active_persons, persons_by_frequency


@dataclass(frozen=True, slots=True)
class StickinessPlan:
    """The stickiness of one or more events."""

    query: EventQuery
    series: tuple[EventSelector, ...]
    interval: str


def run_stickiness(plan: StickinessPlan) -> dict[str, Any]:
    """Return by series: ``values[n - 1]`` persons were active in exactly n intervals."""
    starts = interval_starts(plan.query.time_range, plan.interval)
    with open_query(plan.query, starts) as context:
        found = active_persons(context, plan.series)
    series = []
    for selector, persons in zip(plan.series, found, strict=True):
        values = np.array([len(group) for group in persons_by_frequency(persons)[1:]])
        series.append(
            {
                "label": selector.label,
                "event": selector.event,
                "values": values.tolist(),
                "at_least": values[::-1].cumsum()[::-1].tolist(),
                "total": int(values.sum()),
            }
        )
    return context.meta.wrap(
        {"interval": plan.interval, "intervals": len(starts), "series": series}
    )
