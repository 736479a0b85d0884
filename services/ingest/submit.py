"""Submit a batch to the stream: limits, back-pressure and XADD in one script, one round trip."""

from __future__ import annotations

import hashlib
import logging
import math
import time

from redis import Redis
from redis.exceptions import NoScriptError, RedisError, ResponseError

from services.ingest.limits import (
    Cost,
    Limits,
    LocalRates,
    Period,
    Rate,
    RateLimitStatus,
    rate_limit_status,
)
from services.ingest.spool import Spool
from services.ingest.usage import events_accepted_since
from shared.errors import ErrorCode, PayloadTooLarge, TooManyRequests, Unavailable
from shared.events.envelope import Batch, encode
from shared.events.stream import BATCH_FIELD, stream_of
from shared.runtime.redis_clients import DirectConnection

log = logging.getLogger(__name__)

# All limits are checked before any is charged. A window's value is its last tick (half second), the
# sum of the ticks before it, the count of that tick, and the counts of the ticks before it, oldest
# first. Within a tick only the head is read and written. The clock is the server's; when it was set
# back, what passed counts as just now. The stream is never trimmed on write, which would drop
# entries that no processor has read yet; when it is full the client is asked to retry.
_SCRIPT = """
local TAKEN, LIMITED, EXHAUSTED, FULL, UNSEEDED = 0, 1, 2, 3, 4
if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[1]) then return {FULL} end
local TICKS, TICK_US, HEAD = 120, 500000, '<I4I8I8'
local time = redis.call('TIME')
local now = (time[1] - 1735689600) * 1000000 + time[2]
local tick = math.floor(now / TICK_US)
local accepted, rates = tonumber(ARGV[4]), tonumber(ARGV[5])

local function read(key)
    local head = redis.call('GETRANGE', key, 0, 19)
    if #head < 20 then return 0, 0, '' end
    local at, past, current = struct.unpack(HEAD, head)
    if at == tick then return past, current, nil end
    if at > tick then
        -- Written at once: refused requests write nothing, so the window would stay ahead.
        redis.call('SET', key, struct.pack(HEAD, tick, 0, past + current), 'PX', 61000)
        return 0, past + current, ''
    end
    if tick - at > TICKS then return 0, 0, '' end
    local slots = redis.call('GETRANGE', key, 20, -1)
        .. struct.pack('<I4', current) .. string.rep('\\0', 4 * (tick - at - 1))
    past = past + current
    local expired = #slots / 4 - TICKS
    for slot = 0, expired - 1 do past = past - struct.unpack('<I4', slots, 4 * slot + 1) end
    if expired > 0 then slots = string.sub(slots, 4 * expired + 1) end
    return past, 0, slots
end

local function wait(key, slots, needed)
    slots = slots or redis.call('GETRANGE', key, 20, -1)
    for slot = 0, #slots / 4 - 1 do
        needed = needed - struct.unpack('<I4', slots, 4 * slot + 1)
        if needed <= 0 then return (tick - #slots / 4 + slot + TICKS + 1) * TICK_US - now end
    end
    return (tick + TICKS + 1) * TICK_US - now
end

local windows, left = {}, nil
for i = 1, rates do
    local limit, cost = tonumber(ARGV[3 + 3 * i]), tonumber(ARGV[4 + 3 * i])
    local past, current, slots = read(KEYS[1 + i])
    local room = limit - past - current
    if cost > 0 and cost > room then
        return {LIMITED, i, wait(KEYS[1 + i], slots, cost - room), room}
    end
    if ARGV[5 + 3 * i] == '0' then left = math.min(left or room - cost, room - cost) end
    windows[i] = {past, current + cost, slots, cost}
end
local first = 6 + 3 * rates
if accepted > 0 then
    for i = 0, #KEYS - rates - 2 do
        local quota = tonumber(ARGV[first + 2 * i])
        if quota >= 0 then
            local usage = redis.call('HMGET', KEYS[rates + 2 + i], 'events', 'is_seeded')
            if not usage[2] then return {UNSEEDED, i + 1} end
            if tonumber(usage[1] or 0) + accepted > quota then return {EXHAUSTED, i + 1} end
        end
    end
    for i = 0, #KEYS - rates - 2 do
        local key = KEYS[rates + 2 + i]
        if redis.call('HINCRBY', key, 'events', accepted) == accepted then
            redis.call('EXPIRE', key, ARGV[first + 2 * i + 1])
        end
    end
end
for i = 1, rates do
    local past, current, slots, cost = unpack(windows[i])
    if cost > 0 then
        local head = struct.pack(HEAD, tick, past, current)
        if slots then
            redis.call('SET', KEYS[1 + i], head .. slots, 'PX', 61000)
        else
            redis.call('SETRANGE', KEYS[1 + i], 0, head)
        end
    end
end
redis.call('XADD', KEYS[1], '*', ARGV[2], ARGV[3])
return {TAKEN, left}
"""
# What was counted before the counter was there (Redis lost its memory, or an older version did not
# count) is in PostgreSQL. The larger one is right: PostgreSQL does not know what is in the stream.
_SEED = """
local known = tonumber(redis.call('HGET', KEYS[1], 'events') or 0)
redis.call('HSET', KEYS[1], 'events', math.max(known, tonumber(ARGV[1])), 'is_seeded', 1)
redis.call('EXPIRE', KEYS[1], ARGV[2])
"""
_SHA = hashlib.sha1(_SCRIPT.encode(), usedforsecurity=False).hexdigest()
_TAKEN, _LIMITED, _EXHAUSTED, _FULL, _UNSEEDED = range(5)
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

    def submit(self, batch: Batch, limits: Limits, cost: Cost) -> RateLimitStatus:
        """Return once the batch is held.

        Args:
            batch: the batch to hold.
            limits: the limits that the request counts against.
            cost: what the request counts for.

        Raises:
            PayloadTooLarge: the batch alone has more bytes than the project may send in a minute.
            TooManyRequests: a limit or quota is exhausted; nothing was charged.
            Unavailable: the batch cannot be held (full, or everything unavailable). The client
                retries; event ids make that harmless.
        """
        payload = encode(batch)
        _refuse_oversize(limits, len(payload))
        if time.monotonic() < self._away_until:
            return self._hold_elsewhere(batch.project_id, payload, limits, cost)
        try:
            self._refuse_when_full()
            answer = self._run(batch.project_id, payload, limits, cost)
            while answer[0] == _UNSEEDED:
                self._seed(batch.project_id, limits.periods[answer[1] - 1])
                answer = self._run(batch.project_id, payload, limits, cost)
        except RedisError as error:
            if _is_out_of_memory(error):
                raise _full() from error
            # After a time-out the stream may hold the batch as well; the ledger deduplicates it.
            log.warning("the stream is unavailable, holding events in PostgreSQL: %s", error)
            self._away_until = time.monotonic() + _AWAY_SECONDS
            return self._hold_elsewhere(batch.project_id, payload, limits, cost)
        return _read(answer, limits)

    def _run(self, project_id: int, payload: bytes, limits: Limits, cost: Cost) -> list[int]:
        rates, periods = limits.rates, limits.periods
        arguments: list[object] = [
            1 + len(rates) + len(periods),
            stream_of(project_id, self._partitions),
            *(rate.key for rate in rates),
            *(period.key for period in periods),
            self._max_entries,
            BATCH_FIELD,
            payload,
            cost.accepted,
            len(rates),
        ]
        size = len(payload)
        for rate in rates:
            arguments += (
                rate.per_minute,
                rate.cost_of(cost, size),
                int(rate.counts == "bytes"),
            )
        for period in periods:
            arguments += (-1 if period.quota is None else period.quota, _seconds_left(period))
        try:
            return self._evaluate(arguments)
        except NoScriptError:
            # Redis forgets scripts when it restarts.
            self._redis.script_load(_SCRIPT)
            return self._evaluate(arguments)

    def _seed(self, project_id: int, period: Period) -> None:
        """Start the counter of a period that has a quota with what PostgreSQL has counted."""
        used = events_accepted_since(project_id, period.starts_at)
        self._redis.eval(_SEED, 1, period.key, str(used), str(_seconds_left(period)))

    def _evaluate(self, arguments: list[object]) -> list[int]:
        # The script may run twice: the ledger deduplicates, and the limits are charged twice.
        answer: list[int] = self._direct.call("EVALSHA", _SHA, *arguments)
        return answer

    def _hold_elsewhere(
        self, project_id: int, payload: bytes, limits: Limits, cost: Cost
    ) -> RateLimitStatus:
        """Hold the batch in the spool, limited by this process alone."""
        refused = self._local.refusal(limits.rates, cost, len(payload), time.monotonic())
        if refused is not None:
            rate, wait = refused
            raise _too_many(rate, limits.rates, max(1, math.ceil(wait)), 0)
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
        raise _exhausted(limits.periods[rest[0] - 1], limits.rates)
    raise _full()


