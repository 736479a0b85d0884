"""Limits per minute, and quotas, of a project and its clients.

A limit per minute is a sliding window: the current half second and the 120 before it together let
at most the limit of events (or bytes) pass. So no minute, wherever it starts, has more.

- A project's limit counts events that were accepted, and the bytes that are held for them. A tenth
  of a limit of 100 or more is reserved for the secret key, so a public key cannot use up all of it.
- A client's limit (one address, or an IPv6 /64, with a public key) counts every event received.
  Dropped events count against the client alone; where no client limit applies they count against
  the project's limit. They never count against a quota.
- Quotas count accepted events of a UTC day and month from its start, also while there is no quota.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Literal

from shared.errors import PayloadTooLarge
from shared.policies.networks import is_private, network_of
from shared.policies.policy import Policy

TICKS = 120
"""Half seconds of the window, beside the current one."""
TICK_SECONDS = 0.5
RESERVED_SHARE = 10
"""A tenth of a project's limits and quotas is reserved for the secret key."""
_LEAST_RESERVED = 100
_DEFAULT_RATE_PER_MINUTE = 60_000
_MAX_LOCAL_WINDOWS = 10_000


@dataclass(frozen=True, slots=True)
class Cost:
    """What a request counts for."""

    received: int
    """Its events, dropped ones included."""
    accepted: int


@dataclass(frozen=True, slots=True)
class Rate:
    """A limit a minute."""

    name: str
    """``project`` or ``client``, as used in headers and messages."""
    key: str
    per_minute: int
    counts: Literal["received", "accepted", "bytes"] = "accepted"
    reserved: int = 0
    """What the secret key alone may use beyond ``per_minute``."""

    def cost_of(self, cost: Cost, size: int) -> int:
        """Return what a request of ``size`` bytes counts for."""
        if self.counts == "bytes":
            return size
        return cost.received if self.counts == "received" else cost.accepted


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar day or month, UTC, whose events are counted."""

    name: str
    key: str
    starts_at: datetime
    resets_at: datetime
    quota: int | None = None
    """Most events of the period for this key; None: no quota."""
    reserved: int = 0
    """What the secret key alone may use beyond ``quota``."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits that apply to one request."""

    rates: tuple[Rate, ...]
    """The project's events first."""
    periods: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class LimitDefaults:
    """Limits of the installation, for projects that have not set their own."""

    client_events_per_minute: int = 6_000
    """0: none."""
    bytes_per_minute: int = 256 * 1024 * 1024
    """Of a project with the default limit of events or a lower one; a higher one scales it."""


@dataclass(frozen=True, slots=True)
class RateLimitStatus:
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
    now: float,
    defaults: LimitDefaults = _NO_DEFAULTS,
) -> Limits:
    """Return the limits that a request counts against.

    Args:
        policy: the policy of the request's key.
        address: the client's address, IPv4 or IPv6.
        events: the number of events received.
        now: seconds since 1970, UTC.
        defaults: the installation's limits.

    Raises:
        PayloadTooLarge: the request alone exceeds a minute's worth, so it could never pass.
    """
    is_public = policy.kind == "public"
    per_client = _client_limit(policy, address, defaults) if is_public else 0
    reserved = _reserved(policy.rate_limit_per_minute) if is_public else 0
    rates = [
        Rate(
            "project",
            f"window:{policy.project_id}",
            policy.rate_limit_per_minute - reserved,
            "accepted" if per_client else "received",
            reserved,
        )
    ]
    if per_client:
        key = f"window:{policy.project_id}:{network_of(address)}"
        rates.append(Rate("client", key, per_client, "received"))
    for rate in rates:
        if events > rate.per_minute:
            raise PayloadTooLarge(
                f"The request has {events} events, and the {rate.name} may send "
                f"{rate.per_minute} a minute. Send fewer events in one request."
            )
    rates.append(_bytes_limit(policy, defaults, is_public=is_public))
    return Limits(tuple(rates), _periods(policy, now))


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


def _bytes_limit(policy: Policy, defaults: LimitDefaults, *, is_public: bool) -> Rate:
    rate = max(policy.rate_limit_per_minute, _DEFAULT_RATE_PER_MINUTE)
    allowed = defaults.bytes_per_minute * rate // _DEFAULT_RATE_PER_MINUTE
    reserved = _reserved(allowed) if is_public else 0
    return Rate(
        "project", f"window-bytes:{policy.project_id}", allowed - reserved, "bytes", reserved
    )


