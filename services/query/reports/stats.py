"""Everything the simplest dashboard needs, in one answer."""

from __future__ import annotations

from typing import Any

from services.query.execution.read_session import Answer, reading
from services.query.parsing.time_range import Range, buckets
from services.query.records.events import RecentQuery, newest, shape
from services.query.sources.event_counts import CountQuery, by_interval

RECENT_EVENTS = 50


def stats(project_id: int, span: Range) -> dict[str, Any]:
    """Counts by day and name, counts by name, the newest events, and the total."""
    answer = Answer(span)
    days = buckets(span, "day")
    with reading() as session:
        query = CountQuery(project_id, span)
        daily = by_interval(session, query, days, answer, split_by_name=True)
        recent = newest(session, RecentQuery(project_id, RECENT_EVENTS))[:RECENT_EVENTS]
        recent_shaped = [shape(event) for event in recent]
    totals = {name: sum(line) for name, line in daily.items()}
    counts = sorted(totals.items(), key=lambda one: (-one[1], one[0]))
    return answer.frame(
        {
            "daily_stats": [
                {"date": day.date().isoformat(), "event_name": name, "count": daily[name][place]}
                for place, day in enumerate(days)
                for name in sorted(daily)
                if daily[name][place]
            ],
            "event_counts": [{"event_name": name, "count": events} for name, events in counts],
            "recent_events": recent_shaped,
            "total_events": sum(events for _, events in counts),
        }
    )
