"""The most frequent events."""

from __future__ import annotations

from typing import Any

from services.query.execution.read_session import ResultMeta, read_only_session
from services.query.parsing.time_range import TimeRange
from services.query.sources.event_counts import CountQuery, by_name


def top_events(project_id: int, time_range: TimeRange, limit: int) -> dict[str, Any]:
    """Names with their counts and their share of all events."""
    meta = ResultMeta(time_range)
    with read_only_session() as session:
        counts = by_name(session, CountQuery(project_id, time_range), meta)
    everything = sum(events for _, events in counts)
    return meta.wrap(
        {
            "items": [
                {"event_name": name, "count": events, "share": round(events / everything, 6)}
                for name, events in counts[:limit]
            ],
            "total_events": everything,
        }
    )
