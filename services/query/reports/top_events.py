"""The most frequent events."""

from __future__ import annotations

from typing import Any

from services.query.ranges import Range
from services.query.reading import Answer, reading
from services.query.reports.counts import CountQuery, by_name, total


def top_events(project_id: int, span: Range, limit: int) -> dict[str, Any]:
    """Names with their counts and their share of all events."""
    answer = Answer(span)
    query = CountQuery(project_id, span)
    answer.took_from(query.source)
    with reading() as session:
        counts = by_name(session, query, limit)
        everything = total(session, query)
    return answer.frame(
        {
            "items": [
                {"event_name": name, "count": events, "share": round(events / everything, 6)}
                for name, events in counts
            ],
            "total_events": everything,
        }
    )
