"""Projects, their members, their event sources and their API keys."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, BigInt, Timestamps

DEFAULT_RATE_LIMIT_PER_MINUTE = 60_000
DEFAULT_SESSION_TIMEOUT_MINUTES = 60


class Project(Base, Timestamps):
    """A tenant: one app or game whose events belong together."""

    __tablename__ = "projects"
    __table_args__ = (
        CheckConstraint("sample_rate > 0 AND sample_rate <= 1", name="sample_rate"),
        CheckConstraint("ip_mode IN ('none', 'hash', 'full')", name="ip_mode"),
        CheckConstraint("do_not_track IN ('ignore', 'anonymise', 'refuse')", name="do_not_track"),
        CheckConstraint("consent IN ('implied', 'anonymise', 'refuse')", name="consent"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    domain: Mapped[str | None] = mapped_column(doc="Host name of its site; null: none is given.")
    timezone: Mapped[str] = mapped_column(
        default="UTC", server_default="UTC", doc="IANA name; every report uses its local days."
    )
    allowed_sources: Mapped[list[str]] = mapped_column(
        default=list, server_default="[]", doc="Empty: every source may send."
    )
    rate_limit_per_minute: Mapped[int] = mapped_column(
        default=DEFAULT_RATE_LIMIT_PER_MINUTE,
        server_default=str(DEFAULT_RATE_LIMIT_PER_MINUTE),
        doc="Events a minute.",
    )
    client_rate_limit_per_minute: Mapped[int | None] = mapped_column(
        doc="Events a minute from one client address by public key; null: default, 0: none."
    )
    daily_quota: Mapped[BigInt | None] = mapped_column(doc="Events a UTC day; null: no quota.")
    monthly_quota: Mapped[BigInt | None] = mapped_column(doc="Events a UTC month; null: no quota.")
    daily_quota_bytes: Mapped[BigInt | None] = mapped_column(
        doc="Bytes of events, as held in the stream, a UTC day; null: no quota."
    )
    monthly_quota_bytes: Mapped[BigInt | None] = mapped_column(
        doc="Bytes of events, as held in the stream, a UTC month; null: no quota."
    )
    sample_rate: Mapped[float] = mapped_column(
        default=1.0, server_default="1", doc="Share of distinct ids whose events are stored."
    )
    allowed_origins: Mapped[list[str]] = mapped_column(
        default=list, server_default="[]", doc="Origins of pages that may send; empty: all."
    )
    filter_bots: Mapped[bool] = mapped_column(default=True, server_default="true")
    store_user_agent: Mapped[bool] = mapped_column(
        default=False,
        server_default="false",
        doc="Whether events have the text of the user agent as a property.",
    )
    ip_mode: Mapped[str] = mapped_column(
        default="none",
        server_default="none",
        doc="What is stored of the client address.",
    )
    do_not_track: Mapped[str] = mapped_column(default="ignore", server_default="ignore")
    consent: Mapped[str] = mapped_column(default="implied", server_default="implied")
    retention_days: Mapped[int | None] = mapped_column(
        doc="Days of event time that raw events are kept; null: forever."
    )
    session_timeout_minutes: Mapped[int] = mapped_column(
        default=DEFAULT_SESSION_TIMEOUT_MINUTES,
        server_default=str(DEFAULT_SESSION_TIMEOUT_MINUTES),
        doc="A session without the client's id ends after this pause.",
    )
    flag_approval: Mapped[bool] = mapped_column(
        default=False,
        server_default="false",
        doc="Whether a second person accepts changes of feature flags.",
    )
    is_active: Mapped[bool] = mapped_column(default=True, server_default="true")
    is_sample: Mapped[bool] = mapped_column(
        default=False,
        server_default="false",
        doc="Its data is generated, so events up to 400 days old are accepted.",
    )
    deleted_at: Mapped[datetime | None] = mapped_column(
        doc="When it was deleted; its data is purged 7 days later."
    )


class EventSource(Base):
    """One source of a project's events (an app, a game, a site) and its settings."""

    __tablename__ = "event_sources"
    __table_args__ = (
        CheckConstraint("sample_rate > 0 AND sample_rate <= 1", name="sample_rate"),
        UniqueConstraint("project_id", "name"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="", server_default="")
    is_active: Mapped[bool] = mapped_column(default=True, server_default="true")
    sample_rate: Mapped[float] = mapped_column(default=1.0, server_default="1")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Membership(Base):
    """The role of a user in a project."""

    __tablename__ = "memberships"
    __table_args__ = (
        CheckConstraint("role IN ('owner', 'admin', 'member', 'analyst', 'viewer')", name="role"),
    )

    project_id: Mapped[int] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[str]
    role_since: Mapped[datetime] = mapped_column(
        server_default=func.now(), doc="When the user was given this role."
    )


class ApiKey(Base):
    """A key of a project.

    A public key ships in pages and only writes, so it is stored in clear. Of a secret key only the
    SHA-256 and the first characters are stored; it is shown once, when it is created.
    """

    __tablename__ = "api_keys"
    __table_args__ = (
        CheckConstraint("kind IN ('public', 'secret')", name="kind"),
        CheckConstraint("(kind = 'public') = (public_key IS NOT NULL)", name="public_in_clear"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    project_id: Mapped[int] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str]
    key_hash: Mapped[str] = mapped_column(unique=True, doc="SHA-256 of the key, hexadecimal.")
    prefix: Mapped[str] = mapped_column(doc="First characters, to recognise the key.")
    public_key: Mapped[str | None]
    name: Mapped[str] = mapped_column(default="", server_default="", doc="What it is used for.")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None] = mapped_column(
        doc="End of a replaced key's grace period; null: it does not expire."
    )
    revoked_at: Mapped[datetime | None]
