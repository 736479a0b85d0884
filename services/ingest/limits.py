"""Limits per minute, and quotas, of a project and its clients.

A limit per minute is a sliding window: the current half second and the 120 before it together let
at most the limit of events (or bytes) pass. So no minute, wherever it starts, has more.

- A project's limit counts events that were accepted, and the bytes that are held for them. A tenth
  of a limit of 100 or more is reserved for the secret key, so a public key cannot use up all of it.
- A client's limit (one address, or an IPv6 /64, with a public key) counts every event received.
  Dropped events count against the client alone; where no client limit applies they count against
  the project's limit. They never count against a quota.
- A client also has a limit of bytes: a fifth of the project's, or its share of the events if that
  is more. It counts the bytes of a body after decompression, or those held for it if they are more:
  a body without events that can be held costs time, too. Where no client limit applies, the
  project's limit counts them so.
- Quotas count accepted events, and the bytes that are held for them, of a UTC day and month from
  its start, also while there is no quota.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Literal, TypeAlias

import msgspec

from shared.errors import PayloadTooLarge
from shared.events.stream import limits_key
from shared.policies.networks import is_private, network_of
from shared.policies.policy import Policy

TICKS = 120
"""Half seconds of the window, beside the current one."""
TICK_SECONDS = 0.5
RESERVED_SHARE = 10
"""A tenth of a project's limits and quotas is reserved for the secret key."""
_MIN_LIMIT_WITH_RESERVE = 100
_DEFAULT_RATE_PER_MINUTE = 60_000
_CLIENT_SHARE = 0.2
"""Of a project's bytes a minute that one client may send: its default share of the events, too."""
MAX_BODY_BYTES = 20 * 2**20
"""The gateway's limit of a body, so that a client may always send one such request."""
NO_QUOTA = -1


class Cost(msgspec.Struct, frozen=True):
    """What a request counts for."""

    received: int
    """Its events, dropped ones included."""
    accepted: int
    read_bytes: int = 0
    """Bytes of its body after decompression, which had to be decoded."""


_Counted: TypeAlias = Literal["received", "accepted", "bytes read", "bytes"]


class Rate(msgspec.Struct, frozen=True):
    """A limit a minute."""

    name: str
    """``project`` or ``client``, as used in headers and messages."""
    key: str
    per_minute: int
    counts: _Counted = "accepted"
    reserved: int = 0
    """What the secret key alone may use beyond ``per_minute``."""

    def cost_of(self, cost: Cost, size: int) -> int:
        """Return what a request counts for, of which ``size`` bytes are held."""
        if self.counts == "bytes":
            return size
        if self.counts == "bytes read":
            return max(size, cost.read_bytes)
        return cost.received if self.counts == "received" else cost.accepted


class Quota(msgspec.Struct, frozen=True):
    """The maximum of events or bytes of a UTC day or month for this key."""

    period: Literal["daily", "monthly"]
    unit: Literal["events", "bytes"]
    maximum: int = NO_QUOTA
    reserved: int = 0
    """What the secret key alone may use beyond ``maximum``."""


_NO_QUOTAS = (
    Quota("daily", "events"),
    Quota("monthly", "events"),
    Quota("daily", "bytes"),
    Quota("monthly", "bytes"),
)


class Limits(msgspec.Struct, frozen=True):
    """The limits that apply to one request."""

    events: Rate
    bytes: Rate
    client: Rate | None
    client_bytes: Rate | None
    quotas: tuple[Quota, Quota, Quota, Quota]
    """Events a day and a month, bytes a day and a month."""
    account: int
    """Whose share of the stream the request takes (``Policy.account``)."""
    is_public: bool
    """Whether the request has a public key."""

    @property
    def rates(self) -> tuple[Rate, ...]:
        """Return the limits a minute, in the order in which they are checked."""
        if self.client is None or self.client_bytes is None:
            return self.events, self.bytes
        return self.events, self.client, self.client_bytes, self.bytes


@dataclass(frozen=True, slots=True)
class LimitDefaults:
    """Limits of the installation, for projects that have not set their own."""

    client_events_per_minute: int = 12_000
    """0: none."""
    bytes_per_minute: int = 256 * 1024 * 1024
    """Of a project with the default limit of events or a lower one; a higher one scales it."""


class RateLimitStatus(msgspec.Struct, frozen=True):
    """The remaining allowance after a request, for the RateLimit headers."""

    policy: str
    """``RateLimit-Policy``, as draft-ietf-httpapi-ratelimit-headers writes it."""
    limit: str
    """``RateLimit``."""


_NO_DEFAULTS = LimitDefaults()


