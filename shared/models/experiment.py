"""Experiments on the variants of a feature flag."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Identity
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Timestamps


class Experiment(Base, Timestamps):
    """An experiment: whom a flag showed what, and what is measured of them."""

    __tablename__ = "experiments"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str]
    flag_key: Mapped[str] = mapped_column(doc="Of the events $feature_flag_called.")
    variants: Mapped[list[dict[str, Any]]] = mapped_column(
        doc="key and planned share of each; the first is the control."
    )
    metrics: Mapped[list[dict[str, Any]]] = mapped_column(
        doc="See services/query/parsing/experiments.py."
    )
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None] = mapped_column(doc="Null: it has not ended.")
    planned_sample: Mapped[int] = mapped_column(
        default=5_000, server_default="5000", doc="Persons of control and treatment."
    )
    decision: Mapped[str] = mapped_column(
        default="", server_default="", doc="A note on what was decided, and why."
    )
    outcome: Mapped[str | None] = mapped_column(doc="shipped or rolled_back; null: not decided.")
    shipped_variant: Mapped[str | None] = mapped_column(doc="Null: no variant was shipped.")
    decided_at: Mapped[datetime | None]
    created_by: Mapped[int | None] = mapped_column(doc="A user; null: created with a secret key.")
