"""Communities and administrative divisions; events refer to them by id."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Timestamps


class Division(Base, Timestamps):
    """An administrative division: a country, a province, a town. The project chooses the ids."""

    __tablename__ = "divisions"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(default="", server_default="", doc="country, region, city …")
    parent_id: Mapped[str | None] = mapped_column(doc="The division that contains it.")
    country: Mapped[str | None] = mapped_column(doc="ISO 3166-1 alpha-2.")
    region: Mapped[str | None] = mapped_column(doc="As the geography lookup names it in events.")


class Community(Base, Timestamps):
    """A community of a project, based in a division."""

    __tablename__ = "communities"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(default="", server_default="")
    division_id: Mapped[str | None]
