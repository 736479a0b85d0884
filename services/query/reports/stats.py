"""Everything the simplest dashboard needs, in one answer."""

from __future__ import annotations

from typing import Any

from services.query.execution.read_session import ResultMeta, read_only_session
from services.query.parsing.time_range import TimeRange, interval_starts
from services.query.records.events import EventListPlan, newest, shape
from services.query.sources.event_counts import CountQuery, by_interval

RECENT_EVENTS = 50


def stats(project_id: int, time_range: TimeRange) -> dict[str, Any]:
    """Counts by day and name, counts by name, the newest events, and the total."""
    meta = ResultMeta(time_range)
    days = interval_starts(time_range, "day")
    with read_only_session() as session:
        query = CountQuery(project_id, time_range)
        daily = by_interval(session, query, days, meta, split_by_name=True)
        recent = newest(session, EventListPlan(project_id, RECENT_EVENTS))[:RECENT_EVENTS]
        recent_shaped = [shape(event) for event in recent]
    totals = {name: sum(line) for name, line in daily.items()}
    counts = sorted(totals.items(), key=lambda one: (-one[1], one[0]))
    return meta.wrap(
        {
            "daily_stats": [
                {"date": day.date().isoformat(), "event_name": name, "count": daily[name][index]}
                for index, day in enumerate(days)
                for name in sorted(daily)
                if daily[name][index]
            ],
            "event_counts": [{"event_name": name, "count": events} for name, events in counts],
            "recent_events": recent_shaped,
            "total_events": sum(events for _, events in counts),
        }
    )
