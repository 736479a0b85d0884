"""Alerts on insights and on a project itself, their evaluations, and the events of the inbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, BigInt, Timestamps


class Alert(Base, Timestamps):
    """An alert: its definition, and how it stands.

    The query service writes the definition, the processor how it stands.
    """

    __tablename__ = "alerts"
    __table_args__ = (
        CheckConstraint("status IN ('ok', 'firing')", name="status"),
        CheckConstraint("reported IN ('ok', 'firing')", name="reported"),
    )

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str]
    insight_id: Mapped[int | None] = mapped_column(
        doc="A saved insight; null: the alert watches the project itself."
    )
    watch: Mapped[dict[str, Any]] = mapped_column(doc="See shared/alerts/definition.py.")
    condition: Mapped[dict[str, Any]]
    every: Mapped[str] = mapped_column(doc="minute5, minute15, hour, day or week.")
    window_minutes: Mapped[int] = mapped_column(
        doc="The time that an evaluation looks at; whole days are local ones."
    )
    evaluations: Mapped[int] = mapped_column(
        default=1, server_default="1", doc="So many in a row have to meet the condition."
    )
    min_sample: Mapped[int] = mapped_column(default=0, server_default="0")
    quiet_hours: Mapped[dict[str, Any] | None] = mapped_column(doc="start, end: local HH:MM.")
    channel_ids: Mapped[list[int]] = mapped_column(default=list, server_default="[]")
    is_paused: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    created_by: Mapped[int | None] = mapped_column(doc="A user; null: created with a secret key.")
    revision: Mapped[int] = mapped_column(
        default=0,
        server_default="0",
        doc="Raised by every change of the definition, so that no evaluation of an earlier one "
        "is stored.",
    )
    status: Mapped[str] = mapped_column(default="ok", server_default="ok")
    streak: Mapped[int] = mapped_column(
        default=0, server_default="0", doc="Evaluations in a row that met the condition."
    )
    reported: Mapped[str] = mapped_column(
        default="ok", server_default="ok", doc="The status that was sent last."
    )
    prior_status: Mapped[str | None] = mapped_column(
        doc="The status before the latest evaluation, which late events may decide anew; null: "
        "there is none of this definition."
    )
    prior_streak: Mapped[int | None] = mapped_column(doc="The streak before it.")
    evaluated_until: Mapped[datetime | None] = mapped_column(
        doc="The last instant that was evaluated; null: none."
    )
    problem: Mapped[str] = mapped_column(
        default="", server_default="", doc="Why the last evaluation failed; empty: it did not."
    )
    problem_since: Mapped[datetime | None]


class AlertEvaluation(Base):
    """One evaluation of an alert, for the chart and for events that come late. Pruned."""

    __tablename__ = "alert_evaluations"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    alert_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    met: Mapped[bool | None] = mapped_column(Boolean, doc="null: there was no verdict.")
    value: Mapped[float | None]
    baseline: Mapped[float | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
    row: Mapped[str | None] = mapped_column(doc="Of a breakdown: the row that decided.")
    reason: Mapped[str] = mapped_column(doc="Why there was no verdict.")
    status: Mapped[str] = mapped_column(doc="Of the alert, after the evaluation.")


class AlertEvent(Base):
    """An entry of the inbox: an alert fired, was acknowledged, was resolved."""

    __tablename__ = "alert_events"
    __table_args__ = (
        CheckConstraint("state IN ('firing', 'acknowledged', 'resolved')", name="state"),
        CheckConstraint(
            "resolution IN ('', 'condition', 'late_events', 'person', 'changed', 'deleted')",
            name="resolution",
        ),
        Index(
            "uq_alert_events_open",
            "project_id",
            "alert_id",
            unique=True,
            postgresql_where=text("state <> 'resolved'"),
        ),
    )

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[BigInt] = mapped_column(Identity(), primary_key=True)
    alert_id: Mapped[int]
    alert_name: Mapped[str] = mapped_column(doc="As it was when the alert fired.")
    state: Mapped[str] = mapped_column(default="firing", server_default="firing")
    fired_at: Mapped[datetime] = mapped_column(doc="The evaluation that made it fire.")
    value: Mapped[float | None]
    baseline: Mapped[float | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
    row: Mapped[str | None]
    watch: Mapped[dict[str, Any] | None] = mapped_column(
        doc="What the alert watched when it fired; null: an earlier version stored it."
    )
    acknowledged_by: Mapped[int | None]
    acknowledged_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="", server_default="")
    resolved_at: Mapped[datetime | None]
    resolution: Mapped[str] = mapped_column(
        default="",
        server_default="",
        doc="condition, late_events, person, changed or deleted; empty: it is open.",
    )
