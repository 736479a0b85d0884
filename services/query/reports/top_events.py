"""The most frequent events."""

from __future__ import annotations

from typing import Any

from services.query.execution.read_session import Answer, reading
from services.query.parsing.time_range import Range
from services.query.sources.event_counts import CountQuery, by_name


def top_events(project_id: int, span: Range, limit: int) -> dict[str, Any]:
    """Names with their counts and their share of all events."""
    answer = Answer(span)
    with reading() as session:
        counts = by_name(session, CountQuery(project_id, span), answer)
    everything = sum(events for _, events in counts)
    return answer.frame(
        {
            "items": [
                {"event_name": name, "count": events, "share": round(events / everything, 6)}
                for name, events in counts[:limit]
            ],
            "total_events": everything,
        }
    )
