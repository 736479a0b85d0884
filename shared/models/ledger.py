"""The deduplication ledger: which event ids were stored already."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base


class LedgerEntry(Base):
    """An event id that was stored, or dead-lettered, once and for all."""

    __tablename__ = "event_ledger"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    received_at: Mapped[datetime] = mapped_column(
        server_default=func.now(),
        doc="When the request came that brought it first. The same request read again after a "
        "crash is told by this from a client that sends an event twice.",
    )
