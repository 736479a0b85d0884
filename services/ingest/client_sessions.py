"""Sessions that an app starts and ends itself (``$session_start``, ``$session_end``).

The end need not say whose session it was: that is remembered for a day.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from services.ingest.body import read_body
from services.ingest.large_bodies import SMALL_BYTES
from services.ingest.outcomes import Intake
from services.ingest.protocols import native
from services.ingest.protocols.message import Message, Protocol, decode_json, text_or_none
from services.ingest.request import Delivery
from shared.errors import BadRequest, NotFound, Unavailable

_REMEMBERED_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class SessionCall:
    """A start or an end, as a body that the native protocol can take."""

    session_id: str
    protocol: Protocol
    """Reads the event that was made of the call, whatever stands in the body."""


def start(delivery: Delivery) -> SessionCall:
    """A start; makes a session id (UUID, version 4) unless the app brought one.

    Raises:
        BadRequest: the body is no object.
    """
    content = _object(delivery)
    session_id = text_or_none(content.get("session_id")) or str(uuid.uuid4())
    return _call({**content, "event_name": "$session_start", "session_id": session_id})


def end(delivery: Delivery, session_id: str, redis: Redis, project_id: int) -> SessionCall:
    """An end. An empty body is fine for sessions that were started here within a day.

    Raises:
        BadRequest: the body is no object.
        NotFound: nobody knows whose session it was.
        Unavailable: that cannot be looked up at the moment.
    """
    content = _object(delivery)
    if not any(content.get(name) for name in ("distinct_id", "user_id", "anonymous_id")):
        content["distinct_id"] = _owner(redis, project_id, session_id)
    # The same end sent twice is one event.
    content.setdefault("event_id", f"$session_end:{session_id}")
    return _call({**content, "event_name": "$session_end", "session_id": session_id})


def key_in(delivery: Delivery) -> str | None:
    """The project key, if the body names it."""
    return text_or_none(_object(delivery).get("api_key"))


def remember(redis: Redis, project_id: int, session_id: str, intake: Intake) -> None:
    """Keep whose session it is for its end. Redis away: the end has to say so itself."""
    if not intake.events:
        return
    try:
        redis.set(
            _name(project_id, session_id), intake.events[0].distinct_id, ex=_REMEMBERED_SECONDS
        )
    except RedisError:
        return


def happened_at(intake: Intake) -> str | None:
    """Event time of the only event, ISO 8601 in UTC; None when it was filtered."""
    if not intake.events:
        return None
    moment = datetime.fromtimestamp(intake.events[0].timestamp_us / 1e6, timezone.utc)
    return moment.isoformat()


def _owner(redis: Redis, project_id: int, session_id: str) -> str:
    try:
        found: bytes | None = redis.get(_name(project_id, session_id))  # type: ignore[assignment]
    except RedisError as error:
        raise Unavailable(
            "Whose session this is cannot be looked up at the moment. Send distinct_id with it."
        ) from error
    if found is None:
        raise NotFound(
            "No session with this id was started here in the last 24 hours. Send distinct_id with "
            "the end."
        )
    return found.decode()


def _name(project_id: int, session_id: str) -> str:
    return f"client-session:{project_id}:{session_id[:200]}"


def _object(delivery: Delivery) -> dict[str, Any]:
    if not delivery.body:
        return {}
    content = decode_json(
        read_body(delivery.body, delivery.content_encoding, SMALL_BYTES, delivery.take_turn)
    )
    if not isinstance(content, dict):
        raise BadRequest("Send an object.")
    return content


def _call(event: dict[str, Any]) -> SessionCall:
    key = text_or_none(event.get("api_key"))

    def read(_body: bytes, _delivery: Delivery) -> Message:
        return Message([event], key, event.get("sent_at"))

    return SessionCall(str(event["session_id"]), Protocol("native", read, native.canonical))
