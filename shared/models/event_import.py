"""Imports of files of events, their content, what became of the rows, and refused rows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Identity, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, BigInt, Timestamps


class EventImport(Base, Timestamps):
    """A file of events, and how far its import has come."""

    __tablename__ = "imports"
    __table_args__ = (
        CheckConstraint("file_format IN ('csv', 'jsonl')", name="file_format"),
        CheckConstraint(
            "state IN ('uploading', 'queued', 'running', 'waiting', 'finished', 'failed', "
            "'cancelled')",
            name="state",
        ),
    )

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(doc="Of the file.")
    file_format: Mapped[str]
    mapping: Mapped[dict[str, Any]] = mapped_column(doc="`shared.imports.mapping.Mapping`.")
    state: Mapped[str] = mapped_column(default="uploading", server_default="uploading")
    problem: Mapped[str | None] = mapped_column(doc="Why it waits or failed; null: it does not.")
    size: Mapped[BigInt] = mapped_column(doc="Bytes of the file.")
    columns: Mapped[list[str] | None] = mapped_column(doc="The header of CSV; null: not read yet.")
    attempts: Mapped[int] = mapped_column(
        SmallInteger,
        default=0,
        server_default="0",
        doc="Runs that have begun since rows were last settled, and did not end by themselves.",
    )
    bytes_done: Mapped[BigInt] = mapped_column(default=0, server_default="0")
    lines_done: Mapped[BigInt] = mapped_column(default=0, server_default="0")
    rows_done: Mapped[BigInt] = mapped_column(default=0, server_default="0")
    imported: Mapped[BigInt] = mapped_column(default=0, server_default="0")
    duplicates: Mapped[BigInt] = mapped_column(default=0, server_default="0")
    refused: Mapped[BigInt] = mapped_column(default=0, server_default="0")
    created_by: Mapped[int | None] = mapped_column(doc="A user; null: a command or a secret key.")
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class ImportPart(Base):
    """A part of the file; it goes when the import has ended."""

    __tablename__ = "import_parts"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    import_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    part: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, doc="From 0 on.")
    content: Mapped[bytes]


class ImportUpload(Base):
    """How much of files an account has sent on a day, whatever became of them."""

    __tablename__ = "import_uploads"

    account: Mapped[int] = mapped_column(
        primary_key=True,
        autoincrement=False,
        doc="A user, the first owner of projects; of a project without one its negative id.",
    )
    day: Mapped[date] = mapped_column(primary_key=True, doc="UTC day of receipt.")
    received: Mapped[BigInt] = mapped_column(doc="Bytes of parts that were written.")


class ImportCount(Base):
    """What became of the rows of a day and an event name."""

    __tablename__ = "import_counts"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    import_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(
        primary_key=True, doc="UTC day of event time; 0001-01-01: it cannot be read."
    )
    event_name: Mapped[str] = mapped_column(primary_key=True, doc="Empty: it cannot be read.")
    imported: Mapped[BigInt] = mapped_column(default=0, server_default="0")
    duplicates: Mapped[BigInt] = mapped_column(default=0, server_default="0")
    refused: Mapped[BigInt] = mapped_column(default=0, server_default="0")


class ImportRefusal(Base):
    """A row that became no event. The first ones of an import are kept."""

    __tablename__ = "import_refusals"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    import_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    row: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    line: Mapped[BigInt]
    reason: Mapped[str]
    detail: Mapped[str]
    content: Mapped[str] = mapped_column(doc="The row as it stands in the file, cut.")
