"""Accounts of people who log in to Tidemark (not the persons whose events it stores)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, BigInt, Timestamps


class User(Base, Timestamps):
    """An account. The first one owns the installation (``is_superuser``)."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    email: Mapped[str] = mapped_column(unique=True, doc="Lower case; unique.")
    name: Mapped[str]
    password_hash: Mapped[str | None] = mapped_column(
        doc="Argon2id, in PHC string form; null: logs in by SSO only."
    )
    is_active: Mapped[bool] = mapped_column(default=True, server_default="true")
    is_superuser: Mapped[bool] = mapped_column(default=False, server_default="false")
    session_version: Mapped[int] = mapped_column(
        default=0, server_default="0", doc="Raising it ends all login sessions of the account."
    )
    last_login_at: Mapped[datetime | None]
    totp_secret: Mapped[str | None] = mapped_column(
        doc="Secret of the second factor, encrypted by a key derived from SECRET_KEY."
    )
    totp_enabled_at: Mapped[datetime | None] = mapped_column(
        doc="Null: the second factor is off; a secret may be waiting for its first code."
    )
    totp_last_step: Mapped[BigInt | None] = mapped_column(
        doc="The 30-second step of the last accepted code; it and older ones are refused."
    )
    recovery_codes: Mapped[list[str]] = mapped_column(
        default=list, server_default="[]", doc="SHA-256 of the unused codes."
    )


class ExternalIdentity(Base):
    """The identity of an account at an OpenID Connect provider."""

    __tablename__ = "external_identities"

    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Invitation(Base):
    """A secret link to join a project, or to create an account without one."""

    __tablename__ = "invitations"
    __table_args__ = (
        CheckConstraint("role IN ('owner', 'admin', 'member', 'analyst', 'viewer')", name="role"),
        Index("ix_invitations_project_id", "project_id", "id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    project_id: Mapped[int | None] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"),
        doc="Null: without a project.",
    )
    email: Mapped[str] = mapped_column(doc="Lower case; only this address may accept.")
    role: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True, doc="SHA-256 of the token in the link.")
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]


class AuditEntry(Base):
    """Who changed what, and when. Rows are added, never changed, but to count repeats.

    ``project_id`` 0 stands for the installation itself: accounts, logins, deleted projects.
    """

    __tablename__ = "audit_log"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[BigInt] = mapped_column(Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    actor_id: Mapped[int | None] = mapped_column(doc="Null: no user was logged in.")
    actor_email: Mapped[str] = mapped_column(doc="As it was then: the log outlives accounts.")
    address: Mapped[str] = mapped_column(doc="Network address of the client.")
    action: Mapped[str] = mapped_column(doc="Such as ``settings.changed``.")
    details: Mapped[dict[str, object]] = mapped_column(
        default=dict,
        server_default="{}",
        doc="What was changed, with old and new values.",
    )


class ProjectDeletion(Base):
    """A project whose deletion is pending, running or finished."""

    __tablename__ = "project_deletions"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(doc="Name of the project, which may no longer exist.")
    requested_at: Mapped[datetime] = mapped_column(server_default=func.now())
    purge_after: Mapped[datetime] = mapped_column(doc="The deletion can be withdrawn until then.")
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    done: Mapped[int] = mapped_column(default=0, server_default="0", doc="Finished steps.")
    total: Mapped[int] = mapped_column(default=0, server_default="0", doc="All steps.")
    rows: Mapped[BigInt] = mapped_column(default=0, server_default="0", doc="Rows deleted so far.")
