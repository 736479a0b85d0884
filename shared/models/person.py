"""The persons whose events are stored, and the ids they are known by."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base


class Person(Base):
    """One person of a project, under a dense number so that bitmaps of persons stay small."""

    __tablename__ = "persons"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, doc="Counts up from 1 within the project."
    )
    created_at: Mapped[datetime]


class PersonDistinctId(Base):
    """An id that an SDK sent, and the person behind it."""

    __tablename__ = "person_distinct_ids"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    distinct_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int]


class PersonCounter(Base):
    """The highest person number given out in a project."""

    __tablename__ = "person_counters"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_person_id: Mapped[int]
