"""The processor's SQL. Plain psycopg2: this is the path every event takes.

Every statement takes its rows sorted by key, so that processors that work at the same time wait
for each other instead of deadlocking.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from services.processor.rows import (
    CountKey,
    EventKey,
    Incoming,
    IntakeKey,
    WarningKey,
    moment,
)
from shared.envelope import Campaign

_EVENT_COLUMNS = (
    "project_id, event_id, event_name, timestamp, received_at, person_id, distinct_id, session_id, "
    "source, page_url, referrer, device_id, app_version, os_name, os_version, browser, "
    "device_type, country, region, city, utm_source, utm_medium, utm_campaign, utm_term, "
    "utm_content, community_id, division_id, ip, sample_weight, groups, properties"
)
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def claim_in_ledger(
    cursor: Cursor, keys: Sequence[EventKey], received_at_us: Sequence[int]
) -> set[EventKey]:
    """Enter ids, sorted, in the ledger; answers those that were not in it.

    Args:
        cursor: of the transaction that stores what the ids stand for.
        keys: project ids and event ids, or batch ids.
        received_at_us: when the request of each came, in microseconds since 1970.
    """
    cursor.execute(
        """
        INSERT INTO event_ledger (project_id, event_id, received_at)
        SELECT project_id, event_id, 'epoch'::timestamptz + us * interval '1 microsecond'
        FROM unnest(%s::int[], %s::uuid[], %s::bigint[]) AS new (project_id, event_id, us)
        ON CONFLICT DO NOTHING
        RETURNING project_id, event_id
        """,
        (
            f"{{{','.join(str(project_id) for project_id, _ in keys)}}}",
            f"{{{','.join(event_id.hex() for _, event_id in keys)}}}",
            f"{{{','.join(map(str, received_at_us))}}}",
        ),
    )
    return {(project_id, uuid.UUID(event_id).bytes) for project_id, event_id in cursor.fetchall()}


def first_receipts(cursor: Cursor, keys: Sequence[EventKey]) -> dict[EventKey, datetime]:
    """When the events that the ledger knows were first received."""
    cursor.execute(
        """
        SELECT l.project_id, l.event_id, l.received_at
        FROM unnest(%s::int[], %s::uuid[]) AS wanted (project_id, event_id)
        JOIN event_ledger l USING (project_id, event_id)
        """,
        ([project_id for project_id, _ in keys], [event_id.hex() for _, event_id in keys]),
    )
    return {
        (project_id, uuid.UUID(event_id).bytes): received_at
        for project_id, event_id, received_at in cursor
    }


def add_intake(cursor: Cursor, counts: Mapping[IntakeKey, int]) -> None:
    """Add to what became of received events."""
    execute_values(
        cursor,
        """
        INSERT INTO intake_counts (project_id, bucket, outcome, events) VALUES %s
        ON CONFLICT (project_id, bucket, outcome)
        DO UPDATE SET events = intake_counts.events + excluded.events
        """,
        [(*key, events) for key, events in sorted(counts.items())],
        page_size=1000,
    )


def add_warnings(cursor: Cursor, warnings: Mapping[WarningKey, tuple[int, str, datetime]]) -> None:
    """Add to the warnings of a day: how many events, what was said last, and when."""
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


def add_dead_letter(
    cursor: Cursor,
    *,
    project_id: int,
    event_id: bytes,
    event_name: str | None,
    reason: str,
    detail: str,
    envelope: bytes,
    received_at_us: int,
) -> bool:
    """Keep a refused event; once, however often it is refused. Answers whether it was new."""
    if not claim_in_ledger(cursor, [(project_id, event_id)], [received_at_us]):
        return False
    cursor.execute(
        """
        INSERT INTO dead_letters (project_id, event_id, event_name, reason, detail, envelope)
        VALUES (%s, %s, %s, %s, %s, %s)
        """,
        (project_id, str(uuid.UUID(bytes=event_id)), event_name, reason, detail, envelope),
    )
    return True


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
            _text(event.browser),
            _text(event.device_type),
            _text(event.country),
            _text(event.region),
            _text(event.city),
            _campaign(event.campaign),
            _text(event.community_id),
            _text(event.division_id),
            _text(event.ip),
            "\\N" if event.sample_weight == 1.0 else repr(event.sample_weight),
            _groups(event.groups),
            event.properties.decode().translate(_ESCAPES) + "\n",
        )
    )


_NO_CAMPAIGN = "\t".join(["\\N"] * 5)


def _campaign(campaign: Campaign | None) -> str:
    if campaign is None:
        return _NO_CAMPAIGN
    parts = (campaign.source, campaign.medium, campaign.name, campaign.term, campaign.content)
    return "\t".join(map(_text, parts))


def _groups(groups: dict[str, str] | None) -> str:
    return "\\N" if groups is None else msgspec.json.encode(groups).decode().translate(_ESCAPES)


def _text(value: str | None) -> str:
    return "\\N" if value is None else value.translate(_ESCAPES)
