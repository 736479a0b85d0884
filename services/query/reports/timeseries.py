"""Events over time, in the project's time zone, every interval present."""

from __future__ import annotations

from typing import Any

from services.query.execution.read_session import ResultMeta, read_only_session
from services.query.parsing.time_range import TimeRange, default_interval, interval_starts
from services.query.sources.event_counts import CountQuery, by_interval

MAX_SERIES = 10
OTHER = "Other"
ALL = "All events"


def timeseries(
    project_id: int,
    time_range: TimeRange,
    *,
    interval: str | None,
    event_names: tuple[str, ...],
    split_by_name: bool,
) -> dict[str, Any]:
    """One series, or one for each of the most frequent names and one for the rest."""
    meta = ResultMeta(time_range)
    interval = interval or default_interval(time_range)
    starts = interval_starts(time_range, interval)
    query = CountQuery(project_id, time_range, event_names)
    with read_only_session() as session:
        lines = by_interval(session, query, starts, meta, split_by_name=split_by_name)
    dates = [start.isoformat() for start in starts]
    series = [
        {"label": label, "dates": dates, "values": values, "total": sum(values)}
        for label, values in (_most_frequent(lines) if split_by_name else [(ALL, lines[""])])
    ]
    return meta.wrap({"interval": interval, "series": series})


def _most_frequent(lines: dict[str, list[int]]) -> list[tuple[str, list[int]]]:
    """Hundreds of names make no chart: the rest is summed up."""
    ranked = sorted(lines.items(), key=lambda item: (-sum(item[1]), item[0]))
    if len(ranked) <= MAX_SERIES:
        return ranked
    rest = [sum(column) for column in zip(*(line for _, line in ranked[MAX_SERIES:]), strict=True)]
    return [*ranked[:MAX_SERIES], (OTHER, rest)]
