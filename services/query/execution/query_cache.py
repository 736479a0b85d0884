"""From a question to its answer: the cache first, then a turn, then the report.

An answer is kept under the project's data version, a number that the processor raises after each
commit of the project's events, and so is never older than the data. Equal questions at the same
time, in whatever process, are run once: the others wait for the first one's answer.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Callable
from functools import cache
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from services.query.execution.concurrency_limit import Turns
from shared.runtime import data_version
from shared.runtime.redis_clients import get_cache

_KEPT_SECONDS = 600
_LOCK_MS = 25_000
_POLL_SECONDS = 0.05
_LARGEST = 2_000_000
_RELEASE = (
    "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
)
Content = dict[str, Any]


@cache
def turns() -> Turns:
    """The turns of this process."""
    return Turns()


def answered(project_id: int, plan: object, run: Callable[[], Content]) -> Content:
    """The answer to a plan, from the cache or by running it.

    Args:
        project_id: whose turn it takes.
        plan: frozen dataclasses all the way down: their text is what makes questions equal.
        run: answers the content; its ``took_ms`` is replaced on a hit.

    Raises:
        Unavailable: the project has too many questions running.
    """
    started = time.perf_counter()
    redis = get_cache()
    try:
        version = _text(data_version.current(redis, project_id))
        digest = hashlib.sha256(repr(plan).encode()).hexdigest()
        key = f"answer:{project_id}:{version}:{digest}"
        found = _kept(redis, key) or _wait_for_equal(redis, key)
    except RedisError:
        with turns().turn(project_id):
            return {**run(), "cached": False}
    if isinstance(found, dict):
        took = round((time.perf_counter() - started) * 1000, 2)
        return {**found, "took_ms": took, "cached": True}
    return _run_and_keep(redis, project_id, key, found, run)


def _run_and_keep(
    redis: Redis, project_id: int, key: str, token: str, run: Callable[[], Content]
) -> Content:
    try:
        with turns().turn(project_id):
            content = run()
        packed = json.dumps(content)
        if len(packed) <= _LARGEST:
            _quietly(lambda: redis.set(key, packed, ex=_KEPT_SECONDS))
    finally:
        _quietly(lambda: redis.eval(_RELEASE, 1, f"{key}:lock", token))
    return {**content, "cached": False}


def _kept(redis: Redis, key: str) -> Content | None:
    packed = redis.get(key)
    if not isinstance(packed, bytes):
        return None
    content: Content = json.loads(packed)
    return content


def _wait_for_equal(redis: Redis, key: str) -> Content | str:
    """The answer of an equal question that is running, or the token to run it oneself."""
    token = secrets.token_hex(8)
    deadline = time.monotonic() + _LOCK_MS / 1000
    while not redis.set(f"{key}:lock", token, nx=True, px=_LOCK_MS):
        time.sleep(_POLL_SECONDS)
        found = _kept(redis, key)
        if found is not None:
            return found
        if time.monotonic() > deadline:
            return token
    # The first one may have finished between looking and locking.
    found = _kept(redis, key)
    if found is not None:
        redis.eval(_RELEASE, 1, f"{key}:lock", token)
        return found
    return token


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else "0"


def _quietly(write: Callable[[], object]) -> None:
    """The answer is there; that Redis could not keep it is no reason to fail."""
    try:
        write()
    except RedisError:
        return


def forget(project_id: int) -> None:
    """No kept answer of a project is given any more: something that answers depend on changed."""
    _quietly(lambda: data_version.advance(get_cache(), project_id))
