"""The ingest path, from the body of a request to the answer, as named steps."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from prometheus_client import Counter

from services.ingest.admission import (
    anonymise,
    check_bot,
    check_source,
    is_open,
    must_anonymise,
    sample,
)
from services.ingest.body import read_body
from services.ingest.bots import is_crawler
from services.ingest.geography import NOWHERE, Geography, Place
from services.ingest.limits import Standing, limits_for
from services.ingest.normalise import Arrival, normalise, parse_time, shown_event_id
from services.ingest.outcomes import Dropped, Intake, Warnings
from services.ingest.protocols.fast_path import PlainEvent, normalise_plain
from services.ingest.protocols.message import Fields, Message, Protocol
from services.ingest.request import Delivery
from services.ingest.submit import Submitter
from services.ingest.visitors import DailySalt, ip_hash, visitor_id
from shared.errors import BadRequest, Forbidden, PayloadTooLarge
from shared.events.envelope import Batch, Event
from shared.events.outcomes import DropReason, WarningReason
from shared.policies.lookup import Policies
from shared.policies.policy import Policy
from shared.runtime.settings import Settings

_EVENTS = Counter(
    "tidemark_ingest_events_total", "Events by what became of them at the edge.", ["outcome"]
)
_ACCEPTED = _EVENTS.labels("accepted")
_MOST_ADDRESS_CHARACTERS = 45
# A client whose clock is further off than this is not corrected: sent_at itself is nonsense.
_MOST_SKEW_US = 366 * 86_400_000_000


@dataclass(slots=True)
class Taken:
    """What became of a request."""

    intake: Intake
    standing: Standing
    policy: Policy


@dataclass(frozen=True, slots=True)
class Sender:
    """What matters of the visitor an event came from; worked out once for all of a caller's."""

    address: str
    is_crawler: bool
    place: Place
    wants_no_tracking: bool


@dataclass(slots=True)
class Request:
    """What the steps of one event need to know of its request."""

    policy: Policy
    arrival: Arrival
    caller: Sender
    user_agent: str
    """The caller's."""
    salt: bytes
    place_of: Callable[[str], Place]
    is_open: bool
    """Nothing of the policy or the caller can change or drop an event."""
    is_from_server: bool = False
    """A server called for its users, so its own user agent is nobody's."""


class Pipeline:
    """Everything the steps need that outlives a request."""

    def __init__(
        self,
        policies: Policies,
        submitter: Submitter,
        salt: DailySalt,
        geography: Geography,
        settings: Settings,
    ) -> None:
        self._policies = policies
        self._submitter = submitter
        self._salt = salt
        self._geography = geography
        self._most_bytes = settings.ingest_max_body_bytes
        self._most_events = settings.ingest_max_batch
        self._window_us = settings.ledger_days * 86_400_000_000

    def take(self, delivery: Delivery, protocol: Protocol) -> Taken:
        """Authenticate, read, normalise and hold the events of one request.

        Returns only when every accepted event is held: in the stream, or in the spool.

        Raises:
            Unauthorized, Forbidden, BadRequest, PayloadTooLarge, TooManyRequests, Unavailable:
                nothing was taken.
        """
        now = delivery.clock()
        if delivery.key is not None:
            self._policies.for_key(delivery.key, now)  # before any work is done for a stranger
        body = read_body(
            delivery.body, delivery.content_encoding, self._most_bytes, delivery.take_turn
        )
        message = protocol.read(body, delivery)
        policy = self._policies.for_key(delivery.key or message.api_key, now)
        _check_origin(delivery.origin, policy)
        self._refuse_oversize(message)
        limits = limits_for(policy, delivery.visitor.address, len(message.events), now)
        request = self._request(policy, delivery, message, int(now * 1_000_000))
        intake = take_each(message.events, protocol.canonical, request)
        batch = _batch(intake, request, protocol.name)
        standing = self._submitter.submit(batch, limits, len(message.events))
        _count(intake)
        return Taken(intake, standing, policy)

    def policy(self, key: str | None, now: float) -> Policy:
        """The policy of a key, for routes that take no events.

        Raises:
            Unauthorized, Unavailable: as ``take``.
        """
        return self._policies.for_key(key, now)

    def _refuse_oversize(self, message: Message) -> None:
        if not message.events:
            raise BadRequest("There is no event in the body.")
        if len(message.events) > self._most_events:
            raise PayloadTooLarge(
                f"A request carries at most {self._most_events} events; this one has "
                f"{len(message.events)}. Send them in several."
            )

    def _request(
        self, policy: Policy, delivery: Delivery, message: Message, received_at_us: int
    ) -> Request:
        warnings = Warnings()
        visitor = delivery.visitor
        salt = self._salt.of(received_at_us / 1_000_000)

        @cache
        def visitor_of_the_day() -> str:
            return visitor_id(salt, policy.project_id, visitor.address, visitor.user_agent)

        arrival = Arrival(
            received_at_us=received_at_us,
            oldest_us=received_at_us - self._window_us,
            clock_offset_us=_clock_offset(message.sent_at, received_at_us, warnings),
            visitor_id=visitor_of_the_day,
            warnings=warnings,
        )
        place_of = self._geography.place_of
        caller = Sender(
            visitor.address,
            is_crawler(visitor.user_agent),
            _place(visitor.address, delivery.country, place_of),
            delivery.wants_no_tracking,
        )
        everything = is_open(policy) and not caller.is_crawler and not caller.wants_no_tracking
        return Request(policy, arrival, caller, visitor.user_agent, salt, place_of, everything)


