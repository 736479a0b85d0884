"""Cohorts: groups of persons that filters can refer to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Identity
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Timestamps


class Cohort(Base, Timestamps):
    """A group of persons: by behaviour and properties (``query``), or uploaded (no query)."""

    __tablename__ = "cohorts"
    __table_args__ = (CheckConstraint("kind IN ('behaviour', 'upload')", name="kind"),)

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="", server_default="")
    kind: Mapped[str]
    query: Mapped[dict[str, Any] | None] = mapped_column(
        doc="The definition as sent; null for uploads."
    )
    size: Mapped[int] = mapped_column(default=0, server_default="0")
    counted_at: Mapped[datetime | None] = mapped_column(doc="When members were last determined.")


class CohortMember(Base):
    """A member of a cohort at the time it was last counted."""

    __tablename__ = "cohort_members"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cohort_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
