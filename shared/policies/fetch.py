"""Fetch policies: those that are published in Redis, and from auth over HTTP."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import msgspec
from redis import Redis
from redis.exceptions import RedisError

from shared.auth.auth_service import AuthService
from shared.policies import valid_keys
from shared.policies.policy import Policy, decode, policy_key
from shared.runtime.settings import Settings

log = logging.getLogger(__name__)

MAX_AT_ONCE = 500
"""Keys that auth is asked for in one call."""
_decode_many = msgspec.json.Decoder(dict[str, Policy]).decode


class PolicySource:
    """Where policies come from. Keys are named by their hashes."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._auth = AuthService(settings)

    def published(self, key_hashes: Sequence[str]) -> dict[str, Policy]:
        """Return the policies that are published in Redis; none while Redis is unavailable.

        Raises:
            msgspec.DecodeError: a published policy cannot be read.
        """
        try:
            found: Any = self._redis.mget([policy_key(one) for one in key_hashes])
        except RedisError as error:
            log.warning("Redis is unavailable; requesting policies from auth: %s", error)
            return {}
        return {
            key_hash: decode(raw) for key_hash, raw in zip(key_hashes, found, strict=True) if raw
        }

    def was_valid(self, key_hash: str) -> bool:
        """Tell whether auth last knew the key; False while Redis is unavailable."""
        return valid_keys.was_valid(self._redis, key_hash)

    def from_auth(self, key_hashes: Sequence[str]) -> dict[str, Policy]:
        """Return the policies of known keys, as auth has them; auth publishes them.

        Args:
            key_hashes: at most ``MAX_AT_ONCE``.

        Raises:
            requests.RequestException, msgspec.DecodeError: auth is unavailable.
        """
        return _decode_many(self._auth.request("POST", "/policies", list(key_hashes)))
