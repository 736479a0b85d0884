"""A project's policy: what ingest must know about a key, published by auth through Redis."""

from __future__ import annotations

from typing import Literal

import msgspec

POLICY_TTL_SECONDS = 900
"""A published policy is renewed on demand after this long, should a publication be lost."""
POLICIES_STATE = "policies:state"
"""Where Redis holds a token that is new whenever some published policy has ceased to be true."""


class SourceRule(msgspec.Struct, frozen=True):
    """What a project has decided about one source."""

    is_active: bool = True
    """False: its events are refused."""
    sample_rate: float = 1.0
    """Share of persons whose events are kept, above 0 and up to 1."""


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
    """Events a minute, of the project."""
    client_rate_limit_per_minute: int | None = None
    """Events a minute from one client address by public key; None: no limit of their own."""
    daily_quota: int | None = None
    """Events a UTC day; None: no quota."""
    monthly_quota: int | None = None
    """Events a UTC month; None: no quota."""
    sample_rate: float = 1.0
    """Share of persons whose events are kept, above 0 and up to 1."""
    sources: dict[str, SourceRule] = {}
    """What was decided about single sources, by name."""
    allowed_origins: tuple[str, ...] = ()
    """Origins (``https://example.org``) of pages that may send; empty: all."""
    filter_bots: bool = True
    ip_mode: Literal["none", "hash", "full"] = "none"
    """What is stored of the client address."""
    do_not_track: Literal["ignore", "anonymise", "refuse"] = "ignore"
    """What a Do-Not-Track or Global Privacy Control header means here."""
    consent: Literal["implied", "anonymise", "refuse"] = "implied"
    """What becomes of events that do not say that their person consented."""
    expires_at: float | None = None
    """Seconds since 1970 after which the key is refused; None: it has no end."""


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
