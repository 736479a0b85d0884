"""Write sessions: the SQL. Its upsert combines rows in the same way as ``joining.join``."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from psycopg2.extensions import cursor as Cursor

from services.processor.sessions.joining import Session, SessionKey
from services.processor.storing.copy_format import NULL, copy, timestamp_text
from services.processor.storing.rows import Incoming, incoming, to_microseconds
from shared.events.buckets import BUCKET_SECONDS
from shared.events.envelope import Batch, Campaign, Event

_ATTRIBUTES = (
    *("sample_weight", "source", "referrer", "utm_source", "utm_medium", "utm_campaign"),
    *("country", "device_type", "browser", "os_name"),
)
COLUMNS = (
    *("project_id", "session_id", "person_id", "started_at", "ended_at", "first_event_id"),
    *("events", "pageviews", "entry_at", "entry_page", "exit_at", "exit_page", "by_inactivity"),
    "client_session_id",
    *_ATTRIBUTES,
)
# Where times are equal, what is stored comes first.
_IS_EARLIER = "n.started_at < s.started_at"
_INSERT = f"""
INSERT INTO sessions AS s ({", ".join(COLUMNS)})
SELECT {", ".join(f"n.{name}" for name in COLUMNS)} FROM session_staging n {{chosen}}
ORDER BY n.project_id, n.session_id COLLATE "C"
ON CONFLICT (project_id, session_id) DO UPDATE SET
    ended_at = greatest(s.ended_at, excluded.ended_at),
    events = s.events + excluded.events,
    pageviews = s.pageviews + excluded.pageviews,
    entry_page = CASE WHEN s.entry_at IS NULL OR excluded.entry_at < s.entry_at
        THEN excluded.entry_page ELSE s.entry_page END,
    entry_at = least(s.entry_at, excluded.entry_at),
    exit_page = CASE WHEN s.exit_at IS NULL OR excluded.exit_at >= s.exit_at
        THEN excluded.exit_page ELSE s.exit_page END,
    exit_at = greatest(s.exit_at, excluded.exit_at),
    started_at = least(s.started_at, excluded.started_at),
    {
    ", ".join(
        f"{name} = CASE WHEN {_IS_EARLIER} THEN excluded.{name} ELSE s.{name} END".replace(
            "n.", "excluded."
        )
        for name in ("first_event_id", "person_id", *_ATTRIBUTES)
    )
}
WHERE s.by_inactivity OR excluded.by_inactivity OR (s.person_id = excluded.person_id
    AND greatest(s.ended_at, excluded.ended_at) - least(s.started_at, excluded.started_at)
        <= interval '1 day' {{continues}})
RETURNING s.project_id, s.session_id, s.started_at, s.ended_at
"""  # noqa: S608 (constant names)
_WRITE = f"""
WITH written AS ({_INSERT})
SELECT DISTINCT n.project_id, CASE WHEN w.session_id IS NULL THEN n.session_id END,
    date_bin('15 minutes', w.started_at, 'epoch'), date_bin('15 minutes', w.ended_at, 'epoch')
