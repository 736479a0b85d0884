"""Sessions: events of a person without a long pause."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import REAL, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base


class SessionRow(Base):
    """One session, by the client's id or by inactivity, in event time.

    Its length is ``ended_at`` − ``started_at``; it is a bounce when it has one event. Source,
    referrer, campaign, country and device are those of the first event.
    """

    __tablename__ = "sessions"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    session_id: Mapped[str] = mapped_column(
        primary_key=True, doc="The client's id; by inactivity: ~ and the first event's id."
    )
    person_id: Mapped[int] = mapped_column(doc="Person of the first event.")
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime] = mapped_column(doc="Time of the last event.")
    first_event_id: Mapped[uuid.UUID]
    events: Mapped[int] = mapped_column(
        doc="Without $session_start and $session_end, which only mark its ends."
    )
    pageviews: Mapped[int] = mapped_column(doc="Page views and screens.")
    entry_at: Mapped[datetime | None] = mapped_column(doc="Time of the first page view.")
    entry_page: Mapped[str | None]
    exit_at: Mapped[datetime | None] = mapped_column(doc="Time of the last page view.")
    exit_page: Mapped[str | None]
    by_inactivity: Mapped[bool]
    client_session_id: Mapped[str | None] = mapped_column(
        doc="The client's id, where another session has it as its own: of another person, or of "
        "more than a day before."
    )
    sample_weight: Mapped[float | None] = mapped_column(
        REAL, doc="How many sessions this one stands for; null: 1."
    )
    source: Mapped[str | None]
    referrer: Mapped[str | None]
    utm_source: Mapped[str | None]
    utm_medium: Mapped[str | None]
    utm_campaign: Mapped[str | None]
    country: Mapped[str | None]
    device_type: Mapped[str | None]
    browser: Mapped[str | None]
    os_name: Mapped[str | None]

    __table_args__ = (
        Index(None, "project_id", "started_at"),
        Index(None, "project_id", "person_id", "started_at"),
        Index(
            "ix_sessions_by_inactivity",
            "project_id",
            "person_id",
            "started_at",
            postgresql_where=text("by_inactivity"),
        ),
        # For the session of an event whose id several sessions share; mostly empty.
        Index(
            "ix_sessions_client_session_id",
            "project_id",
            "person_id",
            "client_session_id",
            postgresql_where=text("client_session_id IS NOT NULL"),
        ),
        # Most writes only move the end: with free space on the page no index is updated.
        {"postgresql_with": {"fillfactor": "85"}},
    )
