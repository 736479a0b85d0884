"""Finding a key's policy: process memory, then Redis, then auth over HTTP.

A key that nobody knows is remembered as unknown. While auth and Redis are away the last policy
seen is used, so that events keep coming in.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

import msgspec
import requests
from redis import Redis
from redis.exceptions import RedisError

from shared.errors import Unauthorized, Unavailable
from shared.internal import HEADER, internal_token
from shared.keys import key_hash, looks_like_key
from shared.policy import Policy, decode, policy_key
from shared.settings import Settings

log = logging.getLogger(__name__)

FRESH_SECONDS = 5.0
"""How long a policy, or the news that a key is unknown, is believed without asking."""
_MOST_REMEMBERED = 20_000
_AUTH_TIMEOUT_SECONDS = (1.0, 3.0)
_UNKNOWN = "This key is not valid. Use the project's key, as its settings page shows it."


@dataclass(slots=True)
class _Remembered:
    policy: Policy | None
    until: float


class Policies:
    """The policies this process has seen lately."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._auth_url = settings.auth_url.rstrip("/")
        self._headers = {HEADER: internal_token(settings.secret_key)}
        self._remembered: dict[str, _Remembered] = {}
        self._http = requests.Session()

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
        if known is None or known.until < time.monotonic():
            known = self._ask(key, known)
        if known.policy is None:
            raise Unauthorized(_UNKNOWN)
        if not known.policy.is_active:
            raise Unauthorized("This project is switched off. Its owner can switch it on again.")
        if known.policy.expires_at is not None and known.policy.expires_at <= now:
            raise Unauthorized("This key was replaced, and its time has run out. Use the new one.")
        return known.policy

    def _ask(self, key: str, stale: _Remembered | None) -> _Remembered:
        hashed = key_hash(key)
        try:
            policy = self._from_redis(hashed) or self._from_auth(hashed)
        except (requests.RequestException, msgspec.DecodeError) as error:
            if stale is None:
                raise Unavailable("Keys cannot be checked at the moment.") from error
            log.warning("auth is away; using the last known policy: %s", error)
            policy = stale.policy
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered.clear()
        known = _Remembered(policy, time.monotonic() + FRESH_SECONDS)
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
