"""Additive counts, maintained in the transaction that stores the events."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, BigInt


class EventCount(Base):
    """Number of events of one name and source in one quarter hour."""

    __tablename__ = "event_counts"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bucket: Mapped[datetime] = mapped_column(primary_key=True, doc="Start of the quarter hour.")
    event_name: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True, doc="Empty when the event has none.")
    events: Mapped[BigInt]
