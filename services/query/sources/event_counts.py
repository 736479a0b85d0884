"""Numbers of events: of sealed days, of the rollup's quarter hours, or of raw rows.

Sealed days hold a row a name and are the cheapest to read. The rollup answers for the rest exactly;
only in a quarter hour that the range cuts in two are raw rows counted. A filter leaves only them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.query.execution.context import QueryContext
from services.query.parsing.time_range import quarter_hour_pieces
from services.query.sources.combine import cover, read
from services.query.sources.conditions import matches_query
from services.query.sources.coverage import Coverage
from services.query.sources.event_columns import interval_index
from services.query.sources.sealed_days import events_by_day
from shared.events.buckets import BUCKET_SECONDS
from shared.models import ANY_EVENT, Event, EventCount


def first_event(session: Session, project_id: int) -> datetime | None:
    """Return the quarter hour (UTC) in which a project's events begin; None: it has none."""
    found: datetime | None = session.scalar(
        select(func.min(EventCount.bucket)).where(EventCount.project_id == project_id)
    )
    return None if found is None else found.astimezone(timezone.utc)


def count_by_name(context: QueryContext) -> list[tuple[str, int]]:
    """Return event names with their counts, most frequent first; ties in order of the name."""
    whole = context.over(context.query.time_range)
    counts = [(name, events) for name, [events] in _count(whole, (), by_name=True).items()]
    return sorted(counts, key=lambda one: (-one[1], one[0]))


def count_by_interval(context: QueryContext, event_names: Sequence[str] = ()) -> list[int]:
    """Return the number of events in each interval.

    Args:
        context: the query.
        event_names: which events count; none: all of them.
    """
    return _count(context, event_names, by_name=False).get("", [0] * len(context.starts))


def count_by_name_and_interval(
    context: QueryContext, event_names: Sequence[str] = ()
) -> dict[str, list[int]]:
    """Return the number of events in each interval by name; names without events are missing.

    Args:
        context: the query.
        event_names: which events count; none: all of them.
    """
    return _count(context, event_names, by_name=True)


def _count(
    context: QueryContext, event_names: Sequence[str], *, by_name: bool
) -> dict[str, list[int]]:
    """Return counts by name and interval; under an empty name unless ``by_name``."""

    def sealed(coverage: Coverage) -> Iterator[tuple[str, int, int]]:
        interval_of = coverage.interval_by_date
        names = list(event_names) or (None if by_name else [ANY_EVENT])
        project_id = context.query.project_id
        for day, name, events in events_by_day(context.session, project_id, coverage.dates, names):
            yield name if by_name else "", interval_of[day], events

    def raw(part: QueryContext) -> Iterator[tuple[str, int, int]]:
        whole = part.query.time_range
        for piece in [whole] if part.query.is_filtered else quarter_hour_pieces(whole):
            yield from _count_unsealed(part.within(piece), event_names, by_name=by_name)

    lines: defaultdict[str, list[int]] = defaultdict(lambda: [0] * len(context.starts))
    for name, interval, events in read(context, cover(context), sealed=sealed, raw=raw):
        lines[name][interval] += events
    return dict(lines)


def _count_unsealed(
    context: QueryContext, event_names: Sequence[str], *, by_name: bool
) -> Iterator[tuple[str, int, int]]:
    query = context.query
    from_rollup = (
        not query.is_filtered
        and query.time_range.is_aligned
        and all(start.timestamp() % BUCKET_SECONDS == 0 for start in context.starts[1:])
    )
    if from_rollup:
        context.meta.add_source("rollup")
    else:
        context.note_raw_rows()
    conditions: list[Any]
    if from_rollup:
        conditions = [
            EventCount.project_id == query.project_id,
            EventCount.bucket >= query.time_range.start,
            EventCount.bucket < query.time_range.end,
        ]
    else:
        conditions = matches_query(query)
    name = EventCount.event_name if from_rollup else Event.event_name
    if event_names:
        conditions.append(name.in_(event_names))
    instant = EventCount.bucket if from_rollup else Event.timestamp
    keys: list[Any] = [interval_index(context.starts, instant).label("interval_index")]
    if by_name:
        keys.append(name.label("name"))
    count = func.sum(EventCount.events) if from_rollup else func.count()
    # Grouped by label: PostgreSQL would take the constant index of an only interval for the
    # position of a column.
    statement = select(*keys, count).where(*conditions).group_by(*(key.name for key in keys))
    for row in context.session.execute(statement):
        yield row[1] if by_name else "", row[0], int(row[-1])
