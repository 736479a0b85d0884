"""Take messages that are due, and record how sending them went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg2.extensions import connection as Connection
from psycopg2.extras import Json

from services.processor.delivery.result import Failed, Result
from shared.auth.first_owner import first_owner_sql

LEASE = timedelta(minutes=5)
"""A sender that has not recorded a result for so long was killed, and the message is sent again."""
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 300, 600))
"""After each failed attempt; after the last one the message is given up, 18 hours later."""
MAX_ATTEMPTS = len(PAUSES) + 1
_MAX_PROJECTS_PER_OWNER = 3
_MAX_PER_PROJECT = 32
_MAX_PER_CHANNEL = 4
_MAX_ERROR_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel as it is stored."""

    kind: str
    settings: dict[str, Any]
    secrets: str | None
    is_enabled: bool


@dataclass(frozen=True, slots=True)
class DueDelivery:
    """A message that this process may send."""

    project_id: int
    id: int
    channel_id: int
    key: str
    kind: str
    payload: dict[str, Any]
    attempts: int
    """With the one that is being made."""
    created_at: datetime
    channel: Channel | None
    """None: the channel was deleted, or the mail has its own recipient."""
    content_id: int | None = None
    """Of what the mail has in common with others; ``payload`` has it, too."""

    @property
    def delivered(self) -> list[str]:
        """The recipients that have it from an earlier attempt, while others were refused."""
        found: list[str] = self.payload.get("delivered", [])
        return found


def take_due(connection: Connection) -> list[DueDelivery]:
    """Take messages that are due: of every owner, project and channel some. Commits.

    Owners take turns: a receiver that hangs costs 15 s, and one account may have many projects with
    many channels to such receivers. What was taken is due again after the lease. No two processes
    take the same.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH due AS (
                SELECT project_id, min(next_attempt_at) AS since FROM deliveries
                WHERE state IN ('waiting', 'failed') AND next_attempt_at <= now()
                GROUP BY project_id
            ), owned AS (
                SELECT due.*, coalesce({first_owner_sql("due.project_id")}, -project_id) AS owner
                FROM due
            ), turns AS (
                SELECT project_id, since,
                    row_number() OVER (PARTITION BY owner ORDER BY since, project_id) AS turn
                FROM owned
            )
            SELECT project_id FROM turns WHERE turn <= %s ORDER BY turn, since, project_id
            """,  # noqa: S608 (ours)
            (_MAX_PROJECTS_PER_OWNER,),
        )
        projects = [project_id for (project_id,) in cursor.fetchall()]
        taken = [one for project_id in projects for one in _take(cursor, project_id)]
    connection.commit()
    return taken


