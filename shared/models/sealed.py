"""Sealed days: the final rollups of a project's closed local days, with persons as bitmaps."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, BigInt

ANY_EVENT = ""
"""The event name under which a sealed day combines all events."""


class SealedDay(Base):
    """A local day of a project that was sealed at least once, or is being sealed.

    The day is clean when ``sealed_version`` equals ``version``. A transaction that stores an event
    of the day raises ``version``; until the day is sealed again, queries read its raw rows
    (docs/decisions/0007-sealed-days.md).
    """

    __tablename__ = "sealed_days"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True, doc="Local day in ``zone``.")
    zone: Mapped[str] = mapped_column(doc="IANA name; sealed again once the project has another.")
    starts_at: Mapped[datetime] = mapped_column(doc="First instant of the day.")
    ends_at: Mapped[datetime] = mapped_column(doc="First instant after the day.")
    version: Mapped[BigInt] = mapped_column(default=0, server_default="0")
    sealed_version: Mapped[BigInt | None] = mapped_column(doc="Null: not sealed yet.")
    sealed_at: Mapped[datetime | None]
    dirtied_at: Mapped[datetime | None] = mapped_column(doc="When it last became dirty.")
    events: Mapped[BigInt | None] = mapped_column(doc="Number of rows when it was sealed.")
    expired_at: Mapped[datetime | None] = mapped_column(
        doc="When retention removed its raw rows; never sealed again, always used."
    )


class SealedEvent(Base):
    """The events of one name on one sealed day, and their persons."""

    __tablename__ = "sealed_events"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    event_name: Mapped[str] = mapped_column(primary_key=True, doc="Empty: all names together.")
    events: Mapped[BigInt]
    weight: Mapped[float] = mapped_column(doc="Sum of sample weights: events before sampling.")
    persons: Mapped[int]
    person_bitmap: Mapped[bytes] = mapped_column(doc="Person numbers, a serialised roaring bitmap.")


class SealedValue(Base):
    """One value of one dimension on one sealed day, and its persons."""

    __tablename__ = "sealed_values"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    event_name: Mapped[str] = mapped_column(primary_key=True, doc="Empty: all names together.")
    dimension: Mapped[str] = mapped_column(primary_key=True, doc="See shared.events.dimensions.")
    rank: Mapped[int] = mapped_column(
        SmallInteger,
        primary_key=True,
        autoincrement=False,
        doc="From 1, most events first; 0: all values beyond the limit.",
    )
    value: Mapped[str | None] = mapped_column(doc="Null: the events have none (or rank 0).")
    events: Mapped[BigInt]
    weight: Mapped[float]
    persons: Mapped[int]
    person_bitmap: Mapped[bytes]
