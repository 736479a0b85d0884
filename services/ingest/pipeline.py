"""The ingest path, from the body of a request to the answer, as named steps."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from prometheus_client import Counter

from services.ingest.admission import (
    accepts_everything,
    anonymise,
    check_bot,
    check_page_origin,
    must_anonymise,
    retained_since_us,
    sample,
)
from services.ingest.bots import CrawlerClass, crawler_class
from services.ingest.client_clocks import ClientClocks
from services.ingest.geography import UNKNOWN_LOCATION, Geography, Location
from services.ingest.limits import Cost, LimitDefaults, RateLimitStatus, limits_for
from services.ingest.outcomes import EventOutcomes
from services.ingest.protocols.event_list import UnreadableEvent, key_in_text
from services.ingest.protocols.fast_path import NativeEvent, normalise_fast
from services.ingest.protocols.message import Fields, Message, Protocol
from services.ingest.protocols.native import describe_unknown
from services.ingest.refusals import refused_batch
from services.ingest.request import IngestRequest
from services.ingest.submit import Submitter
from services.ingest.visitors import DailySalt, ip_hash, visitor_id
from shared.errors import BadRequest, Forbidden, PayloadTooLarge, TidemarkError
from shared.events.batch_context import BatchContext
from shared.events.drops import Dropped, Warnings
from shared.events.envelope import Batch, Event
from shared.events.normalise import (
    MAX_ID_CHARACTERS,
    event_id_for_response,
    is_identity,
    normalise,
)
from shared.events.outcomes import DropReason
from shared.events.subject_properties import add_subject_properties, add_user_agent
from shared.policies.event_rules import check_schema, check_source
from shared.policies.lookup import Policies
from shared.policies.networks import canonical_address
from shared.policies.policy import Policy
from shared.runtime.settings import Settings
from shared.web.bodies import read_body

_EVENTS = Counter(
    "tidemark_ingest_events_total", "Events received, by outcome at the edge.", ["outcome"]
)
_ACCEPTED = _EVENTS.labels("accepted")
_MAX_ADDRESS_CHARACTERS = 45
_SAMPLE_WINDOW_US = 400 * 86_400 * 1_000_000
"""How old the events of a sample project may be: each day makes a partition for all projects."""


@dataclass(slots=True)
class IngestResult:
    """The result of one ingest request."""

    outcomes: EventOutcomes
    rate_limit: RateLimitStatus
    policy: Policy
    is_single: bool = False
    """Whether the body was the event itself, not a list or an envelope."""


@dataclass(frozen=True, slots=True)
class Client:
    """The client an event came from. Derived once for all events of the same client."""

    address: str
    crawler: CrawlerClass | None
    location: Location
    wants_no_tracking: bool
    user_agent: str = ""
    """Empty: unknown, or a server's own."""


@dataclass(slots=True)
class RequestContext:
    """Everything the steps of one event need to know about its request."""

    policy: Policy
    batch: BatchContext
    client: Client
    user_agent: str
    """User agent of the client that sent the request."""
    salt: bytes
    visitor_of_the_day: Callable[[], str]
    """Returns the distinct id of a visitor whose identity is not stored."""
    locate: Callable[[str], Location]
    accepts_everything: bool
    """Neither the policy nor the client can change or drop an event."""
    is_from_server: bool = False
    """A server sent events for its users, so the request's user agent belongs to no visitor."""


