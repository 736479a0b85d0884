"""Answer a query from the cache, or run it in a slot of its project.

An answer is cached under the project's data version. The processor raises it after each commit of
the project's events, and the query service when people save what answers depend on, so an answer
from before such a change is not given after it. Equal queries at the same time, in whatever
process, run once: the others wait for the first answer. Only members do not wait for callers
without an account, such as readers of public links, whose queries wait behind those of members.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError

from services.query.execution.concurrency_limit import HeldThread, concurrency_limiter
from shared.auth.charged_account import charged_account, is_anonymous
from shared.responses import to_json
from shared.runtime import data_version
from shared.runtime.redis_clients import get_answer_cache, get_state_redis
from shared.runtime.settings import get_settings

CACHE_TTL_SECONDS = 600
MAX_CACHED_BYTES = 2_000_000
_LOCK_MS = 25_000
_POLL_SECONDS = 0.05
_RELEASE = (
    "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
)
# The index orders a project's answers by the sum of all bytes stored up to and with each. Answers
# that have expired since count too, and are the first to go.
_STORE = """
local answer, index, packed, seconds, budget = KEYS[1], KEYS[2], ARGV[1], ARGV[2], tonumber(ARGV[3])
local newest = redis.call('ZRANGE', index, -1, -1, 'WITHSCORES')
local total = tonumber(newest[2] or 0) + #packed
redis.call('SET', answer, packed, 'EX', seconds)
redis.call('ZADD', index, total, answer)
redis.call('EXPIRE', index, seconds)
for _, oldest in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', total - budget)) do
    redis.call('DEL', oldest)
end
redis.call('ZREMRANGEBYSCORE', index, '-inf', total - budget)
"""
Content = dict[str, Any]


def cached(project_id: int, plan: object, run: Callable[[], object]) -> Content:
    """Return the JSON of the response to a plan, from the cache or by running it.

    Args:
        project_id: the project whose slot the query takes.
        plan: frozen dataclasses all the way down. Their ``repr`` is the cache key, so a field that
            changes the answer must be part of it.
        run: computes the response. On a hit its ``took_ms``, ``cached`` and ``as_of``, where it
            has them, are replaced.

    Raises:
        Unavailable: the project has too many queries running.
    """
    started, asked_at = time.perf_counter(), datetime.now(timezone.utc)
    redis = get_answer_cache()
    try:
        # Not in the cache: an evicted version would bring back answers of an earlier one.
        version = data_version.current(get_state_redis(), project_id).decode()
        digest = hashlib.sha256(repr(plan).encode()).hexdigest()
        key = f"answer:{project_id}:{version}:{digest}"
        found = _read(redis, key)
    except RedisError:
        with concurrency_limiter().slot(project_id):
            content: Content = to_json(run())
            return content
    if found is None:
        with concurrency_limiter().hold_thread(project_id) as held_thread:
            equal = _wait_for_equal_unless_away(redis, key)
            if not isinstance(equal, dict):
                return _run_and_store(held_thread, project_id, key, equal, run)
            found = equal
    took = round((time.perf_counter() - started) * 1000, 2)
    # Nothing has been stored since the answer was computed, so it is as good as one of now.
    fresh = {"took_ms": took, "cached": True, "as_of": asked_at.isoformat()}
    return found | {name: value for name, value in fresh.items() if name in found}


def invalidate(project_id: int) -> None:
    """Invalidate the project's cached answers, because something they depend on has changed."""
    _ignore_redis_errors(lambda: data_version.advance(get_state_redis(), project_id))


def _run_and_store(
    held_thread: HeldThread, project_id: int, key: str, token: str, run: Callable[[], object]
) -> Content:
    # Not as a transaction: the lock is released even where the answer does not fit into Redis.
    commands = get_answer_cache().pipeline(transaction=False)
    try:
        with held_thread.running():
            content: Content = to_json(run())
        packed = json.dumps(content)
        if len(packed) <= MAX_CACHED_BYTES:
            _store(commands, project_id, key, packed)
    finally:
        commands.eval(_RELEASE, 1, _lock_of(key), token)
        _ignore_redis_errors(commands.execute)
    return content


def _store(commands: Pipeline, project_id: int, key: str, packed: str) -> None:
    """Cache an answer; the project's oldest ones give way when it has more than its share."""
    budget = get_settings().cache_bytes_per_project
    commands.eval(
        _STORE, 2, key, f"answers-of:{project_id}", packed, CACHE_TTL_SECONDS, str(budget)
    )


def _read(redis: Redis, key: str) -> Content | None:
    packed = redis.get(key)
    return _content(packed) if isinstance(packed, bytes) else None


def _content(packed: bytes) -> Content:
    content: Content = json.loads(packed)
    return content


def _wait_for_equal_unless_away(redis: Redis, key: str) -> Content | str:
    """Return as ``_wait_for_equal``; while Redis is unavailable, equal queries each run."""
    try:
        return _wait_for_equal(redis, key)
    except RedisError:
        return secrets.token_hex(8)


def _wait_for_equal(redis: Redis, key: str) -> Content | str:
    """Return the answer of an equal query that is running, or else the token of the lock."""
    token, lock = secrets.token_hex(8), _lock_of(key)
    deadline = time.monotonic() + _LOCK_MS / 1000
    while True:
        # Read after the lock is asked for: an equal query may have finished just before.
        commands = redis.pipeline(transaction=False)
        commands.set(lock, token, nx=True, px=_LOCK_MS)
        commands.get(key)
        locked, packed = commands.execute()
        if packed is not None:
            if locked:
                redis.eval(_RELEASE, 1, lock, token)
            return _content(packed)
        if locked or time.monotonic() > deadline:
            return token
        time.sleep(_POLL_SECONDS)


def _lock_of(key: str) -> str:
    """Return the lock of equal queries: one of members, one of callers without an account."""
    return f"{key}:anonymous-lock" if is_anonymous(charged_account.get()) else f"{key}:lock"


def _ignore_redis_errors(command: Callable[[], object]) -> None:
    """Ignore Redis errors in the block: the query has its answer already."""
    try:
        command()
    except RedisError:
        return
