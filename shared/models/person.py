"""The persons whose events are stored, and their ids."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import Identity, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, BigInt


class Person(Base):
    """One person of a project. Numbers are dense, so that bitmaps of persons stay small."""

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
        doc="Event time of the first identify with an anonymous id: the conversion."
    )
    identified_by_public_key: Mapped[bool] = mapped_column(
        server_default=false(),
        doc="With ``identified_at``: whether only public keys have identified the person.",
    )
    first_seen_on: Mapped[date | None] = mapped_column(
        doc="First UTC day with an event, or earlier; null: no events yet."
    )
    last_seen_on: Mapped[date | None] = mapped_column(
        doc="Last UTC day with an event, or later; null: no events yet."
    )
    properties: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    property_writes: Mapped[dict[str, Any]] = mapped_column(
        server_default="{}",
        doc="By property: how it was last written, and the event time in microseconds.",
    )
    secret_properties: Mapped[list[str]] = mapped_column(
        server_default="[]",
        doc="Names of the properties that a secret key has written: a public key cannot change "
        "them.",
    )


class PersonDistinctId(Base):
    """An id that an SDK sent, and the person behind it."""

    __tablename__ = "person_distinct_ids"
    __table_args__ = (Index(None, "project_id", "person_id"),)

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    distinct_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int]
    by_secret_key: Mapped[bool] = mapped_column(
        server_default=false(),
        doc="Whether a secret key has used the id, or an administrator has separated it. Then a "
        "public key cannot join it to others.",
    )
    joined_by_public_key: Mapped[bool] = mapped_column(
        server_default=false(),
        doc="Whether a public key joined the id to its person. It leaves that person when a secret "
        "key uses it.",
    )
    joined_at: Mapped[datetime | None] = mapped_column(
        doc="When a public key last joined the id to a person; null: never, or earlier than noted."
    )


class PersonCounter(Base):
    """Counters of a project's persons."""

    __tablename__ = "person_counters"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_person_id: Mapped[int] = mapped_column(doc="The highest person number in use.")
    changes: Mapped[BigInt] = mapped_column(
        server_default="0", doc="Number of merges and deletions."
    )


class PersonChange(Base):
    """The merge or deletion of a person, from which processors update their caches."""

    __tablename__ = "person_changes"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[BigInt] = mapped_column(
        primary_key=True, autoincrement=False, doc="Counts up from 1 within the project."
    )
    person_id: Mapped[int] = mapped_column(doc="0: distinct ids changed their person.")
    into_person_id: Mapped[int | None] = mapped_column(doc="Null: deleted.")
    changed_at: Mapped[datetime]


class PendingMerge(Base):
    """A merge of two persons that is too large for a batch; a job carries it out in steps."""

    __tablename__ = "pending_merges"
    __table_args__ = (
        Index(None, "project_id", "requested_at"),
        Index(None, "project_id", "previous_id"),
    )

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    distinct_id: Mapped[str] = mapped_column(primary_key=True, doc="An id of the one person.")
    previous_id: Mapped[str] = mapped_column(primary_key=True, doc="An id of the other.")
    left_person_id: Mapped[int] = mapped_column(
        primary_key=True,
        autoincrement=False,
        server_default="0",
        doc="The other, if it has no id any more since its last one left; 0: it has.",
    )
    requested_at: Mapped[datetime]
    begun_at: Mapped[datetime | None] = mapped_column(
        doc="When its first rows were moved: it cannot be cancelled any more."
    )
    identified_at: Mapped[datetime | None] = mapped_column(
        doc="When the call identified the other person; taken back if the merge is cancelled."
    )


class PendingPerson(Base):
    """A person with pending merges, who points towards the root of those who will be one person.

    It is what batches read: the pending merges of a project may be many.
    """

    __tablename__ = "pending_persons"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    parent_id: Mapped[int] = mapped_column(doc="The own number at the root.")
    size: Mapped[int] = mapped_column(doc="Of a root: number of persons.")
    is_known: Mapped[bool] = mapped_column(doc="Of a root: whether one of them is identified.")
    is_known_by_secret_key: Mapped[bool] = mapped_column(
        server_default=false(), doc="Of a root: whether a secret key has identified one of them."
    )


class PersonMerge(Base):
    """Distinct ids that joined a person: what is needed to undo that."""

    __tablename__ = "person_merges"
    __table_args__ = (
        Index(None, "project_id", "distinct_id"),
        Index(None, "project_id", "previous_id"),
    )

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[BigInt] = mapped_column(Identity(), primary_key=True)
    merged_at: Mapped[datetime] = mapped_column(doc="When the request was received.")
    key_kind: Mapped[str] = mapped_column(doc="Kind of key of the request.")
    event_id: Mapped[uuid.UUID] = mapped_column(doc="The event that requested the merge.")
    distinct_id: Mapped[str]
    previous_id: Mapped[str]
    person_id: Mapped[int] = mapped_column(doc="The person that the ids joined.")
    joined_person_id: Mapped[int | None] = mapped_column(
        doc="The person whose ids joined; null: nobody had used the id."
    )
    joined_ids: Mapped[list[str]] = mapped_column(doc="The ids that joined.")
    joined_profile: Mapped[dict[str, Any] | None] = mapped_column(
        doc="Columns and cohorts of the person whose ids joined, before the merge."
    )
    remaining_profile: Mapped[dict[str, Any] | None] = mapped_column(
        doc="Columns and cohorts of the person who remains, before the merge."
    )
    split_person_id: Mapped[int | None] = mapped_column(
        doc="The person who has the ids since somebody began to undo the merge."
    )
    undone_at: Mapped[datetime | None]


class PersonTombstone(Base):
    """An id of a deleted person, by which events older than the deletion are refused."""

    __tablename__ = "person_tombstones"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    distinct_id_hash: Mapped[bytes] = mapped_column(primary_key=True, doc="SHA-256.")
    deleted_at: Mapped[datetime]


class Group(Base):
    """A group that persons act for, such as a company or a guild."""

    __tablename__ = "groups"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    group_type: Mapped[str] = mapped_column(primary_key=True)
    group_key: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]
    properties: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    property_writes: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    secret_properties: Mapped[list[str]] = mapped_column(server_default="[]")
