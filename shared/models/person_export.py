"""Finished exports of persons, stored for a day until they are downloaded."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base


class PersonExportPart(Base):
    """A part of the gzipped JSON lines of an export; parts are read one by one."""

    __tablename__ = "person_export_parts"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    job_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(doc="The parts go with the person's deletion.")
    content: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(doc="The same for all parts of an export.")