def limits_for(
    policy: Policy,
    address: str,
    events: int,
    defaults: LimitDefaults = _NO_DEFAULTS,
) -> Limits:
    """Return the limits that a request counts against.

    Args:
        policy: the policy of the request's key.
        address: the client's address, IPv4 or IPv6.
        events: the number of events received.
        defaults: the installation's limits.

    Raises:
        PayloadTooLarge: the request alone exceeds a minute's worth, so it could never pass.
    """
    is_public = policy.kind == "public"
    per_client = _client_limit(policy, address, defaults) if is_public else 0
    reserved = _reserved(policy.rate_limit_per_minute) if is_public else 0
    key = limits_key(policy.project_id)
    project = Rate(
        "project",
        key,
        policy.rate_limit_per_minute - reserved,
        "accepted" if per_client else "received",
        reserved,
    )
    client = None
    if per_client:
        # Not the key of earlier versions, whose value has no bytes.
        client = Rate("client", f"{key}:client:{network_of(address)}", per_client, "received")
    for rate in (project, client):
        if rate is not None and events > rate.per_minute:
            raise PayloadTooLarge(
                f"The request has {events} events, and the {rate.name} may send "
                f"{rate.per_minute} a minute. Send fewer events in one request."
            )
    counts: _Counted = "bytes" if per_client else "bytes read"
    project_bytes = _bytes_limit(policy, defaults, counts, is_public=is_public)
    return Limits(
        project,
        project_bytes,
        client,
        _client_bytes(client, project, project_bytes),
        _quotas(policy, is_public=is_public),
        policy.account,
        is_public,
    )


def _client_limit(policy: Policy, address: str, defaults: LimitDefaults) -> int:
    """Return the client's limit; 0: none."""
    if not address:
        return 0
    own = policy.client_rate_limit_per_minute
    if own is not None:
        return own
    # Behind such an address is a proxy, a container network or this machine: many clients, or one's
    # own. The project's own setting holds for them as well.
    return 0 if is_private(address) else defaults.client_events_per_minute


def _bytes_limit(
    policy: Policy, defaults: LimitDefaults, counts: _Counted, *, is_public: bool
) -> Rate:
    rate = max(policy.rate_limit_per_minute, _DEFAULT_RATE_PER_MINUTE)
    allowed = defaults.bytes_per_minute * rate // _DEFAULT_RATE_PER_MINUTE
    reserved = _reserved(allowed) if is_public else 0
    key = f"{limits_key(policy.project_id)}:bytes"
    return Rate("project", key, allowed - reserved, counts, reserved)


def _client_bytes(client: Rate | None, project: Rate, of_project: Rate) -> Rate | None:
    if client is None:
        return None
    share = min(1.0, max(_CLIENT_SHARE, client.per_minute / project.per_minute))
    allowed = min(of_project.per_minute, max(MAX_BODY_BYTES, int(of_project.per_minute * share)))
    return Rate("client", f"{client.key}:bytes", allowed, "bytes read")


def _reserved(limit: int) -> int:
    return limit // RESERVED_SHARE if limit >= _MIN_LIMIT_WITH_RESERVE else 0


def _quotas(policy: Policy, *, is_public: bool) -> tuple[Quota, Quota, Quota, Quota]:
    quotas = (
        policy.daily_quota,
        policy.monthly_quota,
        policy.daily_quota_bytes,
        policy.monthly_quota_bytes,
    )
    if quotas == (None, None, None, None):
        return _NO_QUOTAS
    daily, monthly, daily_bytes, monthly_bytes = (
        _quota(kind, maximum, is_public=is_public)
        for kind, maximum in zip(_NO_QUOTAS, quotas, strict=True)
    )
    return daily, monthly, daily_bytes, monthly_bytes


def _quota(none: Quota, maximum: int | None, *, is_public: bool) -> Quota:
    if maximum is None:
        return none
    reserved = _reserved(maximum) if is_public else 0
    return Quota(none.period, none.unit, maximum - reserved, reserved)


def period_of(period: Literal["daily", "monthly"], day: int) -> tuple[datetime, datetime]:
    """Return start and end of a UTC day, or of its month.

    Args:
        period: which of both.
        day: days since 1970.
    """
    start = datetime.fromtimestamp(day * 86_400, timezone.utc)
    if period == "daily":
        return start, start + timedelta(days=1)
    start = start.replace(day=1)
    return start, (start + timedelta(days=32)).replace(day=1)


def rate_limit_status(
    limits: Limits, remaining: int, refused: Rate | None = None, wait_seconds: int = 60
) -> RateLimitStatus:
    """Return the header values: every limit of events, and what is left in the tightest."""
    policy = f'"project";q={limits.events.per_minute};w=60'
    if limits.client is not None:
        policy += f', "client";q={limits.client.per_minute};w=60'
    name = refused.name if refused else "project"
    return RateLimitStatus(policy, f'"{name}";r={max(0, remaining)};t={wait_seconds}')
