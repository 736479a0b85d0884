"""Count the different sessions of events by interval and value, from raw rows.

The sessions that clients named are counted by PostgreSQL; those by inactivity, which it would look
up event by event, are found for all events at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import (
    BigInteger,
    Integer,
    Text,
    cast,
    func,
    literal,
    literal_column,
    select,
    text,
    tuple_,
    type_coerce,
)

from services.query.execution.context import QueryContext
from services.query.parsing.events import EventSelector
from services.query.sources.conditions import matches_query, matches_selector
from services.query.sources.copy_columns import Array, fetch
from services.query.sources.event_columns import PERSON, interval_index
from services.query.sources.session_rows import started_in_range
from services.query.sources.top_values import BreakdownValues
from shared.events.session_lookup import LAST_BEFORE, InactivitySessions, sessions_of
from shared.events.sessions import NAMED_SESSION_SQL
from shared.models import Event, SessionRow

_NAMED: Any = type_coerce(literal_column(NAMED_SESSION_SQL), Text())


@dataclass(slots=True)
class SessionCount:
    """The events that belong to a session, and the different sessions."""

    events: int = 0
    sessions: int = 0

    def add(self, events: int, sessions: int) -> None:
        """Add events and further sessions."""
        self.events += events
        self.sessions += sessions


@dataclass(slots=True)
class SessionCounts:
    """Counts by interval, and over the range."""

    by_interval: list[SessionCount]
    total: SessionCount = field(default_factory=SessionCount)


def count_sessions_of_events(
    context: QueryContext, selector: EventSelector, values: BreakdownValues | None
) -> dict[int, SessionCounts]:
    """Return the counts by index of the breakdown's value; index 0 without a breakdown."""
    context.note_raw_rows()
    counts: dict[int, SessionCounts] = {}

    def count_of(value_index: int) -> SessionCounts:
        if value_index not in counts:
            counts[value_index] = SessionCounts([SessionCount() for _ in context.starts])
        return counts[value_index]

    columns = [
        interval_index(context.starts).label("bucket"),
        (values.indexes() if values is not None else literal(0, Integer())).label("value_index"),
    ]
    conditions = [*matches_query(context.query), matches_selector(context.query, selector)]
    named = (
        select(*columns, _NAMED.label("session"))
        .where(*conditions, Event.session_id.is_not(None))
        .offset(0)  # keeps PostgreSQL from looking a session up once for each of its uses
        .subquery("rows")
    )
    groups = (tuple_(named.c.bucket, named.c.value_index), tuple_(named.c.value_index))
    statement = select(
        func.grouping(named.c.bucket),
        func.coalesce(named.c.bucket, 0),
        named.c.value_index,
        func.count(),
        func.count(named.c.session.distinct()),
    ).group_by(func.grouping_sets(*groups))
    for is_total, interval, index, events, sessions in context.session.execute(statement):
        count = count_of(index)
        (count.total if is_total else count.by_interval[interval]).add(events, sessions)
    for index, interval, events, sessions in _by_inactivity(context, columns, conditions):
        count = count_of(index)
        (count.total if interval is None else count.by_interval[interval]).add(events, sessions)
    return counts


def _by_inactivity(
    context: QueryContext, columns: list[Any], conditions: list[Any]
) -> list[tuple[int, int | None, int, int]]:
    """Return value, interval (None: the range), events in a session by inactivity, and sessions."""
    rows = (
        select(*columns, PERSON.label("person"), Event.timestamp.label("at"))
        .where(*conditions, Event.session_id.is_(None))
        .offset(0)
        .subquery("rows")
    )
    found = fetch(
        context.session,
        select(
            cast(rows.c.bucket, Integer), cast(rows.c.value_index, Integer),
            cast(rows.c.person, BigInteger), rows.c.at,
        ),
        {"bucket": "integer", "value": "integer", "person": "bigint", "at": "instant"},
    )  # fmt: skip
    if not len(found["at"]):
        return []
    session = sessions_of(
        found["person"],
        found["at"],
        _begun_in_range(context),
        lambda persons: _begun_before(context, persons),
    )
    belongs = session >= 0
    value, session = found["value"][belongs].astype(np.int64), session[belongs]
    intervals = len(context.starts)
    in_interval = value * intervals + found["bucket"][belongs]
    return [
        *((group, None, events, count) for group, events, count in _count(value, session)),
        *(
            (*divmod(group, intervals), events, count)
            for group, events, count in _count(in_interval, session)
        ),
    ]


def _count(group: Array, session: Array) -> list[tuple[int, int, int]]:
    """Return each group with its events and its different sessions."""
    size = int(session.max(initial=0)) + 1
    pairs, events = np.unique(group * size + session, return_counts=True)
    groups, index = np.unique(pairs // size, return_inverse=True)
    totals = np.bincount(index, weights=events).astype(np.int64)
    return list(zip(groups.tolist(), totals.tolist(), np.bincount(index).tolist(), strict=True))


def _begun_in_range(context: QueryContext) -> InactivitySessions:
    query = context.query
    rows = fetch(
        context.session,
        select(
            cast(SessionRow.person_id, BigInteger), SessionRow.started_at, SessionRow.ended_at
        ).where(*started_in_range(query.project_id, query.time_range), SessionRow.by_inactivity),
        {"person": "bigint", "started": "instant", "ended": "instant"},
    )
    return InactivitySessions(rows["person"], rows["started"], rows["ended"])


def _begun_before(context: QueryContext, persons: list[int]) -> InactivitySessions:
    query = context.query
    statement = LAST_BEFORE.format(persons=":persons", project=":project", start=":start")
    parameters = {
        "persons": persons, "project": query.project_id, "start": query.time_range.start,
    }  # fmt: skip
    rows = np.array(
        [tuple(row) for row in context.session.execute(text(statement), parameters)], dtype=np.int64
    ).reshape(-1, 3)
    return InactivitySessions(rows[:, 0], rows[:, 1], rows[:, 2])