class Pipeline:
    """The ingest path, with everything its steps need beyond one request."""

    def __init__(
        self,
        policies: Policies,
        submitter: Submitter,
        salt: DailySalt,
        geography: Geography,
        clocks: ClientClocks,
        *,
        settings: Settings,
    ) -> None:
        self._policies = policies
        self._submitter = submitter
        self._salt = salt
        self._geography = geography
        self._clocks = clocks
        self._max_bytes = settings.ingest_max_body_bytes
        self._max_events = settings.ingest_max_batch
        self._limit_defaults = LimitDefaults(
            settings.client_events_per_minute, settings.ingest_bytes_per_minute
        )
        self._window_us = settings.ledger_days * 86_400_000_000

    def ingest(self, request: IngestRequest, protocol: Protocol) -> IngestResult:
        """Authenticate, read, normalise and hold the events of one request.

        Returns only when every accepted event is held: in the stream, or in the spool.

        Raises:
            Unauthorized, Forbidden, BadRequest, PayloadTooLarge, TooManyRequests, Unavailable:
                no event was accepted.
        """
        now, address = request.clock(), request.visitor.address
        # Refuse unknown keys before any work is done.
        known = self._policies.for_key(request.key, now, address) if request.key else None
        if known is not None:
            one_event = partial(limits_for, known, address, 1, self._limit_defaults)
            self._submitter.refuse_early(one_event)
        body, received = b"", 1
        try:
            body = read_body(
                request.body, request.content_encoding, self._max_bytes, request.acquire_slot
            )
            message = protocol.read(body, request)
            known = policy = known or self._policies.for_key(message.api_key, now, address)
            received = max(1, len(message.events))
            check_page_origin(request.origin, policy)
            self._refuse_oversize(message)
            limits = limits_for(policy, address, received, self._limit_defaults)
            context = self._context(policy, request, message, int(now * 1_000_000))
            outcomes = normalise_each(message.events, protocol.canonical, context)
            batch = _batch(outcomes, context, protocol.name)
            rate_limit = self._submitter.submit(batch, limits, Cost(received, len(batch.events)))
        except (BadRequest, Forbidden, PayloadTooLarge) as error:
            with suppress(TidemarkError):  # the refusal itself is the answer
                policy = known or self._policies.for_key(key_in_text(body), now, address)
                counted = min(received, self._max_events)  # it is charged as one event
                refused = refused_batch(policy, request, protocol.name, counted, error)
                self._hold_refused(refused, policy, address)
            raise
        _count(outcomes)
        return IngestResult(outcomes, rate_limit, policy, message.is_single)

    def policy(self, key: str | None, now: float, address: str) -> Policy:
        """Return the policy of a key, for routes that ingest no events.

        Raises:
            Unauthorized, TooManyRequests, Unavailable: as ``ingest``.
        """
        return self._policies.for_key(key, now, address)

    def _hold_refused(self, batch: Batch, policy: Policy, address: str) -> None:
        """Hold a batch that only counts. It is charged as one event, so that refusals are bounded.

        Raises:
            TidemarkError: a limit is exhausted, or nothing can be held.
        """
        limits = limits_for(policy, address, 1, self._limit_defaults)
        self._submitter.submit(batch, limits, Cost(received=1, accepted=0))
        for reason, events in batch.drops.items():
            _EVENTS.labels(reason).inc(events)

    def _refuse_oversize(self, message: Message) -> None:
        if not message.events:
            raise BadRequest("The body contains no event. Send at least one.")
        if len(message.events) > self._max_events:
            raise PayloadTooLarge(
                f"A request may carry at most {self._max_events} events; this one has "
                f"{len(message.events)}. Split it into several requests."
            )

    def _context(
        self, policy: Policy, request: IngestRequest, message: Message, received_at_us: int
    ) -> RequestContext:
        warnings = Warnings()
        visitor = request.visitor
        salt = self._salt.of(received_at_us / 1_000_000)

        @cache
        def visitor_of_the_day() -> str:
            return visitor_id(salt, policy.project_id, visitor.address, visitor.user_agent)

        batch = BatchContext(
            received_at_us=received_at_us,
            # Nobody sends the events of a sample project twice, so the ledger need not know them.
            oldest_us=received_at_us - (_SAMPLE_WINDOW_US if policy.is_sample else self._window_us),
            clock_offset_us=0,
            visitor_id=_named_by_cookie(request.cookie_user_id) or visitor_of_the_day,
            warnings=warnings,
            retained_since_us=retained_since_us(policy, received_at_us / 1_000_000),
        )
        if message.sent_at is not None:
            self._clocks.correct(batch, message, policy, visitor, salt)
        locate = self._geography.locate
        client = Client(
            visitor.address,
            crawler_class(visitor.user_agent),
            _location(visitor.address, request.country, locate),
            request.wants_no_tracking,
            visitor.user_agent,
        )
        if policy.kind == "secret":  # a server: its address is no visitor's
            client = replace(client, address="", location=UNKNOWN_LOCATION, user_agent="")
        everything = (
            accepts_everything(policy) and client.crawler is None and not client.wants_no_tracking
        )
        return RequestContext(
            policy,
            batch,
            client,
            visitor.user_agent,
            salt,
            visitor_of_the_day,
            locate,
            everything,
        )


