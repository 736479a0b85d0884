"""Feature flags, their history, changes that wait for a second person, and evaluations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Identity, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, BigInt, Timestamps


class FeatureFlag(Base, Timestamps):
    """A flag as it is now."""

    __tablename__ = "feature_flags"
    __table_args__ = (UniqueConstraint("project_id", "key"),)

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(doc="As code names it; never changes.")
    version: Mapped[int] = mapped_column(doc="Number of its changes, from 1.")
    definition: Mapped[dict[str, Any]] = mapped_column(doc="See shared/flags/definition.py.")
    created_by: Mapped[int] = mapped_column(doc="A user.")


class FeatureFlagVersion(Base):
    """A flag as a change left it. The newest of a project is the version of all its flags."""

    __tablename__ = "feature_flag_versions"
    __table_args__ = (UniqueConstraint("project_id", "flag_id", "version"),)

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[BigInt] = mapped_column(Identity(), primary_key=True)
    flag_id: Mapped[int]
    version: Mapped[int]
    definition: Mapped[dict[str, Any] | None] = mapped_column(doc="Null: the flag was deleted.")
    changed_by: Mapped[int] = mapped_column(doc="A user.")
    changed_by_email: Mapped[str] = mapped_column(doc="As it was then.")
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    approved_by: Mapped[int | None] = mapped_column(doc="A user; null: nobody had to approve it.")
    approved_by_email: Mapped[str | None] = mapped_column(doc="As it was then.")


class ProposedFlagChange(Base):
    """A change of a flag that waits until somebody else accepts it; at most one of a flag."""

    __tablename__ = "proposed_flag_changes"
    __table_args__ = (UniqueConstraint("project_id", "flag_id"),)

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    flag_id: Mapped[int]
    changes: Mapped[dict[str, Any]] = mapped_column(doc="Values by field of the definition.")
    proposed_by: Mapped[int] = mapped_column(doc="A user.")
    proposed_by_email: Mapped[str] = mapped_column(doc="As it was then.")
    proposed_at: Mapped[datetime] = mapped_column(server_default=func.now())


class FlagEvaluationCount(Base):
    """How often a flag was evaluated in an hour with one value, for one kind of request."""

    __tablename__ = "flag_evaluations"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hour: Mapped[datetime] = mapped_column(
        primary_key=True, doc="Start of the hour, UTC; of days before yesterday that of the day."
    )
    flag_id: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, doc="0: all flags, where definitions were asked for."
    )
    request: Mapped[str] = mapped_column(
        primary_key=True, doc="See Request of shared/flags/evaluation_counts.py."
    )
    value: Mapped[str] = mapped_column(
        primary_key=True, doc="true, false or a variant; empty for definitions; *: further values."
    )
    evaluations: Mapped[BigInt]
