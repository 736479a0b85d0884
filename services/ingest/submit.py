"""Submit a batch to the stream: limits, back-pressure and XADD in one script, one round trip."""

from __future__ import annotations

import hashlib
import logging
import math
import time

from redis import Redis
from redis.exceptions import NoScriptError, RedisError, ResponseError

from services.ingest.limits import (
    Limits,
    LocalRates,
    Quota,
    Rate,
    RateLimitStatus,
    rate_limit_status,
)
from services.ingest.spool import Spool
from shared.errors import ErrorCode, TooManyRequests, Unavailable
from shared.events.envelope import Batch, encode
from shared.events.stream import BATCH_FIELD, stream_of
from shared.runtime.redis_clients import DirectConnection

log = logging.getLogger(__name__)

# All buckets are checked before any is charged. A microsecond is within a double's rounding error,
# so no request is refused for that. The clock is the server's, counted from 2025 so that a double
# holds fractions of a microsecond. The stream is never trimmed on write, which would drop entries
# that no processor has read yet; when it is full the client is asked to retry.
_SCRIPT = """
local TAKEN, LIMITED, EXHAUSTED, FULL = 0, 1, 2, 3
if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[1]) then return {FULL} end
local time = redis.call('TIME')
local now = (time[1] - 1735689600) * 1000000 + time[2]
local cost, rates, minute = tonumber(ARGV[4]), tonumber(ARGV[5]), 60000000
local arrivals, left = {}, nil
for i = 1, rates do
    local interval = tonumber(ARGV[5 + i])
    local arrival = math.max(now, tonumber(redis.call('GET', KEYS[1 + i]) or 0))
    if arrival > now + minute + 1 then
        -- Only a clock that was set back leaves an arrival so far ahead.
        arrival = now + minute
        redis.call('SET', KEYS[1 + i], string.format('%.3f', arrival), 'PX', 60000)
    end
    local room = minute - (arrival - now) - cost * interval
    if room < -1 then
        return {LIMITED, i, math.ceil(-room), math.floor((room + cost * interval) / interval)}
    end
    arrivals[i] = arrival + cost * interval
    left = math.min(left or room / interval, room / interval)
end
for i = rates + 2, #KEYS do
    local quota = tonumber(ARGV[2 * i - rates + 2])
    local used = tonumber(redis.call('GET', KEYS[i]) or 0)
    if used + cost > quota then return {EXHAUSTED, i - rates - 1, 0, quota - used} end
end
for i = 1, rates do
    local ahead = math.ceil((arrivals[i] - now) / 1000) + 1
    redis.call('SET', KEYS[1 + i], string.format('%.3f', arrivals[i]), 'PX', ahead)
end
for i = rates + 2, #KEYS do
    redis.call('INCRBY', KEYS[i], cost)
    redis.call('EXPIRE', KEYS[i], ARGV[2 * i - rates + 3])
end
redis.call('XADD', KEYS[1], '*', ARGV[2], ARGV[3])
return {TAKEN, math.floor(left)}
"""
_SHA = hashlib.sha1(_SCRIPT.encode(), usedforsecurity=False).hexdigest()
_TAKEN, _LIMITED, _EXHAUSTED, _FULL = range(4)
_RETRY_SECONDS = 5
_AWAY_SECONDS = 1.0
"""After a failure, how long the stream is not tried again."""
_LOOK_AT_MEMORY_SECONDS = 1.0
_MAX_MEMORY_SHARE = 0.8
"""Share of the stream's memory beyond which nothing is added, so that it can drain."""


