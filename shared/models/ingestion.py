"""Outcome counts and warnings of received events, and batches that wait outside the stream."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Identity, SmallInteger, func
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, BigInt


class OutcomeCount(Base):
    """Received events of a project with one outcome in one quarter hour.

    The sum over all outcomes is the number of events received. Stored events are counted in the
    transaction that stores them.
    """

    __tablename__ = "intake_counts"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bucket: Mapped[datetime] = mapped_column(
        primary_key=True, doc="Start of the quarter hour of receipt, UTC."
    )
    outcome: Mapped[str] = mapped_column(
        primary_key=True, doc="An Outcome or DropReason of shared.events.outcomes."
    )
    events: Mapped[BigInt]
    waited_ms: Mapped[BigInt | None] = mapped_column(
        doc="Milliseconds from receipt to storing, summed over the stored events; null: unknown."
    )
    max_wait_ms: Mapped[BigInt | None] = mapped_column(doc="Of one of these events.")
    imported: Mapped[BigInt] = mapped_column(
        default=0, server_default="0", doc="Of `events`: those of imports, not of clients."
    )


class IngestionWarning(Base):
    """Events that ingest refused or changed, by day, reason and event name."""

    __tablename__ = "intake_warnings"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True, doc="UTC day of receipt.")
    reason: Mapped[str] = mapped_column(primary_key=True)
    event_name: Mapped[str] = mapped_column(primary_key=True, doc="Empty when the event had none.")
    events: Mapped[BigInt]
    detail: Mapped[str] = mapped_column(doc="Details of the latest one.")
    last_seen: Mapped[datetime]


class SpooledBatch(Base):
    """A batch that ingest accepted while the stream was away; the processor stores it.

    Processors put batches there too, of a project that waits for so long that they fill the memory.
    """

    __tablename__ = "spool"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[BigInt] = mapped_column(Identity(), primary_key=True)
    envelope: Mapped[bytes] = mapped_column(doc="Encoded as in the stream.")
    deliveries: Mapped[int] = mapped_column(
        SmallInteger,
        server_default="0",
        doc="How many processors have read it; each that did not remove it ended meanwhile.",
    )
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    account: Mapped[int | None] = mapped_column(
        doc="Whose share of the table it takes, as in the stream; NULL: the project's own."
    )
