"""The steps of the ingest path that each event of a request takes on its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.ingest.admission import anonymise, check_bot, must_anonymise, sample
from services.ingest.bots import Crawler
from services.ingest.geography import Location
from services.ingest.outcomes import EventOutcomes
from services.ingest.protocols.event_list import UnreadableEvent
from services.ingest.protocols.fast_path import NativeEvent, normalise_fast
from services.ingest.protocols.message import Fields
from services.ingest.protocols.native import describe_unknown
from services.ingest.request_context import RequestContext, client_of
from services.ingest.visitors import ip_hash
from shared.events.drops import Dropped
from shared.events.envelope import Event
from shared.events.normalise import event_id_for_response, normalise
from shared.events.outcomes import DropReason
from shared.events.subject_properties import (
    add_subject_properties,
    add_user_agent,
    user_agent_text,
)
from shared.policies.event_rules import check_schema, check_source


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
            event, crawler = _normalise_one(fields, context)
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
                crawler,
            )
    return outcomes


def _fields_of(raw: object) -> Fields | None:
    return raw.fields() if isinstance(raw, NativeEvent) else None


def _normalise_one(fields: Fields, context: RequestContext) -> tuple[Event, Crawler | None]:
    """Run every step on one event; each keeps it, changes it, or drops it with a reason.

    Returns:
        The event, and the crawler that sent it; None: a person did.
    """
    policy = context.policy
    client = client_of(fields, context)
    if context.accepts_everything and client is context.client and "consent" not in fields:
        event = normalise(fields, context.batch)
        _locate(event, client.location)
        add_subject_properties(event, fields.get("event_set"))
        return event, None
    check_source(fields.get("source"), policy.allowed_sources, policy.sources)
    if client.crawler is not None:
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
    sample(event, policy, client.crawler)
    if client.crawler is not None:
        # Of people's events browser and system come from it; of crawlers' only its text is stored.
        may_store = policy.store_user_agent and not without_identity
        event.user_agent = user_agent_text(client.user_agent) if may_store else None
    return event, client.crawler


def _locate(event: Event, location: Location) -> None:
    event.country, event.region, event.city = location.country, location.region, location.city


def _stored_address(address: str, context: RequestContext) -> str:
    if context.policy.ip_mode == "full":
        return address
    return ip_hash(context.salt, context.policy.project_id, address)
