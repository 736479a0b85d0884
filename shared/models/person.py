"""The persons whose events are stored, and the ids they are known by."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, BigInt


class Person(Base):
    """One person of a project, under a dense number so that bitmaps of persons stay small."""

    __tablename__ = "persons"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, doc="Counts up from 1 within the project."
    )
    created_at: Mapped[datetime]
    identified_at: Mapped[datetime | None] = mapped_column(
        doc="Event time of the first identify; null: anonymous."
    )
    converted_at: Mapped[datetime | None] = mapped_column(
        doc="Event time of the first identify that named an anonymous id: the conversion."
    )
    first_seen_on: Mapped[date | None] = mapped_column(
        doc="UTC day before which the person has no event; null: none was stored yet."
    )
    last_seen_on: Mapped[date | None] = mapped_column(
        doc="UTC day after which the person has no event; null: none was stored yet."
    )
    properties: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    property_writes: Mapped[dict[str, Any]] = mapped_column(
        server_default="{}",
        doc="By property: how it was last written, and the event time in microseconds.",
    )


class PersonDistinctId(Base):
    """An id that an SDK sent, and the person behind it."""

    __tablename__ = "person_distinct_ids"
    __table_args__ = (Index(None, "project_id", "person_id"),)

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    distinct_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int]


class PersonCounter(Base):
    """What is counted of a project's persons."""

    __tablename__ = "person_counters"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_person_id: Mapped[int] = mapped_column(doc="The highest number given out.")
    changes: Mapped[BigInt] = mapped_column(
        server_default="0", doc="How many persons were merged into others, or deleted."
    )


class PersonChange(Base):
    """A person who is no more: processors that remember the number learn of it here."""

    __tablename__ = "person_changes"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[BigInt] = mapped_column(
        primary_key=True, autoincrement=False, doc="Counts up from 1 within the project."
    )
    person_id: Mapped[int]
    into_person_id: Mapped[int | None] = mapped_column(doc="Null: deleted.")
    changed_at: Mapped[datetime]


class PersonTombstone(Base):
    """An id of a deleted person: events of before the deletion stay out, however they come."""

    __tablename__ = "person_tombstones"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    distinct_id_hash: Mapped[bytes] = mapped_column(primary_key=True, doc="SHA-256.")
    deleted_at: Mapped[datetime]


class Group(Base):
    """A company, a guild: what persons act for."""

    __tablename__ = "groups"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    group_type: Mapped[str] = mapped_column(primary_key=True)
    group_key: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]
    properties: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    property_writes: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
