"""List, show and discard dead letters."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Annotated, Any, NamedTuple

import msgspec
from psycopg2.extensions import connection as Connection

from services.processor.maintenance.operators import Operator, record
from shared.errors import NotFound
from shared.events.envelope import decode
from shared.responses import Doc, Timestamp
from shared.web.pagination import encode_cursor

_COLUMNS = "d.project_id, p.name, d.id, d.event_id, d.event_name, d.reason, d.detail, d.created_at"
_FROM = "FROM dead_letters d LEFT JOIN projects p ON p.id = d.project_id"
_MATCHING = """
    WHERE (%(project)s::int IS NULL OR d.project_id = %(project)s)
        AND (%(reason)s::text IS NULL OR d.reason = %(reason)s)
        AND (%(since)s::timestamptz IS NULL OR d.created_at >= %(since)s)
        AND (%(until)s::timestamptz IS NULL OR d.created_at < %(until)s)
"""


@dataclass(frozen=True, slots=True)
class DeadLetterResponse:
    """An event that could not be stored."""

    project_id: Annotated[int, Doc("0: what came could not be read, so its project is unknown.")]
    project: Annotated[str | None, Doc("Its name; null: unknown or deleted.")]
    id: int
    event_id: Annotated[str | None, Doc(format="uuid")]
    event_name: str | None
    reason: Annotated[str, Doc(example="refused_by_database")]
    detail: Annotated[str, Doc("What the database or the decoder said.")]
    created_at: Timestamp


@dataclass(frozen=True, slots=True)
class DeadLetterPage:
    """A page of dead letters, newest first."""

    items: list[DeadLetterResponse]
    total: Annotated[int, Doc("How many there are on all pages.")]
    next_cursor: Annotated[str | None, Doc("Cursor of the next page; null: the last one.")]


@dataclass(frozen=True, slots=True)
class DeadLetterDetail:
    """A dead letter with what was received."""

    dead_letter: DeadLetterResponse
    received_at: Annotated[Timestamp | None, Doc("Null: the envelope cannot be read.")]
    protocol: Annotated[str | None, Doc("Null: the envelope cannot be read.", example="native")]
    event: Annotated[
        dict[str, Any] | None,
        Doc("The event as it would have been stored; null: the envelope cannot be read."),
    ]
    envelope: Annotated[str, Doc("The entry of the stream, in base64.")]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which dead letters are meant; None: whatever it is."""

    project_id: int | None = None
    reason: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """Return the parameters of a statement with these conditions."""
        return {
            "project": self.project_id,
            "reason": self.reason,
            "since": self.since,
            "until": self.until,
        }


class _Row(NamedTuple):
    """A row of a statement with ``_COLUMNS``."""

    project_id: int
    project: str | None
    id: int
    event_id: uuid.UUID | str | None
    event_name: str | None
    reason: str
    detail: str
    created_at: datetime


def list_dead_letters(
    connection: Connection, selection: Selection, *, before_id: int | None, limit: int
) -> DeadLetterPage:
    """List dead letters of all projects, newest first. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {_FROM} {_MATCHING}", selection.parameters)
        (total,) = cursor.fetchone() or (0,)
        cursor.execute(
            f"SELECT {_COLUMNS} {_FROM} {_MATCHING} "
            "AND (%(before)s::bigint IS NULL OR d.id < %(before)s) "
            "ORDER BY d.id DESC LIMIT %(limit)s",
            {**selection.parameters, "before": before_id, "limit": limit + 1},
        )
        rows = cursor.fetchall()
    connection.commit()
    items = [_response(_Row(*row)) for row in rows[:limit]]
    next_cursor = encode_cursor(items[-1].id) if len(rows) > limit else None
    return DeadLetterPage(items, int(total), next_cursor)


def get_dead_letter(
    connection: Connection, project_id: int, dead_letter_id: int
) -> DeadLetterDetail:
    """Return a dead letter with its envelope. Commits.

    Raises:
        NotFound: it does not exist, or was replayed or discarded.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS}, d.envelope {_FROM} WHERE d.project_id = %s AND d.id = %s",
            (project_id, dead_letter_id),
        )
        row = cursor.fetchone()
    connection.commit()
    if row is None:
        raise NotFound(
            "There is no such dead letter any more. It was replayed, discarded or removed by the "
            "project's retention."
        )
    *columns, envelope = row
    return _detail(_response(_Row(*columns)), bytes(envelope))


def discard(connection: Connection, project_id: int, ids: Sequence[int], operator: Operator) -> int:
    """Delete dead letters for good; return how many. Commits.

    They stay counted as dead letters among the received events, and their event ids stay in the
    ledger: what is sent again under them is a duplicate.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM dead_letters WHERE project_id = %s AND id = ANY (%s)",
            (project_id, list(ids)),
        )
        discarded = cursor.rowcount
        if discarded:
            record(cursor, operator, "dead_letters.discarded", project_id, events=discarded)
    connection.commit()
    return discarded


def _response(row: _Row) -> DeadLetterResponse:
    return DeadLetterResponse(
        project_id=row.project_id,
        project=row.project,
        id=row.id,
        event_id=str(row.event_id) if row.event_id else None,
        event_name=row.event_name,
        reason=row.reason,
        detail=row.detail,
        created_at=row.created_at.isoformat(),
    )


def _detail(dead_letter: DeadLetterResponse, envelope: bytes) -> DeadLetterDetail:
    raw = base64.b64encode(envelope).decode()
    try:
        batch = decode(envelope)
        [event] = batch.events
        received_at = datetime.fromtimestamp(batch.received_at_us / 1e6, timezone.utc).isoformat()
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError, OverflowError, OSError):
        return DeadLetterDetail(dead_letter, None, None, None, raw)
    fields = {
        name: _readable(getattr(event, name))
        for name in type(event).__struct_fields__
        if getattr(event, name) not in (None, b"")
    }
    fields["event_id"] = str(uuid.UUID(bytes=event.event_id)) if len(event.event_id) == 16 else None
    return DeadLetterDetail(dead_letter, received_at, batch.protocol, fields, raw)


def _readable(value: Any) -> Any:
    """Return a value of an envelope as JSON can say it; bytes are JSON, or what is left of it."""
    if isinstance(value, msgspec.Struct):
        return {
            name: _readable(getattr(value, name))
            for name in type(value).__struct_fields__
            if getattr(value, name) not in (None, b"", ())
        }
    if isinstance(value, bytes):
        try:
            return msgspec.json.decode(value)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return value.decode(errors="replace")
    return value
