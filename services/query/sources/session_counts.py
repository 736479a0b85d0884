"""Numbers of sessions by the interval they start in: the same number on every page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select

from services.query.execution.context import QueryContext
from services.query.sources.combine import cover, read
from services.query.sources.conditions import matches_query
from services.query.sources.coverage import Coverage
from services.query.sources.event_columns import SESSION, interval_index
from services.query.sources.session_rows import started_in_range
from shared.models import ProjectDailySummary, SessionRow


def count_sessions(context: QueryContext) -> list[int]:
    """Return the number of sessions that start in each interval.

    With a filter: of those that have an event in the interval that passes.
    """
    if context.query.is_filtered:
        return _count_with_event(context)
    counts = [0] * len(context.starts)

    def sealed(coverage: Coverage) -> Iterator[tuple[int, int]]:
        rows = context.session.execute(
            select(ProjectDailySummary.day, ProjectDailySummary.unique_sessions).where(
                ProjectDailySummary.project_id == context.query.project_id,
                ProjectDailySummary.day.in_(coverage.dates),
            )
        )
        interval_of = coverage.interval_by_date
        for day, sessions in rows:
            yield interval_of[day], sessions

    def raw(part: QueryContext) -> Iterator[tuple[int, int]]:
        part.note_raw_rows()
        query = part.query
        interval = interval_index(part.starts, SessionRow.started_at).label("interval_index")
        rows: Any = part.session.execute(
            select(interval, func.count())
            .where(*started_in_range(query.project_id, query.time_range))
            .group_by("interval_index")
        )
        yield from rows

    for interval, sessions in read(context, cover(context), sealed=sealed, raw=raw):
        counts[interval] += sessions
    return counts


def _count_with_event(context: QueryContext) -> list[int]:
    context.note_raw_rows()
    interval = interval_index(context.starts).label("interval_index")
    rows = context.session.execute(
        select(interval, func.count(SESSION.distinct()))
        .where(*matches_query(context.query))
        .group_by("interval_index")
    )
    found: dict[int, int] = {row[0]: row[1] for row in rows}
    return [found.get(index, 0) for index in range(len(context.starts))]
