"""Segments: filters with a name, which queries refer to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Identity
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Timestamps


class Segment(Base, Timestamps):
    """A filter with a name; a query that names its id is filtered by it."""

    __tablename__ = "segments"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str]
    filters: Mapped[dict[str, Any]] = mapped_column(doc="Names no other segment.")
    created_by: Mapped[int | None] = mapped_column(doc="A user; null: created with a secret key.")
