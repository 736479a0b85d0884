"""How many events: from the rollups where they answer exactly, from the raw rows elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.query.ranges import Range
from shared.models import Event, EventCount

_TRUNCATION = {"hour": "hour", "day": "day", "week": "week", "month": "month"}


@dataclass(frozen=True, slots=True)
class CountQuery:
    """Count the events of a project in a range."""

    project_id: int
    span: Range
    event_names: tuple[str, ...] = ()
    """Empty: all of them."""

    @property
    def source(self) -> str:
        """Where the answer comes from."""
        return "rollup" if self.span.is_aligned else "raw"


def total(session: Session, query: CountQuery) -> int:
    """All events of the query."""
    return int(session.scalar(_selected(query, [])) or 0)


def by_name(session: Session, query: CountQuery, limit: int | None = None) -> list[tuple[str, int]]:
    """Event names with their counts, most frequent first; ties in order of the name."""
    name = _columns(query).name
    statement = _selected(query, [name]).group_by(name).order_by(_count(query).desc(), name)
    return [(row[0], int(row[1])) for row in session.execute(statement.limit(limit))]


def by_bucket(
    session: Session, query: CountQuery, interval: str, *, split_by_name: bool
) -> list[tuple[datetime, str, int]]:
    """Counts by interval start (in UTC) and, when asked, name; only intervals with events."""
    columns = _columns(query)
    start = _bucket_start(columns.moment, interval, query.span)
    keys: list[Any] = [start, columns.name] if split_by_name else [start]
    rows = session.execute(_selected(query, keys).group_by(*keys))
    return [(row[0], row[1] if split_by_name else "", int(row[-1])) for row in rows]


def _bucket_start(
    moment: InstrumentedAttribute[datetime], interval: str, span: Range
) -> ColumnElement[datetime]:
    if interval == "minute15":
        # Anchored to 1970, as the rollups' buckets are.
        return func.date_bin("15 minutes", moment, datetime.fromtimestamp(0, span.zone))
    return func.date_trunc(_TRUNCATION[interval], moment, span.zone.key)


@dataclass(frozen=True, slots=True)
class _Columns:
    project: InstrumentedAttribute[int]
    moment: InstrumentedAttribute[datetime]
    name: InstrumentedAttribute[str]


def _columns(query: CountQuery) -> _Columns:
    if query.source == "rollup":
        return _Columns(EventCount.project_id, EventCount.bucket, EventCount.event_name)
    return _Columns(Event.project_id, Event.timestamp, Event.event_name)


def _count(query: CountQuery) -> ColumnElement[Any]:
    if query.source == "rollup":
        return func.coalesce(func.sum(EventCount.events), 0)
    return func.count()


def _selected(query: CountQuery, keys: Sequence[Any]) -> Select[Any]:
    columns = _columns(query)
    statement = select(*keys, _count(query)).where(
        columns.project == query.project_id,
        columns.moment >= query.span.start,
        columns.moment < query.span.end,
    )
    if query.event_names:
        statement = statement.where(columns.name.in_(query.event_names))
    return statement
