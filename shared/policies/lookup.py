"""Finding a key's policy: process memory, then Redis, then auth over HTTP.

What a process has seen it keeps until auth says that some policy has changed: Redis holds a token
for the state of all policies, and each process looks at it once a second. So cost does not grow
with the number of keys, and a revoked key stops working at once. A key that nobody knows is
remembered as unknown for some seconds. While auth and Redis are away the last policy seen is used,
so that events keep coming in.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from dataclasses import dataclass

import msgspec
import requests
from redis import Redis
from redis.exceptions import RedisError

from shared.auth.api_keys import key_hash, looks_like_key
from shared.auth.internal_token import HEADER, internal_token
from shared.errors import Unauthorized, Unavailable
from shared.policies.policy import POLICIES_STATE, Policy, decode, policy_key
from shared.runtime.settings import Settings

log = logging.getLogger(__name__)

FRESH_SECONDS = 5.0
"""How long the news that a key is unknown is believed, and while Redis is away any policy."""
REMEMBERED_SECONDS = 300.0
"""How long a policy is believed while nothing has changed."""
_LOOK_SECONDS = 1.0
_MAX_UNSEEN_SECONDS = 2.0
_MAX_REMEMBERED = 50_000
_AUTH_TIMEOUT_SECONDS = (1.0, 3.0)
_UNKNOWN = "This key is not valid. Use the project's key, as its settings page shows it."


@dataclass(slots=True)
class _Remembered:
    policy: Policy | None
    """None: no valid key."""
    asked_at: float
    state: bytes | None
    """Of all policies, as it was before asking."""
    is_stale: bool = False
    """Nobody could be asked."""


class Policies:
    """The policies this process has seen lately."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._auth_url = settings.auth_url.rstrip("/")
        self._headers = {HEADER: internal_token(settings.secret_key)}
        self._remembered: dict[str, _Remembered] = {}
        self._http = requests.Session()
        self._making_room = threading.Lock()
        self._state: bytes | None = None
        self._follows = False
        self._look_again = 0.0
        self._seen_at = -math.inf

    def for_key(self, key: str | None, now: float) -> Policy:
        """The policy of the key that came with a request.

        Args:
            key: None or empty when there was none.
            now: seconds since 1970, UTC.

        Raises:
            Unauthorized: there is no key, or it is unknown, revoked, or its project inactive.
            Unavailable: the key was never seen here, and neither Redis nor auth answers.
        """
        if not key:
            raise Unauthorized(
                "No key was sent. Send the project's key as X-API-Key, Authorization: Bearer, "
                "or api_key in the body."
            )
        if not looks_like_key(key):
            raise Unauthorized(_UNKNOWN)
        known = self._remembered.get(key)
        if known is None or not self._is_fresh(known):
            known = self._ask(key, known)
        if known.policy is None:
            raise Unauthorized(_UNKNOWN)
        if not known.policy.is_active:
            raise Unauthorized("This project is switched off. Its owner can switch it on again.")
        if known.policy.expires_at is not None and known.policy.expires_at <= now:
            raise Unauthorized("This key was replaced, and its time has run out. Use the new one.")
        return known.policy

    def _is_fresh(self, known: _Remembered) -> bool:
        age = time.monotonic() - known.asked_at
        if not self._looks() or known.is_stale or known.policy is None:
            return age < FRESH_SECONDS
        return known.state == self._state and age < REMEMBERED_SECONDS

    def _looks(self) -> bool:
        """Look at the state of all policies once a second; whether it could be seen."""
        now = time.monotonic()
        # After a quiet time nobody goes by what was seen before it, not even while another looks.
        if now >= self._look_again or now - self._seen_at > _MAX_UNSEEN_SECONDS:
            self._look_again = now + _LOOK_SECONDS
            try:
                self._state = self._redis.get(POLICIES_STATE)  # type: ignore[assignment]
                self._follows, self._seen_at = True, now
            except RedisError as error:
                log.warning("Redis is away; policies are asked for again and again: %s", error)
                self._follows = False
        return self._follows

    def _ask(self, key: str, last: _Remembered | None) -> _Remembered:
        self._looks()
        hashed, asked_at, state = key_hash(key), time.monotonic(), self._state
        try:
            policy = self._from_redis(hashed) or self._from_auth(hashed)
            known = _Remembered(policy, asked_at, state)
        except (requests.RequestException, msgspec.DecodeError) as error:
            if last is None:
                raise Unavailable("Keys cannot be checked at the moment.") from error
            log.warning("auth is away; using the last known policy: %s", error)
            known = _Remembered(last.policy, asked_at, state, is_stale=True)
        with self._making_room:
            self._remembered.pop(key, None)
            if len(self._remembered) >= _MAX_REMEMBERED:
                del self._remembered[next(iter(self._remembered))]
            self._remembered[key] = known
        return known

    def _from_redis(self, hashed: str) -> Policy | None:
        try:
            raw: bytes | None = self._redis.get(policy_key(hashed))  # type: ignore[assignment]
        except RedisError as error:
            log.warning("Redis is away; asking auth for a policy: %s", error)
            return None
        return decode(raw) if raw else None

    def _from_auth(self, hashed: str) -> Policy | None:
        answer = self._http.get(
            f"{self._auth_url}/internal/policies/{hashed}",
            headers=self._headers,
            timeout=_AUTH_TIMEOUT_SECONDS,
        )
        if answer.status_code == 404:
            return None
        answer.raise_for_status()
        return decode(answer.content)
