"""Summaries of sealed days: counts for tables and charts, without bitmaps.

They are written when their day is sealed, so they are as exact and as fresh as the sealed day. For
open or dirty days, queries read raw rows.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, BigInt


class HourlyEventSummary(Base):
    """Events of one name in one local hour; sessions in which it occurred."""

    __tablename__ = "hourly_event_summaries"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hour: Mapped[datetime] = mapped_column(
        primary_key=True, doc="Start of the local hour, or of its part after a clock shift."
    )
    event_name: Mapped[str] = mapped_column(primary_key=True, doc="Empty: all names together.")
    day: Mapped[date] = mapped_column(doc="Local day it belongs to.")
    events: Mapped[BigInt]
    unique_persons: Mapped[int]
    unique_sessions: Mapped[int]


class DailyEventSummary(Base):
    """Events of one name and source on one local day; sessions in which it occurred."""

    __tablename__ = "daily_event_summaries"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    event_name: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True, doc="Empty when the event has none.")
    events: Mapped[BigInt]
    unique_persons: Mapped[int]
    unique_sessions: Mapped[int]


class ProjectDailySummary(Base):
    """All events of a project on one local day."""

    __tablename__ = "project_daily_summaries"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    events: Mapped[BigInt]
    unique_persons: Mapped[int]
    unique_sessions: Mapped[int] = mapped_column(doc="Sessions that begin on the day.")
    event_names: Mapped[int] = mapped_column(doc="Number of different names.")
    sources: Mapped[dict[str, Any]] = mapped_column(doc="Events by source; empty key: no source.")


class PageDailySummary(Base):
    """Views of one page on one local day."""

    __tablename__ = "page_daily_summaries"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    rank: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, doc="From 1, most views first; 0: all others."
    )
    page_path: Mapped[str | None] = mapped_column(doc="Null: the view has no page (or rank 0).")
    page_views: Mapped[BigInt]
    unique_visitors: Mapped[int]
    authenticated_visitors: Mapped[int] = mapped_column(
        doc="Visitors that had been identified by the end of the day."
    )
    anonymous_visitors: Mapped[int]


class CommunityDailySummary(Base):
    """Visitors of one community from one division, on one local day.

    An empty division holds the visitors without one. The row of the community's own division holds
    its same-division visitors, the other rows its cross-division visitors.
    """

    __tablename__ = "community_daily_summaries"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    community_id: Mapped[str] = mapped_column(primary_key=True)
    division_id: Mapped[str] = mapped_column(primary_key=True)
    events: Mapped[BigInt]
    unique_visitors: Mapped[int]


class DivisionDailySummary(Base):
    """Visitors of one division on one local day."""

    __tablename__ = "division_daily_summaries"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    division_id: Mapped[str] = mapped_column(primary_key=True)
    events: Mapped[BigInt]
    unique_visitors: Mapped[int]


class RollupDrift(Base):
    """A row of ``event_counts`` that differed from the raw rows."""

    __tablename__ = "rollup_drifts"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bucket: Mapped[datetime] = mapped_column(primary_key=True)
    event_name: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    counted: Mapped[BigInt] = mapped_column(doc="The value in event_counts.")
    stored: Mapped[BigInt] = mapped_column(doc="The number of rows.")
    found_at: Mapped[datetime]
    repaired_at: Mapped[datetime | None]


class Reconciliation(Base):
    """How far a project's counts have been compared with its rows."""

    __tablename__ = "reconciliations"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    checked_until: Mapped[datetime] = mapped_column(doc="A full hour, UTC.")
