"""The outbox: messages are ordered in the transaction of what they tell of, and sent afterwards.

So a message is sent if and only if its cause was committed, and a worker that is killed in between
loses none. The key of a message keeps a cause that is found twice from being told twice.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, nullcontext

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import Json, execute_values
from redis import Redis

from services.processor.delivery.message import Message, Personal
from shared.channels.recipients import is_mail_address
from shared.runtime.job_queue import JobQueue, job_queue
from shared.runtime.job_queue import enqueue as enqueue_job

SEND = "services.processor.jobs.tasks.send_deliveries"
NO_CHANNEL = 0
"""Stands for a channel in mails to one address."""
_KEY = re.compile(r"[A-Za-z0-9_:+-]{1,200}")


def enqueue(
    connection: Connection | Cursor,
    project_id: int,
    channel_ids: Collection[int],
    message: Message,
    key: str,
) -> int:
    """Order a message for channels, in the caller's transaction; return how many are new.

    Args:
        connection: the caller's, or its cursor; nothing is committed. Call ``wake`` afterwards.
        project_id: the project of the channels.
        channel_ids: those that the project does not have are given up when they are due.
        message: the message.
        key: the idempotency key: a message with a known key is not ordered again for a channel.
            Receivers of webhooks find it as ``webhook-id``.

    Raises:
        ValueError: the key has characters that no ``webhook-id`` may have.
    """
    if not _KEY.fullmatch(key):
        raise ValueError(f"{key!r} is no key: use up to 200 letters, digits and _ : + -")
    payload = Json(message.to_payload())
    rows = [(project_id, channel, key, message.kind, payload, None) for channel in set(channel_ids)]
    return _insert(connection, rows) if rows else 0


def enqueue_mails(
    connection: Connection | Cursor,
    project_id: int,
    message: Message,
    recipients: Sequence[Personal],
    key: str,
) -> int:
    """Order a mail for each recipient, which are no channels; return how many are new.

    What they have in common is stored once.

    Args:
        connection: as for ``enqueue``.
        project_id: the project that the mails are about.
        message: the message, with ``PERSONAL_MARK`` where the lines of the recipient stand.
        recipients: their addresses, each with its lines and link.
        key: the idempotency key, for each address.

    Raises:
        ValueError: no mail can be sent to an address, or the key has other characters.
    """
    if not all(is_mail_address(one.address) for one in recipients):
        raise ValueError("an address is not one that mail can be sent to")
    if not _KEY.fullmatch(key):
        raise ValueError(f"{key!r} is no key: use up to 200 letters, digits and _ : + -")
    if not recipients:
        return 0
    with _cursor_of(connection) as cursor:
        cursor.execute(
            "INSERT INTO delivery_contents (project_id, payload) VALUES (%s, %s) RETURNING id",
            (project_id, Json(message.to_payload())),
        )
        (content_id,) = cursor.fetchone() or (0,)
        rows = [
            (project_id, NO_CHANNEL, _key_of(key, one), message.kind, Json(one.to_payload()),
             content_id)
            for one in recipients
        ]  # fmt: skip
        new = _insert(cursor, rows)
        if not new:
            cursor.execute(
                "DELETE FROM delivery_contents WHERE project_id = %s AND id = %s",
                (project_id, content_id),
            )
    return new


def _key_of(key: str, recipient: Personal) -> str:
    digest = hashlib.sha256(recipient.address.lower().encode()).hexdigest()[:16]
    return f"{key}:{digest}"


def wake(redis: Redis) -> None:
    """Have what was ordered sent at once. Call it after the COMMIT; the schedule does it, too.

    A job that waits in the queue already will find what was committed before.
    """
    if not job_queue(redis, JobQueue.DELIVERIES).count:
        enqueue_job(redis, SEND)


def _insert(
    connection: Connection | Cursor, rows: Sequence[tuple[int, int, str, str, Json, int | None]]
) -> int:
    with _cursor_of(connection) as cursor:
        new = execute_values(
            cursor,
            "INSERT INTO deliveries "
            "(project_id, channel_id, idempotency_key, kind, payload, content_id) "
            "VALUES %s ON CONFLICT (project_id, channel_id, idempotency_key) DO NOTHING "
            "RETURNING id",
            rows,
            fetch=True,
        )
    return len(new)


def _cursor_of(connection: Connection | Cursor) -> AbstractContextManager[Cursor]:
    return nullcontext(connection) if isinstance(connection, Cursor) else connection.cursor()
