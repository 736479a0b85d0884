"""The ingest path, from the body of a request to the answer, as named steps."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import cast

from prometheus_client import Counter

from services.ingest.admission import (
    accepts_everything,
    check_page_origin,
    retained_since_us,
)
from services.ingest.bots import crawler_of
from services.ingest.client_clocks import ClientClocks
from services.ingest.event_steps import normalise_each
from services.ingest.geography import UNKNOWN_LOCATION, Geography
from services.ingest.key_in_body import KeyInBody
from services.ingest.limits import Cost, LimitDefaults, RateLimitStatus, limits_for
from services.ingest.outcomes import EventOutcomes
from services.ingest.protocols.event_list import key_in_text
from services.ingest.protocols.message import Message, Protocol
from services.ingest.refusals import refused_batch
from services.ingest.request import IngestRequest
from services.ingest.request_context import Client, RequestContext, location_of
from services.ingest.submit import Submitter
from services.ingest.visitors import DailySalt, visitor_id
from shared.errors import BadRequest, Forbidden, PayloadTooLarge, TidemarkError
from shared.events.batch_context import BatchContext
from shared.events.drops import Warnings
from shared.events.envelope import Batch
from shared.events.normalise import MAX_ID_CHARACTERS, is_identity
from shared.policies.lookup import Policies
from shared.policies.policy import Policy
from shared.runtime.settings import Settings
from shared.web.bodies import read_body

_EVENTS = Counter(
    "tidemark_ingest_events_total", "Events received, by outcome at the edge.", ["outcome"]
)
_ACCEPTED = _EVENTS.labels("accepted")
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
        known = self._policy_outside(request, now)
        in_body = None if known else self._key_in_body(request, now)
        text, received = b"", 1
        try:
            if in_body is None:
                text = self._text(request, protocol)
            else:
                text = in_body.read(partial(self._text, in_body.request, protocol))
            message = protocol.read(text, request)
            if in_body is not None:
                known = in_body.policy_of(message.api_key)
            policy = cast("Policy", known)
            received = max(1, len(message.events))
            check_page_origin(request.origin, policy)
            self._refuse_oversize(message)
            limits = limits_for(policy, address, received, self._limit_defaults)
            context = self._context(policy, request, message, int(now * 1_000_000))
            outcomes = normalise_each(message.events, protocol.canonical, context)
            batch = _batch(outcomes, context, protocol.name)
            cost = Cost(received, outcomes.accepted, len(text))
            rate_limit = self._submitter.submit(batch, limits, cost)
        except (BadRequest, Forbidden, PayloadTooLarge) as error:
            with suppress(TidemarkError):  # the refusal itself is the answer
                known = known or (in_body.found if in_body else None)
                policy = known or self._policies.for_key(key_in_text(text), now, address)
                counted = min(received, self._max_events)  # it is charged as one event
                refused = refused_batch(policy, request, protocol.name, counted, error)
                self._hold_refused(refused, policy, address, self._bytes_read(request, text, error))
            raise
        _count(outcomes)
        return IngestResult(outcomes, rate_limit, policy, message.is_single)

    def policy(self, key: str | None, now: float, address: str) -> Policy:
        """Return the policy of a key, for routes that ingest no events.

        Raises:
            Unauthorized, TooManyRequests, Unavailable: as ``ingest``.
        """
        return self._policies.for_key(key, now, address)

    def small_text(self, request: IngestRequest, max_bytes: int) -> bytes:
        """Return the decompressed body of a call about one thing; empty if it has none.

        A key outside the body is looked up first, as by ``ingest``.

        Args:
            request: the call.
            max_bytes: the limit of the body, before and after decompression.

        Raises:
            Unauthorized, TooManyRequests, Unavailable: as ``ingest``.
            BadRequest, PayloadTooLarge: as ``read_body``.
        """
        now = request.clock()
        known = self._policy_outside(request, now)
        if not request.body:
            return b""
        read = partial(read_body, request.body, request.content_encoding, max_bytes)
        return read() if known else self._key_in_body(request, now).read(read)

    def refuse_guessing(self, address: str) -> None:
        """Refuse a client that has guessed keys, before a large body of it is read.

        Raises:
            TooManyRequests: it has sent too many unknown keys.
        """
        self._policies.refuse_guessing(address)

    def _policy_outside(self, request: IngestRequest, now: float) -> Policy | None:
        """Return the policy of the key outside the body; None: there is no such key."""
        if not request.key:
            return None
        policy = self._policies.for_key(request.key, now, request.visitor.address)
        self._refuse_early(policy, request.visitor.address)
        return policy

    def _key_in_body(self, request: IngestRequest, now: float) -> KeyInBody:
        accept = partial(self._refuse_early, address=request.visitor.address)
        return KeyInBody(self._policies, request, now, accept)

    def _refuse_early(self, policy: Policy, address: str) -> None:
        one_event = partial(limits_for, policy, address, 1, self._limit_defaults)
        self._submitter.refuse_early(one_event, policy.account, is_public=policy.kind == "public")

    def _bytes_read(self, request: IngestRequest, text: bytes, error: TidemarkError) -> int:
        """Return the bytes of a refused body that were read."""
        if text:
            return len(text)
        # What is too large was decompressed up to the limit.
        return self._max_bytes if isinstance(error, PayloadTooLarge) else len(request.body)

    def _text(self, request: IngestRequest, protocol: Protocol) -> bytes:
        """Return the JSON, or the form, of a body.

        Raises:
            BadRequest, PayloadTooLarge: it cannot be read, or is too large.
        """
        body = read_body(
            request.body, request.content_encoding, self._max_bytes, request.acquire_slot
        )
        return protocol.text(body, request)

    def _hold_refused(self, batch: Batch, policy: Policy, address: str, read_bytes: int) -> None:
        """Hold a batch that only counts. It is charged as one event, so that refusals are bounded.

        Raises:
            TidemarkError: a limit is exhausted, or nothing can be held.
        """
        limits = limits_for(policy, address, 1, self._limit_defaults)
        self._submitter.submit(batch, limits, Cost(1, 0, read_bytes))
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
            crawler_of(visitor.user_agent),
            location_of(visitor.address, request.country, locate),
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


def _named_by_cookie(user_id: str) -> Callable[[], str] | None:
    """Return what names the visitor by a cookie; None: the cookie has no id to store."""
    text = user_id.strip()[:MAX_ID_CHARACTERS]
    return (lambda: text) if is_identity(text) else None


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
        crawlers=outcomes.crawlers,
    )


def _count(outcomes: EventOutcomes) -> None:
    if accepted := outcomes.accepted:
        _ACCEPTED.inc(accepted)
    for reason, events in outcomes.drops.items():
        _EVENTS.labels(reason).inc(events)