FROM session_staging n LEFT JOIN written w USING (project_id, session_id)
WHERE w.session_id IS NULL OR n.started_at = w.started_at
"""  # noqa: S608 (constant names)
_UPSERT = _WRITE.format(chosen="", continues="")
# What comes before the start of a session may belong to an earlier one of the same id, and a
# person's sessions may go on beside a first one that was joined or deleted. That is decided under
# the lock: a condition on other rows would not see what another transaction has just committed.
# LATERAL and LIMIT: a look into the index for each session; NOT EXISTS would read the whole table.
_APPEND = _WRITE.format(
    chosen="""
    LEFT JOIN LATERAL (
        SELECT true AS is_there FROM sessions b
        WHERE b.project_id = n.project_id AND b.person_id = n.person_id
            AND b.client_session_id = n.session_id AND b.client_session_id IS NOT NULL LIMIT 1
    ) beside ON true
    WHERE beside.is_there IS NULL""",
    continues="AND excluded.started_at >= s.started_at",
)

_HALF_DAY = timedelta(hours=12)
Buckets = set[tuple[int, datetime]]
"""Project id and start of a quarter hour in which the number of session starts changed."""


def bucket_of(project_id: int, time_us: int) -> tuple[int, datetime]:
    """Return the quarter hour of a time in microseconds since 1970."""
    seconds = time_us // 1_000_000 // BUCKET_SECONDS * BUCKET_SECONDS
    return project_id, datetime.fromtimestamp(seconds, timezone.utc)


def pop_sessions(cursor: Cursor, keys: Iterable[SessionKey]) -> list[Session]:
    """Remove sessions (project id, session id), and return them."""
    ordered = sorted(keys)
    cursor.execute(
        "DELETE FROM sessions s USING unnest(%s::int[], %s::text[]) AS removed (of_project, id) "  # noqa: S608 (constant names)
        "WHERE s.project_id = of_project AND s.session_id = removed.id "
        f"RETURNING {', '.join(COLUMNS)}",
        ([project_id for project_id, _ in ordered], [session_id for _, session_id in ordered]),
    )
    return [session_of(row) for row in cursor.fetchall()]


def pop_inactivity_sessions(
    cursor: Cursor, project_id: int, person_id: int, max_sessions: int | None = None
) -> list[Session]:
    """Remove a person's sessions by inactivity, and return them to be joined again.

    Args:
        cursor: of a transaction that has called ``lock_projects``.
        project_id: the person's project.
        person_id: the person's number.
        max_sessions: the maximum number; None: all.
    """
    cursor.execute(
        "DELETE FROM sessions WHERE project_id = %s AND session_id IN ("  # noqa: S608 (constant names)
        "SELECT session_id FROM sessions WHERE project_id = %s AND person_id = %s "
        f"AND by_inactivity LIMIT %s) RETURNING {', '.join(COLUMNS)}",
        (project_id, project_id, person_id, max_sessions),
    )
    return [session_of(row) for row in cursor.fetchall()]


EVENT_COLUMNS = (
    "e.event_id, e.event_name, e.timestamp, e.distinct_id, e.person_id, e.session_id, "
    "e.source, e.page_url, e.referrer, e.country, e.device_type, e.browser, e.os_name, "
    "e.utm_source, e.utm_medium, e.utm_campaign, coalesce(e.sample_weight, 1)"
)
"""What ``read_events`` reads, of ``events e``."""


def read_events(
    cursor: Cursor, project_id: int
) -> tuple[list[Incoming], dict[tuple[int, str], int]]:
    """Return the events that a statement selected, as sessions need them, and their persons.

    The statement has to select them in the order of storing, ``id``.

    Args:
        cursor: after a statement that returned ``EVENT_COLUMNS``.
        project_id: their project.
    """
    batch = Batch(project_id, 0, [])
    items, persons = [], {}
    for event_id, name, at, distinct_id, person_id, session_id, *attributes in cursor:
        source, page, referrer, country, device, browser, system, *campaign, weight = attributes
        event = Event(
            uuid.UUID(event_id).bytes,
            name,
            to_microseconds(at),
            distinct_id,
            b"",
            session_id=session_id,
            source=source,
            page_url=page,
            referrer=referrer,
            country=country,
            device_type=device,
            browser=browser,
            os_name=system,
            campaign=Campaign(*campaign),
            sample_weight=weight,
        )
        items.append(incoming(event, batch))
        persons[project_id, distinct_id] = person_id
    return items, persons


def session_of(row: Sequence[Any]) -> Session:
    """Build a stored session from its columns, in the order of ``COLUMNS``."""
    fields = dict(zip(COLUMNS, row, strict=True))
    return Session(
        project_id=fields["project_id"],
        session_id=fields["session_id"],
        person_id=fields["person_id"],
        by_inactivity=fields["by_inactivity"],
        first=(
            to_microseconds(fields["started_at"]),
            uuid.UUID(str(fields["first_event_id"])).bytes,
        ),
        ended_at_us=to_microseconds(fields["ended_at"]),
        events=fields["events"],
        pageviews=fields["pageviews"],
        entry=_view(fields["entry_at"], fields["entry_page"]),
        exit=_view(fields["exit_at"], fields["exit_page"]),
        client_id=None
        if fields["by_inactivity"]
        else fields["client_session_id"] or fields["session_id"],
        first_event=None,
        attributes=tuple(fields[name] for name in _ATTRIBUTES),
    )


def _view(at: Any, page: str | None) -> tuple[int, str] | None:
    return None if at is None else (to_microseconds(at), page or "")


def upsert(cursor: Cursor, sessions: Sequence[Session]) -> tuple[Buckets, set[SessionKey]]:
    """Insert sessions, or add to the stored ones of their ids, without looking at others.

    Returns:
        Where session starts changed; and the sessions that were not stored: another person has
        the id, or the session would be longer than a day.
    """
    return _write(cursor, sessions, _UPSERT)


def append(cursor: Cursor, sessions: Sequence[Session]) -> tuple[Buckets, set[SessionKey]]:
    """Insert sessions that clients named, or add to stored ones, where that cannot be wrong.

    Args:
        cursor: of a transaction that has called ``lock_projects``; a shared lock is enough.
        sessions: of different keys.

    Returns:
        Where session starts changed; and the sessions that were not stored: another person has
        the id, the session would be longer than a day, it begins before the stored one, or the
        person has sessions of this id beside the first one.
    """
    return _write(cursor, sessions, _APPEND)


def _write(
    cursor: Cursor, sessions: Sequence[Session], statement: str
) -> tuple[Buckets, set[SessionKey]]:
    # COPY is several times as fast as VALUES, but it cannot upsert: hence the staging table.
    cursor.execute(
        "CREATE TEMPORARY TABLE IF NOT EXISTS session_staging (LIKE sessions)"
        " ON COMMIT DELETE ROWS;"
        "DELETE FROM session_staging"  # of an earlier call in this transaction
    )
    copy(cursor, "session_staging", ", ".join(COLUMNS), [_row(one) for one in sessions])
    cursor.execute(statement)
    changed: Buckets = set()
    refused = set()
    for project_id, session_id, start, end in cursor.fetchall():
        if session_id is not None:
            refused.add((project_id, session_id))
            continue
        # If a late event moved a session's start, its old start lies between the new one and its
        # end. Steps of half a day reach every local day in between.
        instant = start
        while instant < end:
            changed.add((project_id, instant))
            instant += _HALF_DAY
        changed.add((project_id, end))
    return changed, refused


def _row(session: Session) -> tuple[str, ...]:
    entry, last = session.entry, session.exit
    attributes = (
        session.attributes if session.first_event is None else attributes_of(session.first_event)
    )
    return (
        str(session.project_id),
        session.session_id,
        str(session.person_id),
        timestamp_text(session.first[0]),
        timestamp_text(session.ended_at_us),
        session.first[1].hex(),
        str(session.events),
        str(session.pageviews),
        NULL if entry is None else timestamp_text(entry[0]),
        NULL if entry is None else entry[1],
        NULL if last is None else timestamp_text(last[0]),
        NULL if last is None else last[1],
        "t" if session.by_inactivity else "f",
        NULL if session.client_id in {None, session.session_id} else str(session.client_id),
        *[NULL if value is None else str(value) for value in attributes],
    )


def attributes_of(item: Incoming) -> tuple[str | float | None, ...]:
    """Return the columns of a session that are those of its first event."""
    event = item.event
    campaign = event.campaign or Campaign()
    return (
        None if event.sample_weight == 1.0 else event.sample_weight,
        event.source,
        event.referrer,
        campaign.source,
        campaign.medium,
        campaign.name,
        event.country,
        event.device_type,
        event.browser,
        event.os_name,
    )
