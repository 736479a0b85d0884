"""Stickiness: on how many of the range's days (weeks, months) persons were active."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from services.query.execution.read_session import ResultMeta, read_only_session
from services.query.parsing.time_range import interval_starts
from services.query.sources.active_persons import active_persons, persons_by_frequency
from services.query.sources.event_query import EventQuery, EventSelector


@dataclass(frozen=True, slots=True)
class StickinessPlan:
    """The question: of any number of events."""

    query: EventQuery
    series: tuple[EventSelector, ...]
    interval: str


def run_stickiness(plan: StickinessPlan) -> dict[str, Any]:
    """By series: ``values[n - 1]`` persons were active in exactly n intervals, of how many."""
    meta = ResultMeta(plan.query.time_range)
    starts = interval_starts(plan.query.time_range, plan.interval)
    with read_only_session() as session:
        found = active_persons(session, plan.query, plan.series, starts, meta)
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
    return meta.wrap({"interval": plan.interval, "intervals": len(starts), "series": series})
