"""The messages of a channel: what was sent, what waits, and why something failed."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from redis.exceptions import RedisError
from sqlalchemy import delete, func, select

from services.query.saved import store
from services.query.saved.alerts import forget_channel
from services.query.saved.channels import CHANNELS
from services.query.saved.objects import Page, find
from shared.errors import Conflict, NotFound, TooManyRequests
from shared.models import Delivery
from shared.outgoing.failures import Failure
from shared.responses import Doc, Timestamp
from shared.runtime.database import session_scope
from shared.runtime.job_queue import JobQueue, enqueue, job_queue
from shared.runtime.redis_clients import get_state_redis
from shared.web.pagination import decode_id, encode_cursor

STATES = ("waiting", "sent", "failed", "given_up")
_SEND = "services.processor.jobs.tasks.send_deliveries"
SENDING_MINUTES = timedelta(minutes=5)
"""At least as long as a sender may have a message in hand (``LEASE`` of the processor)."""
_MAX_TESTS = 5
_TESTS_WITHIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class DeliveryResponse:
    """A message to a channel."""

    id: int
    kind: Annotated[str, Doc(choices=("alert", "report", "test"))]
    key: Annotated[str, Doc("The same at every attempt; of webhooks: `webhook-id`.")]
    title: Annotated[str | None, Doc("Null: a test.")]
    state: Annotated[
        str,
        Doc("failed: it is tried again; given_up: it is not.", choices=STATES),
    ]
    attempts: int
    next_attempt_at: Annotated[Timestamp | None, Doc("Null: there is none.")]
    last_error: Annotated[str | None, Doc("Why the last failed attempt failed; null: none did.")]
    error_code: Annotated[
        str | None,
        Doc("The kind of that reason; null: none failed.", choices=tuple(Failure)),
    ]
    error_detail: Annotated[
        str | None, Doc("What belongs to it, such as what the receiver answered.")
    ]
    created_at: Timestamp
    sent_at: Timestamp | None


def list_deliveries(
    project_id: int, key: str, limit: int, cursor: str | None
) -> Page[DeliveryResponse]:
    """Return the messages of a channel, the newest first."""
    before = decode_id(cursor)
    with session_scope() as session:
        channel = find(session, CHANNELS, project_id, key)
        statement = select(Delivery).where(
            Delivery.project_id == project_id, Delivery.channel_id == channel.id
        )
        if before is not None:
            statement = statement.where(Delivery.id < before)
        rows = session.scalars(statement.order_by(Delivery.id.desc()).limit(limit + 1)).all()
        items = [_serialize(row) for row in rows[:limit]]
        return Page(items, encode_cursor(rows[limit - 1].id) if len(rows) > limit else None)


def order_test(project_id: int, key: str, now: datetime) -> DeliveryResponse:
    """Order a test message, which is tried once; the list of messages shows how it went.

    Raises:
        TooManyRequests: the project has ordered several within a minute.
    """
    with session_scope() as session:
        channel = find(session, CHANNELS, project_id, key)
        recent = session.scalar(
            select(func.count()).where(
                Delivery.project_id == project_id,
                Delivery.kind == "test",
                Delivery.created_at > now - _TESTS_WITHIN,
            )
        )
        if (recent or 0) >= _MAX_TESTS:
            raise TooManyRequests(
                f"A project may send {_MAX_TESTS} test messages a minute. Wait a minute.",
                retry_after_seconds=60,
            )
        row = Delivery(
            project_id=project_id,
            channel_id=channel.id,
            idempotency_key=f"test:{secrets.token_hex(12)}",
            kind="test",
            payload={},
        )
        ordered = _serialize(store.add(session, row))
    _wake()
    return ordered


def order_retry(project_id: int, key: str, delivery_id: int, now: datetime) -> DeliveryResponse:
    """Have a failed message sent at once, and if that fails, again as often as a new one.

    Raises:
        NotFound: the channel has no such message.
        Conflict: it was sent, or it is being sent, or is soon.
    """
    with session_scope() as session:
        channel = find(session, CHANNELS, project_id, key)
        row = session.get(Delivery, (project_id, delivery_id), with_for_update=True)
        if row is None or row.channel_id != channel.id:
            raise NotFound("This channel has no such message. List its messages.")
        # Nearer than the lease of a sender, another one may have it in hand.
        is_far = row.state == "failed" and row.next_attempt_at > now + SENDING_MINUTES
        if row.state != "given_up" and not is_far:
            raise Conflict(
                "This message was sent already."
                if row.state == "sent"
                else "This message is being sent, or is within five minutes. Wait for the result."
            )
        row.state, row.attempts, row.next_attempt_at = "waiting", 0, now
        session.flush()
        ordered = _serialize(row)
    _wake()
    return ordered


def delete_channel(project_id: int, key: str) -> None:
    """Delete a channel with its messages; what waits is not sent, and alerts go there no more."""
    with session_scope() as session:
        channel = find(session, CHANNELS, project_id, key)
        forget_channel(session, project_id, channel.id)
        session.execute(
            delete(Delivery).where(
                Delivery.project_id == project_id, Delivery.channel_id == channel.id
            )
        )
        store.remove(session, channel)


def _wake() -> None:
    """Have the message sent at once; without Redis the schedule does it within a minute."""
    redis = get_state_redis()
    try:
        if not job_queue(redis, JobQueue.DELIVERIES).count:
            enqueue(redis, _SEND)
    except RedisError:
        return


def _serialize(row: Delivery) -> DeliveryResponse:
    is_open = row.state in {"waiting", "failed"}
    return DeliveryResponse(
        id=row.id,
        kind=row.kind,
        key=row.idempotency_key,
        title=row.payload.get("title"),
        state=row.state,
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at.isoformat() if is_open else None,
        last_error=row.last_error,
        error_code=row.error_code,
        error_detail=row.error_detail,
        created_at=row.created_at.isoformat(),
        sent_at=row.sent_at.isoformat() if row.sent_at else None,
    )
