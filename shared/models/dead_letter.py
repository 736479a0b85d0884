"""Events that the database refused, kept with their reason until someone decides."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import Identity, func
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, BigInt


class DeadLetter(Base):
    """One refused event, whole, so that it can be replayed."""

    __tablename__ = "dead_letters"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[BigInt] = mapped_column(Identity(), primary_key=True)
    event_id: Mapped[uuid.UUID | None]
    event_name: Mapped[str | None]
    reason: Mapped[str] = mapped_column(doc="One of a closed set; see services.processor.")
    detail: Mapped[str] = mapped_column(doc="What the database or decoder said.")
    envelope: Mapped[bytes] = mapped_column(doc="A one-event batch as it stood in the stream.")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
