"""What the steps of one event need to know about its request, and about its client."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from services.ingest.bots import Crawler, crawler_of
from services.ingest.geography import UNKNOWN_LOCATION, Location
from services.ingest.protocols.message import Fields
from shared.events.batch_context import BatchContext
from shared.policies.networks import canonical_address
from shared.policies.policy import Policy

_MAX_ADDRESS_CHARACTERS = 45


@dataclass(frozen=True, slots=True)
class Client:
    """The client an event came from. Derived once for all events of the same client."""

    address: str
    crawler: Crawler | None
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


def client_of(fields: Fields, context: RequestContext) -> Client:
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
        crawler_of(user_agent),
        location_of(address, "", context.locate),
        wants_no_tracking=False,
        user_agent=user_agent,
    )


def location_of(address: str, country: str, locate: Callable[[str], Location]) -> Location:
    """Locate an address; the country that a trusted proxy names takes precedence."""
    location = locate(address) if address else UNKNOWN_LOCATION
    return location if not country or country == location.country else Location(country)