def _reserved(limit: int) -> int:
    return limit // RESERVED_SHARE if limit >= _LEAST_RESERVED else 0


def _periods(policy: Policy, now: float) -> tuple[Period, ...]:
    return tuple(
        Period(
            name,
            f"usage:{policy.project_id}:{label}",
            starts_at,
            resets_at,
            *_quota_of(quota, policy.kind),
        )
        for (name, label, starts_at, resets_at), quota in zip(
            _calendar(int(now // 86_400)), (policy.daily_quota, policy.monthly_quota), strict=True
        )
    )


def _quota_of(quota: int | None, kind: str) -> tuple[int | None, int]:
    reserved = _reserved(quota) if quota is not None and kind == "public" else 0
    return (None if quota is None else quota - reserved), reserved


@lru_cache(maxsize=8)
def _calendar(day_number: int) -> tuple[tuple[str, str, datetime, datetime], ...]:
    """Return name, label, start and end of a UTC day, and of its month."""
    day = datetime.fromtimestamp(day_number * 86_400, timezone.utc)
    month = day.replace(day=1)
    next_month = (month + timedelta(days=32)).replace(day=1)
    return (
        ("daily", f"{day:%Y%m%d}", day, day + timedelta(days=1)),
        ("monthly", f"{day:%Y%m}", month, next_month),
    )


def rate_limit_status(
    rates: tuple[Rate, ...], remaining: int, wait_seconds: int = 60
) -> RateLimitStatus:
    """Return the header values: every limit of events, and what is left in the tightest."""
    shown = tuple((rate.name, rate.per_minute) for rate in rates if rate.counts != "bytes")
    return RateLimitStatus(
        _policy_header(shown), f'"{rates[0].name}";r={max(0, remaining)};t={wait_seconds}'
    )


@lru_cache(maxsize=10_000)
def _policy_header(shown: tuple[tuple[str, int], ...]) -> str:
    return ", ".join(f'"{name}";q={per_minute};w=60' for name, per_minute in shown)


@dataclass(slots=True)
class _Window:
    """What passed in the window, by half second, oldest first."""

    ticks: deque[tuple[int, int]] = field(default_factory=deque)
    total: int = 0

    def forget(self, before: int) -> None:
        """Remove what passed before a tick."""
        while self.ticks and self.ticks[0][0] < before:
            self.total -= self.ticks.popleft()[1]

    def free_at(self, needed: int) -> int:
        """Return the tick in which so much of the window has become free."""
        for tick, count in self.ticks:
            needed -= count
            if needed <= 0:
                return tick + TICKS + 1
        raise ValueError("more than the window holds")

    def add(self, tick: int, cost: int) -> None:
        """Count a request."""
        if self.ticks and self.ticks[-1][0] == tick:
            cost_before = self.ticks.pop()[1]
            self.ticks.append((tick, cost_before + cost))
        else:
            self.ticks.append((tick, cost))
        self.total += cost


class LocalRates:
    """The same windows within this process, used while Redis is unavailable."""

    def __init__(self) -> None:
        self._windows: OrderedDict[str, _Window] = OrderedDict()

    def refusal(
        self, rates: tuple[Rate, ...], cost: Cost, size: int, now: float
    ) -> tuple[Rate, float] | None:
        """Charge the limits and return None, or charge none and return one with seconds to wait.

        Args:
            rates: the limits.
            cost: what the request counts for.
            size: its bytes.
            now: seconds of a monotonic clock.
        """
        tick = int(now / TICK_SECONDS)
        charged = []
        for rate in rates:
            window = self._windows.get(rate.key) or _Window()
            window.forget(tick - TICKS)
            own_cost = rate.cost_of(cost, size)
            too_many = window.total + own_cost - rate.per_minute
            if own_cost and too_many > 0:
                return rate, window.free_at(too_many) * TICK_SECONDS - now
            charged.append((rate.key, window, own_cost))
        for key, window, own_cost in charged:
            window.add(tick, own_cost)
            self._windows[key] = window
            self._windows.move_to_end(key)
        while len(self._windows) > _MAX_LOCAL_WINDOWS:
            self._windows.popitem(last=False)
        return None
