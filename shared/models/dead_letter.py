"""Dead letters: refused events, stored with the reason until they are replayed or deleted."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import Identity, func
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, BigInt


class DeadLetter(Base):
    """One refused event, complete, so that it can be replayed."""

    __tablename__ = "dead_letters"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[BigInt] = mapped_column(Identity(), primary_key=True)
    event_id: Mapped[uuid.UUID | None]
    event_name: Mapped[str | None]
    reason: Mapped[str] = mapped_column(doc="A DeadLetterReason of services.processor.")
    detail: Mapped[str] = mapped_column(doc="The error message of the database or decoder.")
    envelope: Mapped[bytes] = mapped_column(doc="A one-event batch, encoded as in the stream.")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
