"""Events over time, in the project's time zone, every interval present."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timezone
from typing import Any

from services.query.ranges import Range, buckets, default_interval
from services.query.reading import Answer, reading
from services.query.reports.counts import CountQuery, by_bucket

MOST_SERIES = 10
OTHER = "Other"
ALL = "All events"


def timeseries(
    project_id: int,
    span: Range,
    *,
    interval: str | None,
    event_names: tuple[str, ...],
    split: bool,
) -> dict[str, Any]:
    """One series, or one for each of the most frequent names and one for the rest."""
    answer = Answer(span)
    interval = interval or default_interval(span)
    starts = buckets(span, interval)
    query = CountQuery(project_id, span, event_names)
    answer.took_from(query.source)
    with reading() as session:
        rows = by_bucket(session, query, interval, split_by_name=split)
    values: dict[str, dict[datetime, int]] = defaultdict(dict)
    for start, name, events in rows:
        values[name if split else ALL][start.astimezone(timezone.utc)] = events
    if not split:
        values.setdefault(ALL, {})
    series = [
        {
            "label": label,
            "dates": [start.isoformat() for start in starts],
            "values": [counts.get(start.astimezone(timezone.utc), 0) for start in starts],
            "total": sum(counts.values()),
        }
        for label, counts in _most_frequent(values)
    ]
    return answer.frame({"interval": interval, "series": series})


def _most_frequent(
    values: dict[str, dict[datetime, int]],
) -> list[tuple[str, dict[datetime, int]]]:
    """Hundreds of names make no chart: the rest is summed up."""
    ranked = sorted(values.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    if len(ranked) <= MOST_SERIES:
        return ranked
    rest: dict[datetime, int] = defaultdict(int)
    for _, counts in ranked[MOST_SERIES:]:
        for start, events in counts.items():
            rest[start] += events
    return [*ranked[:MOST_SERIES], (OTHER, rest)]
