"""Reports: dashboards and saved insights that are sent by mail at their times."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Identity
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Timestamps


class Report(Base, Timestamps):
    """A dashboard or a saved insight, when it is sent, and to whom."""

    __tablename__ = "reports"
    __table_args__ = (
        CheckConstraint("(dashboard_id IS NULL) <> (insight_id IS NULL)", name="one_subject"),
        CheckConstraint("frequency IN ('daily', 'weekly', 'monthly')", name="frequency"),
    )

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str]
    dashboard_id: Mapped[int | None] = mapped_column(doc="Null: a saved insight is sent.")
    insight_id: Mapped[int | None] = mapped_column(doc="Null: a dashboard is sent.")
    frequency: Mapped[str]
    weekday: Mapped[int] = mapped_column(
        default=1, server_default="1", doc="Of a weekly report: 1 (Monday) to 7."
    )
    month_day: Mapped[int] = mapped_column(
        default=1, server_default="1", doc="Of a monthly report: 1 to 31, or the month's last day."
    )
    time: Mapped[str] = mapped_column(doc="Local time of the project, as HH:MM.")
    language: Mapped[str] = mapped_column(default="en", server_default="en")
    recipients: Mapped[dict[str, Any]] = mapped_column(
        doc="`items`: addresses, with the id of the account that a member had."
    )
    unsubscribed: Mapped[list[str]] = mapped_column(
        default=list, server_default="[]", doc="Addresses that want no more; kept when edited."
    )
    is_paused: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    timezone: Mapped[str] = mapped_column(doc="IANA name of the zone that next_at is of.")
    next_at: Mapped[datetime] = mapped_column(doc="When it is due.")
    attempts: Mapped[int] = mapped_column(
        default=0, server_default="0", doc="Attempts for next_at that did not succeed."
    )
    attempted_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(doc="Of the last attempt; null: it succeeded.")
    last_sent_at: Mapped[datetime | None]
    last_period: Mapped[date | None] = mapped_column(doc="First day of the period last sent.")
    created_by: Mapped[int | None] = mapped_column(doc="A user; null: created with a secret key.")
