"""Write events, counts, the ledger and dead letters: the SQL of the hot path.

It is plain psycopg2, because every event passes through it. Every statement takes its rows sorted
by key, so that processors that work at the same time wait for each other instead of deadlocking.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
from psycopg2.errors import UniqueViolation
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from services.processor.storing.copy_format import NULL, copy, copy_lines, timestamp_text
from services.processor.storing.rows import CountKey, EventKey, Incoming, OutcomeKey, WarningKey
from shared.events.envelope import Campaign, Event, KeyKind

_EVENT_COLUMNS = (
    "project_id, received_at, person_id, event_id, event_name, timestamp, distinct_id, session_id, "
    "source, page_url, referrer, device_id, app_version, os_name, os_version, browser, "
    "device_type, country, region, city, utm_source, utm_medium, utm_campaign, utm_term, "
    "utm_content, community_id, division_id, ip, sample_weight, groups, properties"
)


def claim_in_ledger(
    cursor: Cursor, keys: Sequence[EventKey], received_at_us: Sequence[int]
) -> set[EventKey]:
    """Enter ids, sorted, in the ledger; return those that were in it before.

    Public and secret keys have separate id spaces. An id of unknown kind counts for both.

    Args:
        cursor: of the transaction that stores the rows of the ids.
        keys: of events or of requests; each once.
        received_at_us: when each was received, in microseconds since 1970.
    """
    cursor.execute(
        """
        WITH wanted AS MATERIALIZED (
            SELECT * FROM unnest(%s::int[], %s::uuid[], %s::bigint[], %s::boolean[])
                AS wanted (project_id, event_id, us, by_secret_key)
        ), claimed AS (
            INSERT INTO event_ledger (project_id, event_id, received_at, by_secret_key)
            SELECT project_id, event_id, 'epoch'::timestamptz + us * interval '1 microsecond',
                by_secret_key
            FROM wanted
            ON CONFLICT DO NOTHING
            RETURNING project_id, event_id, by_secret_key
        )
        SELECT project_id, event_id, by_secret_key FROM wanted
        EXCEPT ALL SELECT project_id, event_id, by_secret_key FROM claimed
        """,
        (
            f"{{{','.join([str(project_id) for project_id, _, _ in keys])}}}",
            f"{{{','.join([event_id.hex() for _, event_id, _ in keys])}}}",
            f"{{{','.join(map(str, received_at_us))}}}",
            f"{{{','.join([_BY_SECRET_KEY[kind] for _, _, kind in keys])}}}",
        ),
    )
    known = {
        (project_id, uuid.UUID(event_id).bytes, _KINDS[by_secret_key])
        for project_id, event_id, by_secret_key in cursor
    }
    if not known:
        return known
    times = dict(zip(keys, received_at_us, strict=True))
    return known - _claim_beside_other_kind(cursor, {key: times[key] for key in known})


def enter_new_in_ledger(
    cursor: Cursor, keys: Sequence[EventKey], received_at_us: Sequence[int]
) -> bool:
    """Enter ids of which the ledger probably knows none; enter none if it knows any.

    COPY costs PostgreSQL little more than half of what ``claim_in_ledger`` does, but it stops at
    the first id that is known.

    Args:
        cursor: of the transaction that stores the rows of the ids.
        keys: of events, sorted; each once.
        received_at_us: when each was received, in microseconds since 1970.

    Returns:
        Whether the ids were entered.
    """
    rows = [
        (str(project_id), event_id.hex(), timestamp_text(us), _COPIED_BY_SECRET_KEY[kind])
        for (project_id, event_id, kind), us in zip(keys, received_at_us, strict=True)
    ]
    return copy_new_into_ledger(cursor, "project_id, event_id, received_at, by_secret_key", rows)


def copy_new_into_ledger(cursor: Cursor, columns: str, rows: Sequence[tuple[str, ...]]) -> bool:
    """Copy rows into the ledger, or none if it knows the id of any; return whether it did."""
    cursor.execute("SAVEPOINT ledger")
    try:
        copy(cursor, "event_ledger", columns, rows)
    except UniqueViolation:
        cursor.execute("ROLLBACK TO SAVEPOINT ledger; RELEASE SAVEPOINT ledger")
        return False
    cursor.execute("RELEASE SAVEPOINT ledger")
    return True


_BY_SECRET_KEY: dict[KeyKind, str] = {"public": "f", "secret": "t", "unknown": "NULL"}
_COPIED_BY_SECRET_KEY = _BY_SECRET_KEY | {"unknown": NULL}
_KINDS: dict[bool | None, KeyKind] = {False: "public", True: "secret", None: "unknown"}


def _claim_beside_other_kind(
    cursor: Cursor, received_at_us: Mapping[EventKey, int]
) -> set[EventKey]:
    """Claim ids that only the other kind of key has used; return them."""
    keys = sorted(key for key in received_at_us if key[2] != "unknown")
    if not keys:
        return set()
    cursor.execute(
        """
        WITH free AS MATERIALIZED (
            SELECT l.project_id, l.event_id, wanted.us
            FROM unnest(%s::int[], %s::uuid[], %s::bigint[], %s::boolean[])
                AS wanted (project_id, event_id, us, by_secret_key)
            JOIN event_ledger l USING (project_id, event_id)
            WHERE l.by_secret_key <> wanted.by_secret_key AND l.other_received_at IS NULL
            ORDER BY 1, 2 FOR NO KEY UPDATE OF l
        )
        UPDATE event_ledger l
        SET other_received_at = 'epoch'::timestamptz + free.us * interval '1 microsecond'
        FROM free WHERE l.project_id = free.project_id AND l.event_id = free.event_id
        RETURNING l.project_id, l.event_id, NOT l.by_secret_key
        """,
        (
            [project_id for project_id, _, _ in keys],
            [event_id.hex() for _, event_id, _ in keys],
            [received_at_us[key] for key in keys],
            [kind == "secret" for _, _, kind in keys],
        ),
    )
    return {
        (project_id, uuid.UUID(event_id).bytes, _KINDS[by_secret_key])
        for project_id, event_id, by_secret_key in cursor
    }


def release_in_ledger(cursor: Cursor, keys: Iterable[EventKey]) -> None:
    """Remove ids from the ledger, so that events with them are stored again.

    What the other kind of key has claimed stays.
    """
    ids: dict[KeyKind, list[tuple[int, bytes]]] = {}
    for project_id, event_id, kind in sorted(keys):
        ids.setdefault(kind, []).append((project_id, event_id))
    # One kind after the other: a single UPDATE would release only one kind of an id of both.
    for kind in sorted(ids):
        _release_of_kind(cursor, kind, ids[kind])


def _release_of_kind(cursor: Cursor, kind: KeyKind, ids: Sequence[tuple[int, bytes]]) -> None:
    parameters = {
        "projects": [project_id for project_id, _ in ids],
        "ids": [event_id.hex() for _, event_id in ids],
        "by_secret": None if kind == "unknown" else kind == "secret",
    }
    cursor.execute(
        """
        DELETE FROM event_ledger l
        USING unnest(%(projects)s::int[], %(ids)s::uuid[]) AS r (project_id, event_id)
        WHERE l.project_id = r.project_id AND l.event_id = r.event_id
            AND l.other_received_at IS NULL
            AND (l.by_secret_key IS NULL OR l.by_secret_key = %(by_secret)s::boolean)
        """,
        parameters,
    )
    if kind == "unknown":
        return
    cursor.execute(
        """
        UPDATE event_ledger l SET by_secret_key = NOT %(by_secret)s, other_received_at = NULL,
            received_at = CASE WHEN l.by_secret_key = %(by_secret)s
                THEN l.other_received_at ELSE l.received_at END
        FROM unnest(%(projects)s::int[], %(ids)s::uuid[]) AS r (project_id, event_id)
        WHERE l.project_id = r.project_id AND l.event_id = r.event_id
            AND l.other_received_at IS NOT NULL
        """,
        parameters,
    )


def first_receipts(cursor: Cursor, keys: Sequence[EventKey]) -> dict[EventKey, datetime]:
    """Return when the events that the ledger knows were first received."""
    cursor.execute(
        """
        SELECT l.project_id, l.event_id, wanted.by_secret_key,
            CASE WHEN l.by_secret_key <> wanted.by_secret_key
                THEN l.other_received_at ELSE l.received_at END
        FROM unnest(%s::int[], %s::uuid[], %s::boolean[])
            AS wanted (project_id, event_id, by_secret_key)
        JOIN event_ledger l USING (project_id, event_id)
        """,
        (
            [project_id for project_id, _, _ in keys],
            [event_id.hex() for _, event_id, _ in keys],
            [None if kind == "unknown" else kind == "secret" for _, _, kind in keys],
        ),
    )
    return {
        (project_id, uuid.UUID(event_id).bytes, _KINDS[by_secret_key]): received_at
        for project_id, event_id, by_secret_key, received_at in cursor
    }


def add_outcome_counts(
    cursor: Cursor,
    counts: Mapping[OutcomeKey, int],
    waits: Mapping[OutcomeKey, tuple[int, int]] | None = None,
    *,
    imported: bool = False,
) -> None:
    """Add to the counts of received events by outcome.

    Args:
        cursor: of the transaction that decides the outcome.
        counts: events by project, quarter hour of receipt and outcome.
        waits: of the same keys, sum and longest of the milliseconds from receipt to storing.
        imported: whether an import brought the events: quotas of clients do not count them.
    """
    keys = sorted(counts)
    waited = [(waits or {}).get(key, (None, None)) for key in keys]
    cursor.execute(
        """
        INSERT INTO intake_counts AS old
            (project_id, bucket, outcome, events, waited_ms, max_wait_ms, imported)
        SELECT *, CASE WHEN %s THEN events ELSE 0 END
        FROM unnest(%s::int[], %s::timestamptz[], %s::text[], %s::bigint[],
            %s::bigint[], %s::bigint[])
            AS new (project_id, bucket, outcome, events, waited_ms, max_wait_ms)
        ON CONFLICT (project_id, bucket, outcome) DO UPDATE SET
            events = old.events + excluded.events,
            imported = old.imported + excluded.imported,
            waited_ms = coalesce(
                old.waited_ms + excluded.waited_ms, excluded.waited_ms, old.waited_ms),
            max_wait_ms = greatest(old.max_wait_ms, excluded.max_wait_ms)
        """,
        (imported, *_columns(keys, 3), [counts[key] for key in keys], *_columns(waited, 2)),
    )


def add_warnings(cursor: Cursor, warnings: Mapping[WarningKey, tuple[int, str, datetime]]) -> None:
    """Add to the warnings of a day: number of events, last detail, last time."""
    execute_values(
        cursor,
        """
        INSERT INTO intake_warnings
            (project_id, day, reason, event_name, events, detail, last_seen) VALUES %s
        ON CONFLICT (project_id, day, reason, event_name) DO UPDATE SET
            events = intake_warnings.events + excluded.events,
            detail = excluded.detail,
            last_seen = greatest(intake_warnings.last_seen, excluded.last_seen)
        """,
        [(*key, *value) for key, value in sorted(warnings.items())],
        page_size=1000,
    )


def copy_events(
    cursor: Cursor, events: Iterable[Incoming], persons: Mapping[tuple[int, str], int]
) -> None:
    """Append events to their partitions."""
    rows = [
        (
            str(item.batch.project_id),
            timestamp_text(item.batch.received_at_us),
            str(persons[item.person_key]),
            *row_of(item.event),
        )
        for item in events
    ]
    copy(cursor, "events", _EVENT_COLUMNS, rows)


def copy_event_lines(
    cursor: Cursor,
    project_id: int,
    received_at_us: int,
    lines: Iterable[tuple[int, bytes]],
) -> None:
    """Append events of a project to their partitions, received at a time.

    Args:
        cursor: of the transaction.
        project_id: the project.
        received_at_us: in microseconds since 1970.
        lines: the person's number and the line of what ``row_of`` returns, of each.
    """
    start = f"{project_id}\t{timestamp_text(received_at_us)}\t".encode()
    rows = [b"%s%d\t%s\n" % (start, person_id, line) for person_id, line in lines]
    copy_lines(cursor, "events", _EVENT_COLUMNS, b"".join(rows))


def add_counts(cursor: Cursor, counts: Sequence[tuple[CountKey, int]]) -> None:
    """Add to the additive rollups."""
    cursor.execute(
        """
        INSERT INTO event_counts (project_id, bucket, event_name, source, events)
        SELECT * FROM unnest(%s::int[], %s::timestamptz[], %s::text[], %s::text[], %s::bigint[])
        ON CONFLICT (project_id, bucket, event_name, source)
        DO UPDATE SET events = event_counts.events + excluded.events
        """,
        (*_columns([key for key, _ in counts], 4), [events for _, events in counts]),
    )


def _columns(rows: Sequence[tuple[object, ...]], width: int) -> list[list[object]]:
    """Transpose rows: PostgreSQL unnests arrays faster than Python writes rows."""
    return [[row[position] for row in rows] for position in range(width)]


def add_dead_letter(
    cursor: Cursor,
    key: EventKey,
    *,
    event_name: str | None,
    reason: str,
    detail: str,
    envelope: bytes,
    received_at_us: int,
) -> bool:
    """Store a refused event once, however often it is refused; return whether it is new."""
    if claim_in_ledger(cursor, [key], [received_at_us]):
        return False
    project_id, event_id, _ = key
    cursor.execute(
        """
        INSERT INTO dead_letters (project_id, event_id, event_name, reason, detail, envelope)
        VALUES (%s, %s, %s, %s, %s, %s)
        """,
        (project_id, str(uuid.UUID(bytes=event_id)), event_name, reason, detail, envelope),
    )
    return True


def row_of(event: Event) -> tuple[str, ...]:
    """Return what an event says of itself, in the order of ``_EVENT_COLUMNS`` from its id on."""
    return (
        event.event_id.hex(),
        event.event_name,
        timestamp_text(event.timestamp_us),
        event.distinct_id,
        NULL if event.session_id is None else event.session_id,
        NULL if event.source is None else event.source,
        NULL if event.page_url is None else event.page_url,
        NULL if event.referrer is None else event.referrer,
        NULL if event.device_id is None else event.device_id,
        NULL if event.app_version is None else event.app_version,
        NULL if event.os_name is None else event.os_name,
        NULL if event.os_version is None else event.os_version,
        NULL if event.browser is None else event.browser,
        NULL if event.device_type is None else event.device_type,
        NULL if event.country is None else event.country,
        NULL if event.region is None else event.region,
        NULL if event.city is None else event.city,
        *(_NO_CAMPAIGN if event.campaign is None else _campaign(event.campaign)),
        NULL if event.community_id is None else event.community_id,
        NULL if event.division_id is None else event.division_id,
        NULL if event.ip is None else event.ip,
        NULL if event.sample_weight == 1.0 else repr(event.sample_weight),
        NULL if event.groups is None else msgspec.json.encode(event.groups).decode(),
        event.properties.decode(),
    )


_NO_CAMPAIGN = (NULL,) * 5


def _campaign(campaign: Campaign) -> tuple[str, ...]:
    parts = (campaign.source, campaign.medium, campaign.name, campaign.term, campaign.content)
    return tuple([NULL if part is None else part for part in parts])
