"""Submit a batch to the stream: limits, back-pressure and XADD in one script, one round trip."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from functools import partial

from redis import Redis
from redis.exceptions import NoScriptError, RedisError

from services.ingest.limit_script import LIMITED, SCRIPT, SHA, TAKEN, UNSEEDED
from services.ingest.limits import (
    Cost,
    Limits,
    Quota,
    Rate,
    RateLimitStatus,
    period_of,
    rate_limit_status,
)
from services.ingest.process_limits import ExhaustedRates, LocalRates
from services.ingest.spool import Spool, own_backlog
from services.ingest.usage import events_accepted_since
from shared.errors import ErrorCode, PayloadTooLarge, TooManyRequests, Unavailable, is_redis_full
from shared.events.backlogs import (
    ACCOUNT_FIELD,
    BACKLOGS,
    Beyond,
    accounts_beyond,
    entry_bytes,
)
from shared.events.envelope import Batch, encode
from shared.events.stream import BATCH_FIELD, stream_of
from shared.runtime.disk_space import last_published
from shared.runtime.redis_clients import DirectConnection
from shared.runtime.redis_memory import STREAM_FULL_SHARE, read_memory

log = logging.getLogger(__name__)

_RETRY_SECONDS = 5
_RETRY_DISK_SECONDS = 30
_AWAY_SECONDS = 1.0
"""After a failure, how long the stream is not tried again."""
_MEMORY_CHECK_SECONDS = 1.0
_LARGE_BYTES = 64 * 1024
"""From this size, a body read in vain keeps the project waiting where no client is limited."""


class Submitter:
    """Holds batches in the stream, or in PostgreSQL while the stream is unavailable."""

    def __init__(self, redis: Redis, spool: Spool, max_bytes: int, partitions: int = 1) -> None:
        self._redis = redis
        self._direct = DirectConnection(redis)
        self._spool = spool
        self._max_bytes = max_bytes
        self._partitions = partitions
        self._local = LocalRates()
        self._refused = LocalRates()
        """What clients sent in vain."""
        self._exhausted = ExhaustedRates()
        self._away_until = 0.0
        self._next_memory_check = 0.0
        self._is_full = False
        self._beyond_share = Beyond()
        self._is_disk_low = False

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
            return self._hold_in_spool(batch.project_id, payload, limits, cost)
        try:
            self._refuse_when_full(limits.account, is_public=limits.is_public)
            answer = self._run(batch.project_id, payload, limits, cost)
            while answer[0] == UNSEEDED:  # again if a day began after its events were counted
                seed = _count(batch.project_id, day=answer[1])
                answer = self._run(batch.project_id, payload, limits, cost, seed)
        except RedisError as error:
            if is_redis_full(error):
                raise _full() from None  # how the state's Redis fails when full has its own message
            # After a time-out the stream may hold the batch as well; the ledger deduplicates it.
            self._note_away(error)
            return self._hold_in_spool(batch.project_id, payload, limits, cost)
        return self._read(answer, limits, cost, len(payload))

    def refuse_early(self, limits: Callable[[], Limits], account: int, *, is_public: bool) -> None:
        """Refuse a request that there is no room for, however few events it has.

        Args:
            limits: returns the limits that the request counts against.
            account: that of the limits.
            is_public: whether the request has a public key.

        Raises:
            TooManyRequests: a limit is exhausted.
            Unavailable: the stream is full, or the account's share of it, or the disk.
        """
        self._exhausted.refuse(limits)
        if time.monotonic() < self._away_until:
            return
        try:
            self._refuse_when_full(account, is_public=is_public)
        except RedisError as error:
            self._note_away(error)

    def _note_away(self, error: RedisError) -> None:
        log.warning("the stream is unavailable, holding events in PostgreSQL: %s", error)
        self._away_until = time.monotonic() + _AWAY_SECONDS

    def _read(self, answer: list[int], limits: Limits, cost: Cost, size: int) -> RateLimitStatus:
        code, *rest = answer
        if code == TAKEN:
            return rate_limit_status(limits, rest[0])
        if code != LIMITED:
            quota = limits.quotas[rest[0] - 1]
            raise self._refusal(limits, cost, size, partial(_quota_used_up, quota, limits))
        number, wait_us, left = rest
        rate = (limits.events, limits.client, limits.bytes, limits.client_bytes)[number - 1]
        rate = rate or limits.events
        error = partial(_too_many, rate, limits, max(1, math.ceil(wait_us / 1e6)), left)
        if left <= 0:
            self._exhausted.add(rate, wait_us, error)
        raise self._refusal(limits, cost, size, error)

    def _refusal(
        self, limits: Limits, cost: Cost, size: int, error: Callable[[], TooManyRequests]
    ) -> TooManyRequests:
        """Return the error for a request whose body was decoded in vain.

        No limit in Redis is charged for it. So its client is refused early once it has sent as
        much in vain as it may send in a minute; where no client is limited, the project waits for
        a second at most after a large body.
        """
        if limits.client is None or limits.client_bytes is None:
            if cost.read_bytes > _LARGE_BYTES:
                seconds = 60 * cost.read_bytes / limits.bytes.per_minute
                self._exhausted.refuse_for(min(1.0, seconds), limits.bytes, error)
            return error()
        client = (limits.client, limits.client_bytes)
        refused = self._refused.refusal(client, cost, size, time.monotonic())
        if refused is not None:
            rate, wait = refused
            self._exhausted.refuse_for(wait, rate, error)
        return error()

    def _run(
        self,
        project_id: int,
        payload: bytes,
        limits: Limits,
        cost: Cost,
        seed: tuple[int, int, int] = (-1, -1, -1),
    ) -> list[int]:
        size, events = len(payload), limits.events
        client, client_bytes = limits.client, limits.client_bytes
        keys = [stream_of(project_id, self._partitions), events.key, BACKLOGS]
        if client is not None:
            keys.append(client.key)
        arguments: tuple[object, ...] = (
            len(keys),
            *keys,
            BATCH_FIELD,
            payload,
            cost.accepted,
            size,
            events.per_minute,
            events.cost_of(cost, size),
            limits.bytes.per_minute,
            client.per_minute if client else 0,
            cost.received if client else 0,
            *(quota.maximum for quota in limits.quotas),
            *seed,
            client_bytes.per_minute if client_bytes else 0,
            limits.bytes.cost_of(cost, size),
            client_bytes.cost_of(cost, size) if client_bytes else 0,
            ACCOUNT_FIELD,
            limits.account,
            entry_bytes(payload),
        )
        try:
            return self._evaluate(arguments)
        except NoScriptError:
            # Redis forgets scripts when it restarts.
            self._redis.script_load(SCRIPT)
            return self._evaluate(arguments)

    def _evaluate(self, arguments: tuple[object, ...]) -> list[int]:
        # The script may run twice: the ledger deduplicates, and the limits are charged twice.
        answer: list[int] = self._direct.call("EVALSHA", SHA, *arguments)
        return answer

    def _hold_in_spool(
        self, project_id: int, payload: bytes, limits: Limits, cost: Cost
    ) -> RateLimitStatus:
        """Hold the batch in the spool, limited by this process alone."""
        if self._is_disk_low:
            raise _disk_is_low()  # the last known state, while the stream is away
        refused = self._local.refusal(limits.rates, cost, len(payload), time.monotonic())
        if refused is not None:
            rate, wait = refused
            error = partial(_too_many, rate, limits, max(1, math.ceil(wait)), 0)
            raise self._refusal(limits, cost, len(payload), error)
        self._spool.add(project_id, payload, limits.account, is_public=limits.is_public)
        return rate_limit_status(limits, limits.events.per_minute)

    def _refuse_when_full(self, account: int, *, is_public: bool) -> None:
        """Refuse batches while memory, the account's share or the disk has little room left.

        That is checked once a second.
        """
        now = time.monotonic()
        if now >= self._next_memory_check:
            self._next_memory_check = now + _MEMORY_CHECK_SECONDS
            memory = read_memory(self._redis)
            # Not the stream's own size, which Redis estimates; and limits are stored there too.
            room = memory.maximum * STREAM_FULL_SHARE or self._max_bytes
            free = room - memory.used
            self._is_full = free < 0
            beyond = Beyond() if self._is_full else accounts_beyond(self._redis, room, free)
            if refused := beyond.of_public_keys - self._beyond_share.of_public_keys:
                log.warning("refusing events of accounts that fill the stream: %s", sorted(refused))
            self._beyond_share = beyond
            space = last_published(self._redis)
            self._is_disk_low = space is not None and space.is_low
        if self._is_disk_low:
            raise _disk_is_low()
        if self._is_full:
            raise _full()
        beyond = self._beyond_share
        if account in (beyond.of_public_keys if is_public else beyond.of_secret_keys):
            raise own_backlog()


def _count(project_id: int, *, day: int) -> tuple[int, int, int]:
    """Return what PostgreSQL has counted of a UTC day, and of its month; and the day.

    Redis may have lost its memory. The larger count is right: PostgreSQL does not know what is in
    the stream.
    """
    return (
        events_accepted_since(project_id, period_of("daily", day)[0]),
        events_accepted_since(project_id, period_of("monthly", day)[0]),
        day,
    )


def _refuse_oversize(limits: Limits, size: int) -> None:
    for rate in (limits.client_bytes, limits.bytes):
        if rate is not None and size > rate.per_minute:
            raise PayloadTooLarge(
                f"The request's events have {size} bytes, and the {rate.name} may send "
                f"{rate.per_minute} a minute. Send fewer events in one request."
            )


def _too_many(rate: Rate, limits: Limits, wait: int, left: int) -> TooManyRequests:
    status = rate_limit_status(limits, left, rate, wait)
    unit = "bytes" if rate.counts in {"bytes", "bytes read"} else "events"
    return TooManyRequests(
        f"This {rate.name} has reached its limit of {rate.per_minute} {unit} a minute"
        f"{_beside(rate.reserved)}. Wait {wait} s, or raise the limit in the project's settings.",
        retry_after_seconds=wait,
        headers={"RateLimit-Policy": status.policy, "RateLimit": status.limit},
    )


def _quota_used_up(quota: Quota, limits: Limits) -> TooManyRequests:
    now = time.time()
    _, resets_at = period_of(quota.period, int(now // 86_400))
    return TooManyRequests(
        f"The project's {quota.period} quota of {quota.maximum} {quota.unit}"
        f"{_beside(quota.reserved)} is used up until {resets_at:%Y-%m-%d %H:%M} UTC. "
        "Raise it in the project's settings.",
        code=ErrorCode.QUOTA_EXCEEDED,
        retry_after_seconds=max(1, math.ceil(resets_at.timestamp() - now)),
        headers={"RateLimit-Policy": rate_limit_status(limits, 0).policy},
    )


def _beside(reserved: int) -> str:
    return f" ({reserved} more are reserved for the secret key)" if reserved else ""


def _full() -> Unavailable:
    return Unavailable(
        "Too many events are waiting to be stored. Send these again later.",
        retry_after_seconds=_RETRY_SECONDS,
    )


def _disk_is_low() -> Unavailable:
    return Unavailable(
        "The server's disk is nearly full, so no events are stored. Send these again later; the "
        "operator has to make room (health and `tidemark doctor` name the disk).",
        retry_after_seconds=_RETRY_DISK_SECONDS,
    )