def normalise_each(
    events: list[Any], canonical: Callable[[Any], Fields], context: RequestContext
) -> EventOutcomes:
    """Normalise each event on its own: an invalid one is reported, and the others are kept."""
    outcomes = EventOutcomes(warnings=context.batch.warnings)
    schemas = context.policy.schemas
    is_simple, location = context.accepts_everything, context.client.location
    hints: dict[str, str] = {}
    accept = outcomes.accept
    for raw in events:
        fields: Fields | None = None
        try:
            if is_simple and raw.__class__ is NativeEvent:
                fast = normalise_fast(raw, context.batch, location)
                if fast is not None:
                    if schemas:
                        check_schema(schemas, fast.event_name, raw.properties, outcomes.warnings)
                    accept(fast, raw.event_id or event_id_for_response(None, fast.event_id))
                    continue
            if isinstance(raw, UnreadableEvent):
                raise Dropped(DropReason.INVALID_JSON, raw.message)
            if not isinstance(raw, dict | NativeEvent):
                raise Dropped(DropReason.NOT_AN_OBJECT, "An event must be an object.")
            fields = canonical(raw)
            event = _normalise_one(fields, context)
            if schemas:
                given = fields.get("properties")
                check_schema(schemas, event.event_name, given, outcomes.warnings)
        except Dropped as dropped:
            outcomes.drop(fields or _fields_of(raw), dropped)
        else:
            unknown = fields.get("unknown_fields")
            accept(
                event,
                event_id_for_response(fields.get("event_id"), event.event_id),
                describe_unknown(unknown, hints) if unknown else None,
            )
    return outcomes


def _named_by_cookie(user_id: str) -> Callable[[], str] | None:
    """Return what names the visitor by a cookie; None: the cookie has no id to store."""
    text = user_id.strip()[:MAX_ID_CHARACTERS]
    return (lambda: text) if is_identity(text) else None


def _fields_of(raw: object) -> Fields | None:
    return raw.fields() if isinstance(raw, NativeEvent) else None


def _normalise_one(fields: Fields, context: RequestContext) -> Event:
    """Run every step on one event; each keeps it, changes it, or drops it with a reason."""
    policy = context.policy
    client = _client_of(fields, context)
    if context.accepts_everything and client is context.client and "consent" not in fields:
        event = normalise(fields, context.batch)
        _locate(event, client.location)
        add_subject_properties(event, fields.get("event_set"))
        return event
    check_source(fields.get("source"), policy.allowed_sources, policy.sources)
    check_bot(client.crawler, policy)
    without_identity = must_anonymise(fields.get("consent"), client.wants_no_tracking, policy)
    event = normalise(fields, context.batch)
    _locate(event, client.location)
    if policy.ip_mode != "none" and client.address:
        event.ip = _stored_address(client.address, context)
    if without_identity:
        anonymise(event, context.visitor_of_the_day())
    elif policy.store_user_agent and client.user_agent:
        add_user_agent(event, client.user_agent)
    add_subject_properties(event, None if without_identity else fields.get("event_set"))
    sample(event, policy)
    return event


def _locate(event: Event, location: Location) -> None:
    event.country, event.region, event.city = location.country, location.region, location.city


def _client_of(fields: Fields, context: RequestContext) -> Client:
    """Return the client of an event: the sender, or the visitor for whom a server sent it."""
    if "ip" not in fields and "user_agent" not in fields and not fields.get("from_server"):
        if not fields.get("geoip_disable"):
            return context.client
        return replace(context.client, location=UNKNOWN_LOCATION)
    context.is_from_server |= bool(fields.get("from_server"))
    address, user_agent = fields.get("ip"), fields.get("user_agent")
    address = (
        canonical_address(address[:_MAX_ADDRESS_CHARACTERS]) if isinstance(address, str) else ""
    )
    user_agent = user_agent if isinstance(user_agent, str) else ""
    return Client(
        address,
        crawler_class(user_agent),
        _location(address, "", context.locate),
        wants_no_tracking=False,
        user_agent=user_agent,
    )


def _location(address: str, country: str, locate: Callable[[str], Location]) -> Location:
    """Locate an address; the country that a trusted proxy names takes precedence."""
    location = locate(address) if address else UNKNOWN_LOCATION
    return location if not country or country == location.country else Location(country)


def _stored_address(address: str, context: RequestContext) -> str:
    if context.policy.ip_mode == "full":
        return address
    return ip_hash(context.salt, context.policy.project_id, address)


def _batch(outcomes: EventOutcomes, context: RequestContext, protocol: str) -> Batch:
    user_agent = "" if context.is_from_server else context.user_agent
    return Batch(
        project_id=context.policy.project_id,
        received_at_us=context.batch.received_at_us,
        events=outcomes.events,
        user_agent=user_agent[:500] or None,
        protocol=protocol,
        batch_id=os.urandom(16),
        drops=dict(outcomes.drops),
        warnings=outcomes.warnings.all(),
        key_kind=context.policy.kind,
    )


def _count(outcomes: EventOutcomes) -> None:
    if outcomes.events:
        _ACCEPTED.inc(len(outcomes.events))
    for reason, events in outcomes.drops.items():
        _EVENTS.labels(reason).inc(events)
