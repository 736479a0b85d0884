"""What people keep of their questions: insights, dashboards, annotations, definitions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Timestamps


class SavedInsight(Base, Timestamps):
    """A question with a name. ``query`` is the body it is asked with."""

    __tablename__ = "saved_insights"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="", server_default="")
    kind: Mapped[str] = mapped_column(doc="trends, funnel, retention …")
    query: Mapped[dict[str, Any]]
    created_by: Mapped[int | None] = mapped_column(doc="A user; null: a secret key's holder.")


class Dashboard(Base, Timestamps):
    """A dashboard: saved insights in an order, perhaps readable by whoever has its link."""

    __tablename__ = "dashboards"
    __table_args__ = (Index("ix_dashboards_share_hash", "project_id", "share_hash"),)

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="", server_default="")
    tiles: Mapped[dict[str, Any]] = mapped_column(doc="`items`: insight ids with their layout.")
    share_hash: Mapped[str | None] = mapped_column(doc="SHA-256 of the link's token; null: none.")
    created_by: Mapped[int | None]


class Annotation(Base, Timestamps):
    """A remark on a moment, shown in charts: a release, an outage, a campaign."""

    __tablename__ = "annotations"
    __table_args__ = (Index("ix_annotations_project_at", "project_id", "at"),)

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    at: Mapped[datetime]
    text: Mapped[str]
    created_by: Mapped[int | None]


class Definition(Base, Timestamps):
    """What people say about an event name or a property; what was seen is found in the events."""

    __tablename__ = "definitions"
    __table_args__ = (CheckConstraint("kind IN ('event', 'property')", name="kind"),)

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    description: Mapped[str] = mapped_column(default="", server_default="")
    hidden: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    json_schema: Mapped[dict[str, Any] | None] = mapped_column(
        doc="JSON Schema of an event's properties; null: any."
    )
