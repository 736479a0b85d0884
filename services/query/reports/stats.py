"""Everything the simplest dashboard needs, in one answer."""

from __future__ import annotations

from typing import Any

from services.query.ranges import Range
from services.query.reading import Answer, reading
from services.query.reports.counts import CountQuery, by_bucket, by_name
from services.query.reports.recent_events import RecentQuery, newest, shape

RECENT_EVENTS = 50


def stats(project_id: int, span: Range) -> dict[str, Any]:
    """Counts by day and name, counts by name, the newest events, and the total."""
    answer = Answer(span)
    query = CountQuery(project_id, span)
    answer.took_from(query.source)
    with reading() as session:
        daily = by_bucket(session, query, "day", split_by_name=True)
        counts = by_name(session, query)
        recent = newest(session, RecentQuery(project_id, RECENT_EVENTS))[:RECENT_EVENTS]
        recent_shaped = [shape(event) for event in recent]
    return answer.frame(
        {
            "daily_stats": [
                {
                    "date": start.astimezone(span.zone).date().isoformat(),
                    "event_name": name,
                    "count": events,
                }
                for start, name, events in sorted(daily)
            ],
            "event_counts": [{"event_name": name, "count": events} for name, events in counts],
            "recent_events": recent_shaped,
            "total_events": sum(events for _, events in counts),
        }
    )
