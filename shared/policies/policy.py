"""A project's policy: everything ingest must know about a key, published by auth to Redis."""

from __future__ import annotations

from typing import Literal

import msgspec

from shared.events.property_schemas import PropertySchema

POLICY_TTL_SECONDS = 900
"""Lifetime of a published policy in Redis, in case an invalidation is lost."""

ENDED = 0.0
"""``expires_at`` of a key that has ended, whatever the clock of whoever reads it says."""


class SourceRule(msgspec.Struct, frozen=True):
    """A project's settings of one source."""

    is_active: bool = True
    """False: its events are dropped."""
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
    """Events a minute from one client address by public key. None: the installation's default;
    0: no limit."""
    daily_quota: int | None = None
    """Events a UTC day; None: no quota."""
    monthly_quota: int | None = None
    """Events a UTC month; None: no quota."""
    daily_quota_bytes: int | None = None
    """Bytes of events, as they are held, a UTC day; None: no quota."""
    monthly_quota_bytes: int | None = None
    """Bytes of events, as they are held, a UTC month; None: no quota."""
    sample_rate: float = 1.0
    """Share of persons whose events are kept, above 0 and up to 1."""
    sources: dict[str, SourceRule] = {}
    """Settings of single sources, by name."""
    allowed_origins: tuple[str, ...] = ()
    """Origins (``https://example.org``) of pages that may send events; empty: all."""
    filter_bots: bool = True
    ip_mode: Literal["none", "hash", "full"] = "none"
    """What is stored of the client address."""
    store_user_agent: bool = False
    """Whether events have the text of the user agent, as their property ``$user_agent``."""
    do_not_track: Literal["ignore", "anonymise", "refuse"] = "ignore"
    """Treatment of events with a Do-Not-Track or Global Privacy Control header."""
    consent: Literal["implied", "anonymise", "refuse"] = "implied"
    """Treatment of events without the person's consent."""
    expires_at: float | None = None
    """Seconds since 1970 after which the key is refused; None: it does not expire; ``ENDED``: it
    was revoked or has expired, or its project is deleted."""
    retention_days: int | None = None
    """Local days, before today, whose raw events are stored; None: no limit."""
    schemas: dict[str, PropertySchema] = {}
    """By event name: what the event's properties have to fit."""
    expired_until: float = 0.0
    """End of the last local day whose raw events were removed, in seconds since 1970. Such a day
    stays removed when the retention is prolonged."""
    is_sample: bool = False
    """Its data is generated: events older than the deduplication window are accepted."""
    owner_id: int = 0
    """Of the project's first owner, a user; 0: it has none."""

    @property
    def account(self) -> int:
        """Return who is counted where accounts share something; negative: the project itself."""
        return self.owner_id or -self.project_id


_decoder = msgspec.json.Decoder(Policy)


def policy_key(key_hash: str) -> str:
    """Return the Redis key of the policy of the API key with this SHA-256."""
    return f"policy:{key_hash}"


def encode(policy: Policy) -> bytes:
    """Return the policy as JSON, as it is published."""
    return msgspec.json.encode(policy)


def decode(raw: bytes) -> Policy:
    """Read a published policy.

    Raises:
        msgspec.DecodeError: the bytes are not a policy.
    """
    return _decoder.decode(raw)
