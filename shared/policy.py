"""A project's policy: what ingest must know about a key, published by auth through Redis."""

from __future__ import annotations

from typing import Literal

import msgspec

POLICY_TTL_SECONDS = 300
"""A published policy is renewed on demand after this long, should a publication be lost."""


class Policy(msgspec.Struct, frozen=True):
    """The rules for the holder of one key."""

    project_id: int
    kind: Literal["public", "secret"]
    is_active: bool
    timezone: str
    """IANA name of the project's time zone."""
    allowed_sources: tuple[str, ...]
    """Empty: every source may send."""
    rate_limit_per_minute: int
    """Events a minute."""


_decoder = msgspec.json.Decoder(Policy)


def policy_key(key_hash: str) -> str:
    """Where the policy of the key with this SHA-256 is published."""
    return f"policy:{key_hash}"


def encode(policy: Policy) -> bytes:
    """JSON, as published."""
    return msgspec.json.encode(policy)


def decode(raw: bytes) -> Policy:
    """Read a published policy.

    Raises:
        msgspec.DecodeError: the bytes are not a policy.
    """
    return _decoder.decode(raw)
