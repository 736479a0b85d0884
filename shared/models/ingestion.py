"""What became of received events, and batches that wait outside the stream."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Identity, func
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, BigInt


class OutcomeCount(Base):
    """How many received events of a project had one outcome in one quarter of an hour.

    Their sum over all outcomes is what was received; it is maintained in the transaction that
    stores the events.
    """

    __tablename__ = "intake_counts"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bucket: Mapped[datetime] = mapped_column(
        primary_key=True, doc="Start of the quarter in which they were received, UTC."
    )
    outcome: Mapped[str] = mapped_column(
        primary_key=True, doc="An Outcome or DropReason of shared.events.outcomes."
    )
    events: Mapped[BigInt]


class IngestionWarning(Base):
    """What the edge refused or changed, by day, reason and event name."""

    __tablename__ = "intake_warnings"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True, doc="UTC day of receipt.")
    reason: Mapped[str] = mapped_column(primary_key=True)
    event_name: Mapped[str] = mapped_column(primary_key=True, doc="Empty when there was none.")
    events: Mapped[BigInt]
    detail: Mapped[str] = mapped_column(doc="What was said about the latest of them.")
    last_seen: Mapped[datetime]


class SpooledBatch(Base):
    """A batch that was answered for while the stream was away; the processor drains it."""

    __tablename__ = "spool"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[BigInt] = mapped_column(Identity(), primary_key=True)
    envelope: Mapped[bytes] = mapped_column(doc="As it would have stood in the stream.")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
