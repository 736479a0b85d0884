"""How much a project and a client may send: rates (GCRA) and quotas.

The generic cell rate algorithm (ITU-T I.371) keeps one number for each bucket: the theoretical
arrival time, when all that was let through so far would have arrived at the agreed rate. What
comes may be ahead of it by the burst. So in any span of time no more passes than
burst + rate × time, and what is entitled passes to the event.

The cost of a request is its number of events, taken or not. The burst is a minute's worth.
"""

from __future__ import annotations

import ipaddress
import math
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import lru_cache

from shared.errors import PayloadTooLarge
from shared.policies.policy import Policy

_MINUTE_US = 60_000_000
_IPV6_PREFIX = 64
_MOST_LOCAL_BUCKETS = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """One bucket."""

    name: str
    """project or client, as headers and messages say it."""
    key: str
    per_minute: int

    @property
    def interval_us(self) -> float:
        """Microseconds between two events at the agreed rate."""
        return _MINUTE_US / self.per_minute


@dataclass(frozen=True, slots=True)
class Quota:
    """Events in a calendar day or month, UTC."""

    name: str
    key: str
    events: int
    resets_at: datetime


@dataclass(frozen=True, slots=True)
class Limits:
    """What applies to one request."""

    rates: tuple[Rate, ...]
    quotas: tuple[Quota, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the sender stands after a request, for the RateLimit headers."""

    policy: str
    """``RateLimit-Policy``, as draft-ietf-httpapi-ratelimit-headers writes it."""
    limit: str
    """``RateLimit``."""


def limits_for(policy: Policy, address: str, events: int, now: float) -> Limits:
    """The buckets and quotas a request counts against.

    Args:
        policy: the key's.
        address: the client's, IPv4 or IPv6.
        events: the request's cost.
        now: seconds since 1970, UTC.

    Raises:
        PayloadTooLarge: the request alone is more than a minute's worth; it could never pass.
    """
    rates = [Rate("project", f"rate:{policy.project_id}", policy.rate_limit_per_minute)]
    per_client = policy.client_rate_limit_per_minute
    if per_client is not None and policy.kind == "public" and address:
        key = f"rate:{policy.project_id}:{network_of(address)}"
        rates.append(Rate("client", key, per_client))
    for rate in rates:
        if events > rate.per_minute:
            raise PayloadTooLarge(
                f"The request has {events} events, and the {rate.name} may send "
                f"{rate.per_minute} a minute. Send fewer in one request."
            )
    if policy.daily_quota is None and policy.monthly_quota is None:
        return Limits(tuple(rates), ())
    return Limits(tuple(rates), _quotas(policy, now))


def _quotas(policy: Policy, now: float) -> tuple[Quota, ...]:
    day = datetime.fromtimestamp(now, timezone.utc).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    quotas = []
    if policy.daily_quota is not None:
        key = f"quota:{policy.project_id}:{day:%Y%m%d}"
        quotas.append(Quota("daily", key, policy.daily_quota, day + timedelta(days=1)))
    if policy.monthly_quota is not None:
        key = f"quota:{policy.project_id}:{day:%Y%m}"
        next_month = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        quotas.append(Quota("monthly", key, policy.monthly_quota, next_month))
    return tuple(quotas)


@lru_cache(maxsize=20_000)
def network_of(address: str) -> str:
    """The address itself for IPv4; for IPv6 its /64, because one client has all of that."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, _IPV6_PREFIX), strict=False).network_address)
    return str(parsed)


def standing(rates: tuple[Rate, ...], remaining: int, wait_seconds: int = 60) -> Standing:
    """What the headers say: every bucket's rate, and what is left in the tightest."""
    return Standing(
        _policy_header(rates), f'"{rates[0].name}";r={max(0, remaining)};t={wait_seconds}'
    )


@lru_cache(maxsize=10_000)
def _policy_header(rates: tuple[Rate, ...]) -> str:
    return ", ".join(f'"{rate.name}";q={rate.per_minute};w=60' for rate in rates)


class LocalRates:
    """The same algorithm in this process alone, for when Redis is away."""

    def __init__(self) -> None:
        self._arrivals: OrderedDict[str, float] = OrderedDict()

    def wait_seconds(self, rates: tuple[Rate, ...], events: int, now: float) -> int:
        """Charge the buckets and answer 0; or charge none and answer when to come again.

        Args:
            rates: the buckets.
            events: the request's cost.
            now: seconds, by a clock that does not go backwards.
        """
        now_us = now * 1_000_000
        arrivals = {}
        for rate in rates:
            arrival = max(now_us, self._arrivals.get(rate.key, 0.0)) + events * rate.interval_us
            ahead = arrival - now_us - _MINUTE_US
            if ahead > 1:  # a microsecond is within a double's precision
                return math.ceil(ahead / 1_000_000)
            arrivals[rate.key] = arrival
        for key, arrival in arrivals.items():
            self._arrivals[key] = arrival
            self._arrivals.move_to_end(key)
        while len(self._arrivals) > _MOST_LOCAL_BUCKETS:
            self._arrivals.popitem(last=False)
        return 0