def take_each(events: list[Any], canonical: Callable[[Any], Fields], request: Request) -> Intake:
    """Take each event on its own: a bad one is named, and its neighbours are kept."""
    intake = Intake(warnings=request.arrival.warnings)
    for raw in events:
        fields: Fields | None = None
        try:
            if raw.__class__ is PlainEvent and (plain := _take_plain(raw, request)) is not None:
                intake.accept(plain, shown_event_id(raw.event_id, plain.event_id))
                continue
            if not isinstance(raw, dict | PlainEvent):
                raise Dropped(DropReason.NOT_AN_OBJECT, "An event must be an object.")
            fields = canonical(raw)
            event = _take_one(fields, request)
        except Dropped as dropped:
            intake.drop(fields or _fields_of(raw), dropped)
        else:
            intake.accept(event, shown_event_id(fields.get("event_id"), event.event_id))
    return intake


def _take_plain(plain: PlainEvent, request: Request) -> Event | None:
    """The steps of an event that needs none but the last; None: let it take them all."""
    if not request.is_open:
        return None
    event = normalise_plain(plain, request.arrival)
    if event is not None:
        _locate(event, request.caller.place)
    return event


def _fields_of(raw: object) -> Fields | None:
    return raw.fields() if isinstance(raw, PlainEvent) else None


def _take_one(fields: Fields, request: Request) -> Event:
    """The steps of one event; each keeps it, changes it, or drops it with a reason."""
    policy = request.policy
    sender = _sender_of(fields, request)
    if request.is_open and sender is request.caller and "consent" not in fields:
        event = normalise(fields, request.arrival)
        _locate(event, sender.place)
        return event
    check_source(fields.get("source"), policy)
    check_bot(sender.is_crawler, policy)
    without_identity = must_anonymise(fields.get("consent"), sender.wants_no_tracking, policy)
    event = normalise(fields, request.arrival)
    _locate(event, sender.place)
    if policy.ip_mode != "none" and sender.address:
        event.ip = _kept_address(sender.address, request)
    if without_identity:
        anonymise(event, request.arrival.visitor_id())
    sample(event, policy)
    return event


def _locate(event: Event, place: Place) -> None:
    event.country, event.region, event.city = place.country, place.region, place.city


def _sender_of(fields: Fields, request: Request) -> Sender:
    """Whose event it is: the caller's own, or somebody's for whom a server called."""
    if "ip" not in fields and "user_agent" not in fields and not fields.get("from_server"):
        return request.caller
    request.is_from_server |= bool(fields.get("from_server"))
    address, user_agent = fields.get("ip"), fields.get("user_agent")
    address = address[:_MOST_ADDRESS_CHARACTERS] if isinstance(address, str) else ""
    return Sender(
        address,
        isinstance(user_agent, str) and is_crawler(user_agent),
        _place(address, "", request.place_of),
        wants_no_tracking=False,
    )


def _place(address: str, country: str, place_of: Callable[[str], Place]) -> Place:
    """Where an address is; a trusted proxy's word on the country counts more."""
    place = place_of(address) if address else NOWHERE
    return place if not country or country == place.country else Place(country)


def _kept_address(address: str, request: Request) -> str:
    if request.policy.ip_mode == "full":
        return address
    return ip_hash(request.salt, request.policy.project_id, address)


def _check_origin(origin: str, policy: Policy) -> None:
    """Browsers name the page that sends; a project may say which pages may."""
    if policy.allowed_origins and origin and origin not in policy.allowed_origins:
        raise Forbidden(
            "Pages of this origin may not send events to the project. Its settings list those "
            "that may (CORS allow-list)."
        )


def _clock_offset(sent_at: object, received_at_us: int, warnings: Warnings) -> int:
    if sent_at is None:
        return 0
    try:
        offset = received_at_us - parse_time(sent_at)
    except (ValueError, OverflowError) as error:
        raise BadRequest("sent_at must be ISO 8601, or milliseconds since 1970.") from error
    if abs(offset) > _MOST_SKEW_US:
        warnings.add(WarningReason.CLOCK_IGNORED, "", "sent_at is more than a year off.")
        return 0
    return offset


def _batch(intake: Intake, request: Request, protocol: str) -> Batch:
    user_agent = "" if request.is_from_server else request.user_agent
    return Batch(
        project_id=request.policy.project_id,
        received_at_us=request.arrival.received_at_us,
        events=intake.events,
        user_agent=user_agent[:500] or None,
        protocol=protocol,
        batch_id=os.urandom(16),
        drops=dict(intake.drops),
        warnings=intake.warnings.all(),
    )


def _count(intake: Intake) -> None:
    if intake.events:
        _ACCEPTED.inc(len(intake.events))
    for reason, events in intake.drops.items():
        _EVENTS.labels(reason).inc(events)
