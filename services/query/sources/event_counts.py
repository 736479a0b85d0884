"""How many events: of sealed days, of the rollup's quarter hours, or of the raw rows.

Sealed days hold a row a name and take the least reading; the rollup answers for the rest exactly,
unless the range or its intervals cut a quarter of an hour in two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.query.execution.read_session import ResultMeta
from services.query.parsing.time_range import TimeRange
from services.query.sources.event_query import interval_index
from services.query.sources.sealed_days import coverage, events_by_day
from shared.events.buckets import BUCKET_SECONDS
from shared.models import ANY_EVENT, Event, EventCount


@dataclass(frozen=True, slots=True)
class CountQuery:
    """Count the events of a project in a range."""

    project_id: int
    time_range: TimeRange
    event_names: tuple[str, ...] = ()
    """Empty: all of them."""


def by_name(session: Session, query: CountQuery, meta: ResultMeta) -> list[tuple[str, int]]:
    """Event names with their counts, most frequent first; ties in order of the name."""
    lines = by_interval(session, query, [query.time_range.start], meta, split_by_name=True)
    counts = [(name, events) for name, [events] in lines.items()]
    return sorted(counts, key=lambda one: (-one[1], one[0]))


def by_interval(
    session: Session,
    query: CountQuery,
    starts: Sequence[datetime],
    meta: ResultMeta,
    *,
    split_by_name: bool = False,
) -> dict[str, list[int]]:
    """Counts in each interval, by name, or under an empty name all together.

    Args:
        session: of a ``read_only_session()`` block.
        query: what to count.
        starts: of the intervals, ascending; no event is before the first.
        meta: receives the sources that were read.
        split_by_name: whether each name counts on its own; names without events are missing.
    """
    found: Counter[tuple[str, int]] = Counter()
    cover = coverage(session, query.project_id, query.time_range, starts)
    index_of = cover.interval_indexes(starts)
    if cover.days:
        meta.add_source("sealed")
        every = None if split_by_name else [ANY_EVENT]
        names = list(query.event_names) or every
        for day, name, events in events_by_day(session, query.project_id, cover.days, names):
            found[name if split_by_name else "", index_of[day]] += events
    for part in cover.raw:
        counted = CountQuery(query.project_id, part, query.event_names)
        for index, name, events in _counted(
            session, counted, starts, meta, split_by_name=split_by_name
        ):
            found[name, index] += events
    lines: dict[str, list[int]] = {} if split_by_name else {"": [0] * len(starts)}
    for (name, index), events in found.items():
        lines.setdefault(name, [0] * len(starts))[index] += events
    return lines


def _counted(
    session: Session,
    query: CountQuery,
    starts: Sequence[datetime],
    meta: ResultMeta,
    *,
    split_by_name: bool,
) -> Iterator[tuple[int, str, int]]:
    """Number of the interval, name and count."""
    from_rollup = query.time_range.is_aligned and all(
        start.timestamp() % BUCKET_SECONDS == 0 for start in starts[1:]
    )
    meta.add_source("rollup" if from_rollup else "raw")
    moment = EventCount.bucket if from_rollup else Event.timestamp
    name = EventCount.event_name if from_rollup else Event.event_name
    keys: list[Any] = [interval_index(starts, moment).label("index")]
    if split_by_name:
        keys.append(name.label("name"))
    count = func.sum(EventCount.events) if from_rollup else func.count()
    # By label: PostgreSQL would take the number of an only interval for the place of a column.
    statement = select(*keys, count).group_by(*(key.name for key in keys))
    for row in session.execute(_in_question(statement, query, from_rollup=from_rollup)):
        yield row[0], row[1] if split_by_name else "", int(row[-1])


def _in_question(statement: Select[Any], query: CountQuery, *, from_rollup: bool) -> Select[Any]:
    table: type[Event | EventCount] = EventCount if from_rollup else Event
    moment: InstrumentedAttribute[datetime] = EventCount.bucket if from_rollup else Event.timestamp
    statement = statement.where(
        table.project_id == query.project_id,
        moment >= query.time_range.start,
        moment < query.time_range.end,
    )
    if query.event_names:
        statement = statement.where(table.event_name.in_(query.event_names))
    return statement
