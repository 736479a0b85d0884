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

from services.query.execution.read_session import Answer
from services.query.parsing.time_range import Range
from services.query.sources.event_query import bucket_number
from services.query.sources.sealed_days import coverage, events_by_day
from shared.events.buckets import BUCKET_SECONDS
from shared.models import ANY_EVENT, Event, EventCount


@dataclass(frozen=True, slots=True)
class CountQuery:
    """Count the events of a project in a range."""

    project_id: int
    span: Range
    event_names: tuple[str, ...] = ()
    """Empty: all of them."""


def by_name(session: Session, query: CountQuery, answer: Answer) -> list[tuple[str, int]]:
    """Event names with their counts, most frequent first; ties in order of the name."""
    lines = by_interval(session, query, [query.span.start], answer, split_by_name=True)
    counts = [(name, events) for name, [events] in lines.items()]
    return sorted(counts, key=lambda one: (-one[1], one[0]))


def by_interval(
    session: Session,
    query: CountQuery,
    starts: Sequence[datetime],
    answer: Answer,
    *,
    split_by_name: bool = False,
) -> dict[str, list[int]]:
    """Counts in each interval, by name, or under an empty name all together.

    Args:
        session: of a ``reading()`` block.
        query: what to count.
        starts: of the intervals, ascending; no event is before the first.
        answer: is told where this was taken from.
        split_by_name: whether each name counts on its own; names without events are missing.
    """
    found: Counter[tuple[str, int]] = Counter()
    cover = coverage(session, query.project_id, query.span, starts)
    place_of = cover.places(starts)
    if cover.days:
        answer.took_from("sealed")
        every = None if split_by_name else [ANY_EVENT]
        names = list(query.event_names) or every
        for day, name, events in events_by_day(session, query.project_id, cover.days, names):
            found[name if split_by_name else "", place_of[day]] += events
    for part in cover.raw:
        counted = CountQuery(query.project_id, part, query.event_names)
        for place, name, events in _counted(session, counted, starts, answer, split=split_by_name):
            found[name, place] += events
    lines: dict[str, list[int]] = {} if split_by_name else {"": [0] * len(starts)}
    for (name, place), events in found.items():
        lines.setdefault(name, [0] * len(starts))[place] += events
    return lines


def _counted(
    session: Session, query: CountQuery, starts: Sequence[datetime], answer: Answer, *, split: bool
) -> Iterator[tuple[int, str, int]]:
    """Number of the interval, name and count."""
    from_rollup = query.span.is_aligned and all(
        start.timestamp() % BUCKET_SECONDS == 0 for start in starts[1:]
    )
    answer.took_from("rollup" if from_rollup else "raw")
    moment = EventCount.bucket if from_rollup else Event.timestamp
    name = EventCount.event_name if from_rollup else Event.event_name
    keys: list[Any] = [bucket_number(starts, moment).label("place")]
    if split:
        keys.append(name.label("name"))
    count = func.sum(EventCount.events) if from_rollup else func.count()
    # By label: PostgreSQL would take the number of an only interval for the place of a column.
    statement = select(*keys, count).group_by(*(key.name for key in keys))
    for row in session.execute(_in_question(statement, query, from_rollup=from_rollup)):
        yield row[0], row[1] if split else "", int(row[-1])


def _in_question(statement: Select[Any], query: CountQuery, *, from_rollup: bool) -> Select[Any]:
    table: type[Event | EventCount] = EventCount if from_rollup else Event
    moment: InstrumentedAttribute[datetime] = EventCount.bucket if from_rollup else Event.timestamp
    statement = statement.where(
        table.project_id == query.project_id,
        moment >= query.span.start,
        moment < query.span.end,
    )
    if query.event_names:
        statement = statement.where(table.event_name.in_(query.event_names))
    return statement
