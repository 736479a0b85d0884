"""Parquet files of sealed days."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import SmallInteger, func
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, BigInt

ALL_PROPERTIES = "tidemark.all_properties"
"""Metadata of a file: ``true`` if every property of its events has a column of its own."""


class DayFile(Base):
    """The rows of a sealed day, as a Parquet file in the folder ``DAY_FILES``.

    The file holds the rows of one ``version`` of the day. It is read only while the day is clean
    and was sealed in that version (docs/decisions/0061-day-files.md).
    """

    __tablename__ = "day_files"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    version: Mapped[BigInt] = mapped_column(doc="The ``sealed_version`` whose rows it holds.")
    layout: Mapped[int] = mapped_column(
        SmallInteger, doc="Which columns it has; files of an older layout are written anew."
    )
    path: Mapped[str] = mapped_column(doc="Relative to the folder.")
    rows: Mapped[BigInt]
    bytes: Mapped[BigInt]
    sha256: Mapped[str] = mapped_column(doc="Of the file, in hexadecimal.")
    written_at: Mapped[datetime] = mapped_column(server_default=func.now())