def _refuse_oversize(limits: Limits, size: int) -> None:
    for rate in limits.rates:
        if rate.counts == "bytes" and size > rate.per_minute:
            raise PayloadTooLarge(
                f"The request's events have {size} bytes, and the {rate.name} may send "
                f"{rate.per_minute} a minute. Send fewer events in one request."
            )


def _too_many(rate: Rate, rates: tuple[Rate, ...], wait: int, left: int) -> TooManyRequests:
    where = rate_limit_status((rate,), left, wait)
    unit = "bytes" if rate.counts == "bytes" else "events"
    return TooManyRequests(
        f"This {rate.name} has reached its limit of {rate.per_minute} {unit} a minute"
        f"{_beside(rate.reserved)}. Wait {wait} s, or raise the limit in the project's settings.",
        retry_after_seconds=wait,
        headers={"RateLimit-Policy": rate_limit_status(rates, 0).policy, "RateLimit": where.limit},
    )


def _exhausted(period: Period, rates: tuple[Rate, ...]) -> TooManyRequests:
    return TooManyRequests(
        f"The project's {period.name} quota of {period.quota} events{_beside(period.reserved)} is "
        f"used up until {period.resets_at:%Y-%m-%d %H:%M} UTC. Raise it in the project's settings.",
        code=ErrorCode.QUOTA_EXCEEDED,
        retry_after_seconds=_seconds_left(period),
        headers={"RateLimit-Policy": rate_limit_status(rates, 0).policy},
    )


def _beside(reserved: int) -> str:
    return f" ({reserved} more are reserved for the secret key)" if reserved else ""


def _seconds_left(period: Period) -> int:
    return max(1, math.ceil(period.resets_at.timestamp() - time.time()))


def _is_out_of_memory(error: RedisError) -> bool:
    return isinstance(error, ResponseError) and "OOM" in str(error)


def _full() -> Unavailable:
    return Unavailable(
        "Too many events are waiting to be stored. Send these again later.",
        retry_after_seconds=_RETRY_SECONDS,
    )
