"""What crawlers sent: counted, and kept where a project wants it, apart from people's events."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base


class CrawlerCount(Base):
    """Events that crawlers of one class and operator sent to a project in one quarter hour."""

    __tablename__ = "crawler_counts"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bucket: Mapped[datetime] = mapped_column(
        primary_key=True, doc="Start of the quarter hour of receipt, UTC."
    )
    crawler_class: Mapped[str] = mapped_column(
        primary_key=True, doc="A CrawlerClass of services.ingest.bots."
    )
    operator: Mapped[str] = mapped_column(primary_key=True, doc="A domain; empty: unknown.")
    events: Mapped[int] = mapped_column(BigInteger, doc="Before sampling.")


class CrawlerEvent(Base):
    """One event of a crawler, in a project that keeps them (``filter_bots`` is off)."""

    __tablename__ = "crawler_events"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    key_kind: Mapped[str] = mapped_column(
        primary_key=True, doc="Kind of key of the request: each kind has event ids of its own."
    )
    timestamp: Mapped[datetime] = mapped_column(doc="Event time, corrected for clock skew.")
    event_name: Mapped[str]
    page_url: Mapped[str | None]
    user_agent: Mapped[str | None] = mapped_column(
        doc="Only if the project stores user agents, and the event is not anonymised."
    )
    crawler_class: Mapped[str]
    operator: Mapped[str]
    sample_weight: Mapped[float] = mapped_column(doc="How many events this one stands for.")

    __table_args__ = (Index("ix_crawler_events_project_id_timestamp", "project_id", "timestamp"),)
