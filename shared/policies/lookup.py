"""Look up a key's policy: process memory, then Redis, then auth over HTTP.

A process caches policies until auth reports that some policy has changed: Redis holds a token for
the state of all policies, and each process reads it once a second. So cost does not grow with the
number of keys, and a revoked key stops working at once. An unknown key is cached as unknown for
some seconds. While auth and Redis are unavailable the last known policy is used, so that ingestion
continues.
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
from shared.errors import ErrorCode, Unauthorized, Unavailable
from shared.policies.policy import POLICIES_STATE, Policy, decode, policy_key
from shared.runtime.settings import Settings

log = logging.getLogger(__name__)

FRESH_SECONDS = 5.0
"""Lifetime of a cached unknown key, and of any cached policy while Redis is unavailable."""
REMEMBERED_SECONDS = 300.0
"""Lifetime of a cached policy while no policy has changed."""
_LOOK_SECONDS = 1.0
_MAX_UNSEEN_SECONDS = 2.0
_MAX_REMEMBERED = 50_000
_AUTH_TIMEOUT_SECONDS = (1.0, 3.0)
_UNKNOWN = "This key is not valid. Use the key shown on the project's settings page."


@dataclass(slots=True)
class _Remembered:
    policy: Policy | None
    """None: no valid key."""
    asked_at: float
    state: bytes | None
    """Token of all policies, as it was before the lookup."""
    is_stale: bool = False
    """Neither Redis nor auth answered."""


class Policies:
    """The policies of recently used keys, cached in this process."""

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
        """Return the policy of a request's key.

        Args:
            key: None or empty when there was none.
            now: seconds since 1970, UTC.

        Raises:
            Unauthorized: there is no key, or it is unknown or revoked, or its project is inactive.
            Unavailable: the key is not cached, and neither Redis nor auth answers.
        """
        if not key:
            raise Unauthorized(
                "The request has no key. Send the project's key as X-API-Key, "
                "Authorization: Bearer, or api_key in the body."
            )
        if not looks_like_key(key):
            raise Unauthorized(_UNKNOWN, code=ErrorCode.INVALID_KEY)
        known = self._remembered.get(key)
        if known is None or not self._is_fresh(known):
            known = self._ask(key, known)
        if known.policy is None:
            raise Unauthorized(_UNKNOWN, code=ErrorCode.INVALID_KEY)
        if not known.policy.is_active:
            raise Unauthorized(
                "This project is switched off. Its owner can switch it on again.",
                code=ErrorCode.PROJECT_INACTIVE,
            )
        if known.policy.expires_at is not None and known.policy.expires_at <= now:
            raise Unauthorized(
                "This key was replaced and has expired. Use the new key.",
                code=ErrorCode.INVALID_KEY,
            )
        return known.policy

    def _is_fresh(self, known: _Remembered) -> bool:
        follows, now = self._looks(), time.monotonic()
        if known.is_stale or known.policy is None:
            return now - known.asked_at < FRESH_SECONDS
        if not follows:
            # It was right when the state was last seen, not only when it was asked for.
            seen_at = self._seen_at if known.state == self._state else known.asked_at
            return now - max(known.asked_at, seen_at) < FRESH_SECONDS
        return known.state == self._state and now - known.asked_at < REMEMBERED_SECONDS

    def _looks(self) -> bool:
        """Read the token of all policies once a second; return whether Redis answered."""
        now = time.monotonic()
        # After an idle time no thread may use the old token, not even while another reads it.
        if now >= self._look_again or now - self._seen_at > _MAX_UNSEEN_SECONDS:
            self._look_again = now + _LOOK_SECONDS
            try:
                self._state = self._redis.get(POLICIES_STATE)  # type: ignore[assignment]
                self._follows, self._seen_at = True, now
            except RedisError as error:
                log.warning("Redis is unavailable; policies are looked up more often: %s", error)
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
                raise Unavailable(
                    "Keys cannot be checked at the moment. Try again in a few seconds."
                ) from error
            log.warning("auth is unavailable; using the last known policy: %s", error)
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
            log.warning("Redis is unavailable; requesting the policy from auth: %s", error)
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