class Submitter:
    """Holds batches in the stream, or in PostgreSQL while the stream is unavailable."""

    def __init__(self, redis: Redis, spool: Spool, max_entries: int, partitions: int = 1) -> None:
        self._redis = redis
        self._direct = DirectConnection(redis)
        self._spool = spool
        self._max_entries = max_entries
        self._partitions = partitions
        self._local = LocalRates()
        self._away_until = 0.0
        self._look_again = 0.0
        self._is_full = False

    def submit(self, batch: Batch, limits: Limits, events: int) -> RateLimitStatus:
        """Return once the batch is held.

        Args:
            batch: the batch to hold.
            limits: the limits that the request counts against.
            events: the request's cost.

        Raises:
            TooManyRequests: a rate limit or quota is exhausted; nothing was charged.
            Unavailable: the batch cannot be held (full, or everything unavailable). The client
                retries; event ids make that harmless.
        """
        payload = encode(batch)
        if time.monotonic() < self._away_until:
            return self._hold_elsewhere(batch.project_id, payload, limits, events)
        try:
            self._refuse_when_full()
            stream = stream_of(batch.project_id, self._partitions)
            answer = self._run(stream, payload, limits, events)
        except RedisError as error:
            if _is_out_of_memory(error):
                raise _full() from error
            # After a time-out the stream may hold the batch as well; the ledger deduplicates it.
            log.warning("the stream is unavailable, holding events in PostgreSQL: %s", error)
            self._away_until = time.monotonic() + _AWAY_SECONDS
            return self._hold_elsewhere(batch.project_id, payload, limits, events)
        return _read(answer, limits)

    def _run(self, stream: str, payload: bytes, limits: Limits, events: int) -> list[int]:
        rates, quotas = limits.rates, limits.quotas
        arguments: list[object] = [
            1 + len(rates) + len(quotas),
            stream,
            *(rate.key for rate in rates),
            *(quota.key for quota in quotas),
            self._max_entries,
            BATCH_FIELD,
            payload,
            events,
            len(rates),
            *(rate.interval_us for rate in rates),
        ]
        for quota in quotas:
            seconds = max(1, math.ceil(quota.resets_at.timestamp() - time.time()))
            arguments += (quota.events, seconds)
        try:
            return self._evaluate(arguments)
        except NoScriptError:
            # Redis forgets scripts when it restarts.
            self._redis.script_load(_SCRIPT)
            return self._evaluate(arguments)

    def _evaluate(self, arguments: list[object]) -> list[int]:
        # The script may run twice: the ledger deduplicates, and the limits are charged twice.
        answer: list[int] = self._direct.call("EVALSHA", _SHA, *arguments)
        return answer

    def _hold_elsewhere(
        self, project_id: int, payload: bytes, limits: Limits, events: int
    ) -> RateLimitStatus:
        """Hold the batch in the spool, limited by this process alone."""
        wait = self._local.wait_seconds(limits.rates, events, time.monotonic())
        if wait:
            raise _too_many(limits.rates[0], limits.rates, wait, 0)
        self._spool.add(project_id, payload)
        return rate_limit_status(limits.rates, limits.rates[0].per_minute)

    def _refuse_when_full(self) -> None:
        """Refuse batches while the stream's Redis has little memory left; checked once a second."""
        now = time.monotonic()
        if now >= self._look_again:
            self._look_again = now + _LOOK_AT_MEMORY_SECONDS
            memory = self._redis.info("memory")
            limit = memory.get("maxmemory", 0)
            self._is_full = bool(limit) and memory["used_memory"] > limit * _MAX_MEMORY_SHARE
        if self._is_full:
            raise _full()


def _read(answer: list[int], limits: Limits) -> RateLimitStatus:
    code, *rest = answer
    if code == _TAKEN:
        return rate_limit_status(limits.rates, rest[0])
    if code == _LIMITED:
        index, wait_us, left = rest
        wait = math.ceil(wait_us / 1_000_000)
        raise _too_many(limits.rates[index - 1], limits.rates, max(1, wait), left)
    if code == _EXHAUSTED:
        raise _exhausted(limits.quotas[rest[0] - 1], limits.rates)
    raise _full()


def _too_many(rate: Rate, rates: tuple[Rate, ...], wait: int, left: int) -> TooManyRequests:
    where = rate_limit_status((rate,), left, wait)
    return TooManyRequests(
        f"This {rate.name} has reached its limit of {rate.per_minute} events a minute. "
        f"Wait {wait} s, or raise the limit in the project's settings.",
        retry_after_seconds=wait,
        headers={"RateLimit-Policy": rate_limit_status(rates, 0).policy, "RateLimit": where.limit},
    )


def _exhausted(quota: Quota, rates: tuple[Rate, ...]) -> TooManyRequests:
    wait = max(1, math.ceil(quota.resets_at.timestamp() - time.time()))
    return TooManyRequests(
        f"The project's {quota.name} quota of {quota.events} events is used up until "
        f"{quota.resets_at:%Y-%m-%d %H:%M} UTC. Raise it in the project's settings.",
        code=ErrorCode.QUOTA_EXCEEDED,
        retry_after_seconds=wait,
        headers={"RateLimit-Policy": rate_limit_status(rates, 0).policy},
    )


def _is_out_of_memory(error: RedisError) -> bool:
    return isinstance(error, ResponseError) and "OOM" in str(error)


def _full() -> Unavailable:
    return Unavailable(
        "Too many events are waiting to be stored. Send these again later.",
        retry_after_seconds=_RETRY_SECONDS,
    )
