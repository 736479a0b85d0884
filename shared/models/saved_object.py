"""Saved objects: insights, dashboards, annotations, definitions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Timestamps


class SavedInsight(Base, Timestamps):
    """An insight with a name. ``query`` is the request body of the insight."""

    __tablename__ = "saved_insights"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="", server_default="")
    kind: Mapped[str] = mapped_column(doc="trends, funnel, retention …")
    query: Mapped[dict[str, Any]]
    view: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default="{}", doc="How the result is shown: the chart, its scale."
    )
    is_favourite: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    created_by: Mapped[int | None] = mapped_column(doc="A user; null: created with a secret key.")


class Dashboard(Base, Timestamps):
    """A dashboard: ordered saved insights and texts, optionally readable by a public link."""

    __tablename__ = "dashboards"
    __table_args__ = (Index("ix_dashboards_share_hash", "project_id", "share_hash"),)

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="", server_default="")
    tiles: Mapped[dict[str, Any]] = mapped_column(
        doc="`items`: insight ids or texts with their layout."
    )
    share_hash: Mapped[str | None] = mapped_column(doc="SHA-256 of the link's token; null: none.")
    share_expires_at: Mapped[datetime | None] = mapped_column(doc="null: the link stays.")
    share_password_hash: Mapped[str | None] = mapped_column(doc="Argon2id; null: no password.")
    share_period: Mapped[str | None] = mapped_column(
        doc="The only period that the link shows; null: readers choose dates."
    )
    share_earliest: Mapped[date | None] = mapped_column(
        doc="The first day that readers may choose; null: any."
    )
    share_origins: Mapped[list[str]] = mapped_column(
        default=list, server_default="[]", doc="Origins of pages that may embed the link."
    )
    share_segments: Mapped[list[int]] = mapped_column(
        default=list, server_default="[]", doc="Ids of segments that readers may choose."
    )
    created_by: Mapped[int | None]


class Annotation(Base, Timestamps):
    """A note on a point in time, shown in charts: a release, an outage, a campaign."""

    __tablename__ = "annotations"
    __table_args__ = (Index("ix_annotations_project_at", "project_id", "at"),)

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    at: Mapped[datetime]
    text: Mapped[str]
    created_by: Mapped[int | None]


class Definition(Base, Timestamps):
    """The documentation of an event name or a property, written by members."""

    __tablename__ = "definitions"
    __table_args__ = (
        CheckConstraint("kind IN ('event', 'property')", name="kind"),
        CheckConstraint("schema_mode IN ('off', 'warn', 'refuse')", name="schema_mode"),
    )

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    description: Mapped[str] = mapped_column(default="", server_default="")
    hidden: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    json_schema: Mapped[dict[str, Any] | None] = mapped_column(
        doc="JSON Schema of an event's properties; null: any."
    )
    owner: Mapped[str] = mapped_column(
        default="", server_default="", doc="Who answers questions about it; empty: nobody is named."
    )
    verified: Mapped[bool] = mapped_column(
        Boolean, default=False, server_default="false", doc="A member says that it is right."
    )
    schema_mode: Mapped[str] = mapped_column(
        default="off",
        server_default="off",
        doc="What ingest does with events that do not fit: nothing (off), warn, or refuse.",
    )