def correct_times(connection: Connection) -> None:
    """Make due what would wait longer than any pause: a clock that was ahead said when. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE deliveries SET next_attempt_at = now() "
            "WHERE state IN ('waiting', 'failed') AND next_attempt_at > now() + %s",
            (PAUSES[-1] + LEASE,),
        )
    connection.commit()


def _take(cursor: Any, project_id: int) -> list[DueDelivery]:
    cursor.execute(
        """
        WITH due AS (
            SELECT id FROM (
                SELECT id, row_number() OVER (PARTITION BY channel_id ORDER BY id) AS position
                FROM deliveries
                WHERE project_id = %(project)s AND state IN ('waiting', 'failed')
                    AND next_attempt_at <= now()
            ) ranked
            WHERE position <= %(per_channel)s ORDER BY id LIMIT %(limit)s
        ), taken AS (
            SELECT d.id FROM deliveries d JOIN due USING (id)
            WHERE d.project_id = %(project)s AND d.state IN ('waiting', 'failed')
                AND d.next_attempt_at <= now()
            FOR UPDATE OF d SKIP LOCKED
        ), leased AS (
            UPDATE deliveries d SET attempts = attempts + 1, next_attempt_at = now() + %(lease)s
            FROM taken WHERE d.project_id = %(project)s AND d.id = taken.id
            RETURNING d.id, d.channel_id, d.idempotency_key, d.kind, d.payload, d.attempts,
                d.created_at, d.content_id
        )
        SELECT leased.*, c.kind, c.settings, c.secrets, c.is_enabled
        FROM leased LEFT JOIN channels c
            ON c.project_id = %(project)s AND c.id = leased.channel_id
        ORDER BY leased.id
        """,
        {
            "project": project_id,
            "per_channel": _MAX_PER_CHANNEL,
            "limit": _MAX_PER_PROJECT,
            "lease": LEASE,
        },
    )
    rows = cursor.fetchall()
    contents = _contents(cursor, project_id, {row[7] for row in rows} - {None})
    return [
        DueDelivery(
            project_id=project_id,
            id=row[0],
            channel_id=row[1],
            key=row[2],
            kind=row[3],
            payload={**contents.get(row[7], {}), **row[4]},
            attempts=row[5],
            created_at=row[6],
            channel=None if row[8] is None else Channel(*row[8:]),
            content_id=row[7],
        )
        for row in rows
    ]


def _contents(cursor: Any, project_id: int, ids: set[int]) -> dict[int | None, dict[str, Any]]:
    """Return what mails have in common, each once, however many are due."""
    if not ids:
        return {}
    cursor.execute(
        "SELECT id, payload FROM delivery_contents WHERE project_id = %s AND id = ANY (%s)",
        (project_id, list(ids)),
    )
    return dict(cursor.fetchall())


def record(connection: Connection, delivery: DueDelivery, result: Result) -> str:
    """Record how an attempt ended; return the new state. Commits.

    A message that was sent stays so, also if another process took it after the lease had run out;
    its failure in the meantime does not count.
    """
    pause = _pause(delivery, result)
    failed = result if isinstance(result, Failed) else None
    state = "sent" if failed is None else "given_up" if pause is None else "failed"
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE deliveries SET state = %(state)s, last_error = coalesce(%(error)s, last_error),
                error_code = coalesce(%(code)s, error_code),
                error_detail = coalesce(%(detail)s, error_detail),
                sent_at = CASE WHEN %(state)s = 'sent' THEN now() END,
                next_attempt_at = now() + coalesce(%(pause)s, interval '0'),
                payload = CASE WHEN %(state)s = 'failed' THEN payload
                    ELSE payload - 'attachments' - 'html' END || %(delivered)s
            WHERE project_id = %(project)s AND id = %(id)s AND state IN ('waiting', 'failed')
                AND (attempts = %(attempts)s OR %(state)s = 'sent')
            """,
            {
                "state": state,
                "error": failed and failed.reason[:_MAX_ERROR_CHARACTERS],
                "code": failed and failed.code.value,
                "detail": failed and failed.detail[:_MAX_ERROR_CHARACTERS],
                "pause": pause,
                "delivered": Json(_delivered(delivery, failed)),
                "project": delivery.project_id,
                "id": delivery.id,
                "attempts": delivery.attempts,
            },
        )
        if delivery.content_id is not None and state != "failed":
            cursor.execute(
                "DELETE FROM delivery_contents c WHERE project_id = %s AND id = %s"
                " AND NOT EXISTS (SELECT FROM deliveries d WHERE d.project_id = c.project_id"
                " AND d.content_id = c.id AND d.state IN ('waiting', 'failed'))",
                (delivery.project_id, delivery.content_id),
            )
    connection.commit()
    return state


def _delivered(delivery: DueDelivery, failed: Failed | None) -> dict[str, list[str]]:
    """Return what is kept of a mail that only some of its recipients have."""
    if failed is None or not failed.delivered:
        return {}
    return {"delivered": [*delivery.delivered, *failed.delivered]}


def _pause(delivery: DueDelivery, result: Result) -> timedelta | None:
    """Return how long to wait before the next attempt; None: there is none."""
    if not isinstance(result, Failed) or result.is_final or delivery.kind == "test":
        return None
    if delivery.attempts >= MAX_ATTEMPTS:
        return None
    return max(PAUSES[delivery.attempts - 1], result.retry_after or timedelta(0))


def prune(connection: Connection, days: int) -> int:
    """Delete messages that were sent or given up so many days ago; return how many. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM deliveries WHERE state IN ('sent', 'given_up') "
            "AND next_attempt_at < now() - %s * interval '1 day'",
            (days,),
        )
        deleted = cursor.rowcount
        # Of mails that two senders finished at the same moment, neither of which saw the other.
        cursor.execute(
            "DELETE FROM delivery_contents c WHERE created_at < now() - interval '1 day'"
            " AND NOT EXISTS (SELECT FROM deliveries d WHERE d.project_id = c.project_id"
            " AND d.content_id = c.id AND d.state IN ('waiting', 'failed'))"
        )
    connection.commit()
    return deleted
