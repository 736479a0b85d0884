"""The ingest path, from the body of a request to the answer, as named steps."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from prometheus_client import Counter

from services.ingest.body import read_body
from services.ingest.normalise import Arrival, normalise, parse_time
from services.ingest.outcomes import Dropped, Intake
from services.ingest.policies import Policies
from services.ingest.protocols.native import Message, canonical, read_message
from services.ingest.submit import Submitter
from services.ingest.visitors import DailySalt, visitor_id
from shared.envelope import Batch
from shared.errors import BadRequest, PayloadTooLarge
from shared.outcomes import DropReason
from shared.policy import Policy
from shared.settings import Settings

_EVENTS = Counter(
    "tidemark_ingest_events_total", "Events by what became of them at the edge.", ["outcome"]
)
# A client whose clock is further off than this is not corrected: sent_at itself is nonsense.
_MOST_SKEW_US = 366 * 86_400_000_000


@dataclass(frozen=True, slots=True)
class Delivery:
    """A request, freed from HTTP."""

    body: bytes
    content_encoding: str
    key: str | None
    """From a header or the query string; one in the body counts when there is none."""
    address: str
    user_agent: str
    clock: Callable[[], float] = time.time
    """Seconds since 1970, UTC."""


class Pipeline:
    """Everything the steps need that outlives a request."""

    def __init__(
        self, policies: Policies, submitter: Submitter, salt: DailySalt, settings: Settings
    ) -> None:
        self._policies = policies
        self._submitter = submitter
        self._salt = salt
        self._most_bytes = settings.ingest_max_body_bytes
        self._most_events = settings.ingest_max_batch
        self._window_us = settings.ledger_days * 86_400_000_000

    def take(self, delivery: Delivery) -> Intake:
        """Authenticate, read, normalise and hold the events of one request.

        Returns only when the stream holds every accepted event.

        Raises:
            Unauthorized, BadRequest, PayloadTooLarge, Unavailable: nothing was taken.
        """
        if delivery.key is not None:
            self._policies.for_key(delivery.key)  # before any work is done for a stranger
        body = read_body(delivery.body, delivery.content_encoding, self._most_bytes)
        message = read_message(body)
        policy = self._policies.for_key(delivery.key or message.api_key)
        self._refuse_oversize(message)
        received_at_us = int(delivery.clock() * 1_000_000)
        salt = self._salt.of(datetime.fromtimestamp(received_at_us / 1e6, timezone.utc))
        arrival = self._arrival(policy, delivery, message, received_at_us, salt)
        intake = normalise_all(message.events, arrival)
        if intake.events:
            self._submitter.submit(
                Batch(
                    project_id=policy.project_id,
                    received_at_us=received_at_us,
                    events=intake.events,
                    user_agent=delivery.user_agent[:500] or None,
                )
            )
        _count(intake)
        return intake

    def _refuse_oversize(self, message: Message) -> None:
        if not message.events:
            raise BadRequest("There is no event in the body.")
        if len(message.events) > self._most_events:
            raise PayloadTooLarge(
                f"A request carries at most {self._most_events} events; this one has "
                f"{len(message.events)}. Send them in several."
            )

    def _arrival(
        self,
        policy: Policy,
        delivery: Delivery,
        message: Message,
        received_at_us: int,
        salt: bytes,
    ) -> Arrival:
        return Arrival(
            received_at_us=received_at_us,
            oldest_us=received_at_us - self._window_us,
            clock_offset_us=_clock_offset(message.sent_at, received_at_us),
            visitor_id=visitor_id(salt, policy.project_id, delivery.address, delivery.user_agent),
            allowed_sources=policy.allowed_sources,
        )


def normalise_all(events: list[Any], arrival: Arrival) -> Intake:
    """Normalise each event on its own: a bad one is named, and its neighbours are kept."""
    intake = Intake()
    for raw in events:
        if not isinstance(raw, dict):
            intake.drop(None, Dropped(DropReason.NOT_AN_OBJECT, "An event must be an object."))
            continue
        fields = canonical(raw)
        try:
            event = normalise(fields, arrival)
        except Dropped as dropped:
            intake.drop(_shown_id(fields), dropped)
        else:
            intake.accept(event, _shown_id(fields) or str(uuid.UUID(bytes=event.event_id)))
    return intake


def _shown_id(fields: Mapping[str, Any]) -> str | None:
    given = fields.get("event_id")
    return str(given) if isinstance(given, str | int) and given != "" else None


def _clock_offset(sent_at: object, received_at_us: int) -> int:
    if sent_at is None:
        return 0
    try:
        offset = received_at_us - parse_time(sent_at)
    except (ValueError, OverflowError) as error:
        raise BadRequest("sent_at must be ISO 8601, or milliseconds since 1970.") from error
    return offset if abs(offset) <= _MOST_SKEW_US else 0


def _count(intake: Intake) -> None:
    dropped = [result["reason"] for result in intake.results if result["status"] == "dropped"]
    if intake.events:
        _EVENTS.labels("accepted").inc(len(intake.events))
    for reason in dropped:
        _EVENTS.labels(reason).inc()
