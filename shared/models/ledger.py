"""The deduplication ledger: event ids that are stored already."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base


class LedgerEntry(Base):
    """An event id that was stored or dead-lettered."""

    __tablename__ = "event_ledger"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    received_at: Mapped[datetime] = mapped_column(
        server_default=func.now(),
        doc="When the event was first received. It distinguishes a request that is read again "
        "after a crash from a client that sends an event twice.",
    )
