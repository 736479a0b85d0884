"""The processor's SQL. Plain psycopg2: this is the path every event takes.

Every statement takes its rows sorted by key, so that processors that work at the same time wait
for each other instead of deadlocking.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from services.processor.rows import CountKey, EventKey, Incoming, moment

_EVENT_COLUMNS = (
    "project_id, event_id, event_name, timestamp, received_at, person_id, distinct_id, session_id, "
    "source, page_url, referrer, device_id, app_version, os_name, os_version, properties"
)
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def claim_in_ledger(cursor: Cursor, keys: Sequence[EventKey]) -> set[EventKey]:
    """Enter event ids, sorted, in the ledger; answers those that were not in it."""
    cursor.execute(
        """
        INSERT INTO event_ledger (project_id, event_id)
        SELECT * FROM unnest(%s::int[], %s::uuid[])
        ON CONFLICT DO NOTHING
        RETURNING project_id, event_id
        """,
        (
            f"{{{','.join(str(project_id) for project_id, _ in keys)}}}",
            f"{{{','.join(event_id.hex() for _, event_id in keys)}}}",
        ),
    )
    return {(project_id, uuid.UUID(event_id).bytes) for project_id, event_id in cursor.fetchall()}


def copy_events(
    cursor: Cursor, events: Iterable[Incoming], persons: Mapping[tuple[int, str], int]
) -> None:
    """Append events to their partitions."""
    lines = io.StringIO("".join(_line(item, persons[item.person_key]) for item in events))
    cursor.copy_expert(f"COPY events ({_EVENT_COLUMNS}) FROM STDIN", lines)


def add_counts(cursor: Cursor, counts: Sequence[tuple[CountKey, int]]) -> None:
    """Add to the additive rollups."""
    execute_values(
        cursor,
        """
        INSERT INTO event_counts (project_id, bucket, event_name, source, events) VALUES %s
        ON CONFLICT (project_id, bucket, event_name, source)
        DO UPDATE SET events = event_counts.events + excluded.events
        """,
        [(*key, events) for key, events in counts],
        page_size=1000,
    )


def known_persons(cursor: Cursor, keys: Sequence[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """The persons behind (project id, distinct id) pairs that are known already."""
    cursor.execute(
        """
        SELECT p.project_id, p.distinct_id, p.person_id
        FROM unnest(%s::int[], %s::text[]) AS wanted (project_id, distinct_id)
        JOIN person_distinct_ids p USING (project_id, distinct_id)
        """,
        ([project_id for project_id, _ in keys], [distinct_id for _, distinct_id in keys]),
    )
    return {(project_id, distinct_id): person for project_id, distinct_id, person in cursor}


def reserve_person_numbers(cursor: Cursor, project_id: int, count: int) -> range:
    """Person numbers of a project that nobody else gets."""
    cursor.execute(
        """
        INSERT INTO person_counters (project_id, last_person_id) VALUES (%s, %s)
        ON CONFLICT (project_id)
        DO UPDATE SET last_person_id = person_counters.last_person_id + excluded.last_person_id
        RETURNING last_person_id
        """,
        (project_id, count),
    )
    (last,) = cursor.fetchone() or (0,)
    return range(last - count + 1, last + 1)


def add_persons(
    cursor: Cursor, persons: Sequence[tuple[int, str, int]], now: datetime
) -> dict[tuple[int, str], int]:
    """Make persons (project id, distinct id, number); answers those that did not exist yet."""
    made = execute_values(
        cursor,
        """
        INSERT INTO person_distinct_ids (project_id, distinct_id, person_id) VALUES %s
        ON CONFLICT DO NOTHING
        RETURNING project_id, distinct_id, person_id
        """,
        persons,
        page_size=1000,
        fetch=True,
    )
    execute_values(
        cursor,
        "INSERT INTO persons (project_id, person_id, created_at) VALUES %s",
        [(project_id, person_id, now) for project_id, _, person_id in made],
        page_size=1000,
    )
    return {(project_id, distinct_id): person for project_id, distinct_id, person in made}


def add_dead_letter(
    cursor: Cursor,
    *,
    project_id: int,
    event_id: bytes,
    event_name: str | None,
    reason: str,
    detail: str,
    envelope: bytes,
) -> None:
    """Keep a refused event; once, however often it is refused."""
    if not claim_in_ledger(cursor, [(project_id, event_id)]):
        return
    cursor.execute(
        """
        INSERT INTO dead_letters (project_id, event_id, event_name, reason, detail, envelope)
        VALUES (%s, %s, %s, %s, %s, %s)
        """,
        (project_id, str(uuid.UUID(bytes=event_id)), event_name, reason, detail, envelope),
    )


def _line(item: Incoming, person_id: int) -> str:
    """One event in COPY's text format."""
    event, batch = item.event, item.batch
    return "\t".join(
        (
            str(batch.project_id),
            event.event_id.hex(),
            event.event_name.translate(_ESCAPES),
            moment(event.timestamp_us).isoformat(),
            moment(batch.received_at_us).isoformat(),
            str(person_id),
            event.distinct_id.translate(_ESCAPES),
            _text(event.session_id),
            _text(event.source),
            _text(event.page_url),
            _text(event.referrer),
            _text(event.device_id),
            _text(event.app_version),
            _text(event.os_name),
            _text(event.os_version),
            event.properties.decode().translate(_ESCAPES) + "\n",
        )
    )


def _text(value: str | None) -> str:
    return "\\N" if value is None else value.translate(_ESCAPES)
