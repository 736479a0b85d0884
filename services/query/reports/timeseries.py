"""Events over time, in the project's time zone, every interval present."""

from __future__ import annotations

from typing import Any

from services.query.execution.read_session import Answer, reading
from services.query.parsing.time_range import Range, buckets, default_interval
from services.query.sources.event_counts import CountQuery, by_interval

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
    with reading() as session:
        lines = by_interval(session, query, starts, answer, split_by_name=split)
    dates = [start.isoformat() for start in starts]
    series = [
        {"label": label, "dates": dates, "values": values, "total": sum(values)}
        for label, values in (_most_frequent(lines) if split else [(ALL, lines[""])])
    ]
    return answer.frame({"interval": interval, "series": series})


def _most_frequent(lines: dict[str, list[int]]) -> list[tuple[str, list[int]]]:
    """Hundreds of names make no chart: the rest is summed up."""
    ranked = sorted(lines.items(), key=lambda item: (-sum(item[1]), item[0]))
    if len(ranked) <= MOST_SERIES:
        return ranked
    rest = [sum(column) for column in zip(*(line for _, line in ranked[MOST_SERIES:]), strict=True)]
    return [*ranked[:MOST_SERIES], (OTHER, rest)]
