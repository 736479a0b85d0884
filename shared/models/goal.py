"""Goals: what visitors should do, so that conversions can be counted."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, Identity
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Timestamps


class Goal(Base, Timestamps):
    """A goal: an event of a name, or a view of a page."""

    __tablename__ = "goals"
    __table_args__ = (CheckConstraint("(event IS NULL) <> (page IS NULL)", name="one_trigger"),)

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str]
    event: Mapped[str | None] = mapped_column(doc="Event name; null: a page is the goal.")
    page: Mapped[str | None] = mapped_column(doc="Path of a page; * is any text.")
    filters: Mapped[dict[str, Any] | None] = mapped_column(doc="Further conditions; null: none.")
    value_property: Mapped[str | None] = mapped_column(
        doc="Property of the event whose sum is the value of conversions; null: none."
    )
    created_by: Mapped[int | None] = mapped_column(doc="A user; null: created with a secret key.")
