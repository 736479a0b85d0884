"""Rate limits (GCRA) and quotas of a project and its clients.

The generic cell rate algorithm (ITU-T I.371) keeps one number per bucket: the theoretical arrival
time, at which everything let through so far would have arrived at the agreed rate. A request may be
ahead of it by the burst. So in any time span at most burst + rate × time events pass, and exactly
as many as are allowed.

The cost of a request is its number of events, accepted or not. The burst is one minute's worth.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import lru_cache

from shared.errors import PayloadTooLarge
from shared.policies.networks import network_of
from shared.policies.policy import Policy

_MINUTE_US = 60_000_000
_MAX_LOCAL_BUCKETS = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """One bucket."""

    name: str
    """``project`` or ``client``, as used in headers and messages."""
    key: str
    per_minute: int

    @property
    def interval_us(self) -> float:
        """Return the microseconds between two events at the agreed rate."""
        return _MINUTE_US / self.per_minute


@dataclass(frozen=True, slots=True)
class Quota:
    """A maximum number of events in a calendar day or month, UTC."""

    name: str
    key: str
    events: int
    resets_at: datetime


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits that apply to one request."""

    rates: tuple[Rate, ...]
    quotas: tuple[Quota, ...]


@dataclass(frozen=True, slots=True)
class RateLimitStatus:
    """The remaining allowance after a request, for the RateLimit headers."""

    policy: str
    """``RateLimit-Policy``, as draft-ietf-httpapi-ratelimit-headers writes it."""
    limit: str
    """``RateLimit``."""


def limits_for(policy: Policy, address: str, events: int, now: float) -> Limits:
    """Return the buckets and quotas that a request counts against.

    Args:
        policy: the policy of the request's key.
        address: the client's address, IPv4 or IPv6.
        events: the request's cost.
        now: seconds since 1970, UTC.

    Raises:
        PayloadTooLarge: the request alone exceeds a minute's worth, so it could never pass.
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
                f"{rate.per_minute} a minute. Send fewer events in one request."
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


def rate_limit_status(
    rates: tuple[Rate, ...], remaining: int, wait_seconds: int = 60
) -> RateLimitStatus:
    """Return the header values: every bucket's rate, and what is left in the tightest."""
    return RateLimitStatus(
        _policy_header(rates), f'"{rates[0].name}";r={max(0, remaining)};t={wait_seconds}'
    )


@lru_cache(maxsize=10_000)
def _policy_header(rates: tuple[Rate, ...]) -> str:
    return ", ".join(f'"{rate.name}";q={rate.per_minute};w=60' for rate in rates)


class LocalRates:
    """The same algorithm within this process, used while Redis is unavailable."""

    def __init__(self) -> None:
        self._arrivals: OrderedDict[str, float] = OrderedDict()

    def wait_seconds(self, rates: tuple[Rate, ...], events: int, now: float) -> int:
        """Charge the buckets and return 0, or charge none and return the seconds to wait.

        Args:
            rates: the buckets.
            events: the request's cost.
            now: seconds of a monotonic clock.
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
        while len(self._arrivals) > _MAX_LOCAL_BUCKETS:
            self._arrivals.popitem(last=False)
        return 0
