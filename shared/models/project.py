"""Projects, who may see them, and the keys that write to and read from them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Timestamps

DEFAULT_RATE_LIMIT_PER_MINUTE = 60_000


class Project(Base, Timestamps):
    """A tenant: one app or game whose events belong together."""

    __tablename__ = "projects"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    timezone: Mapped[str] = mapped_column(
        default="UTC", server_default="UTC", doc="IANA name; its days are the days of every report."
    )
    allowed_sources: Mapped[list[str]] = mapped_column(
        default=list, server_default="[]", doc="Empty: every source may send."
    )
    rate_limit_per_minute: Mapped[int] = mapped_column(
        default=DEFAULT_RATE_LIMIT_PER_MINUTE,
        server_default=str(DEFAULT_RATE_LIMIT_PER_MINUTE),
        doc="Events a minute.",
    )
    is_active: Mapped[bool] = mapped_column(default=True, server_default="true")


class Membership(Base):
    """Which user may do what in which project."""

    __tablename__ = "memberships"
    __table_args__ = (
        CheckConstraint("role IN ('owner', 'admin', 'member', 'viewer')", name="role"),
    )

    project_id: Mapped[int] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[str]


class ApiKey(Base):
    """A key of a project.

    A public key ships in pages and only writes, so it is kept in clear. Of a secret key only
    the SHA-256 and the first characters are kept; it is shown once, when it is made.
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
    prefix: Mapped[str] = mapped_column(doc="First characters, to recognise a key by.")
    public_key: Mapped[str | None]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
