"""The deduplication ledger: event ids that are stored already."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, BigInt


class LedgerEntry(Base):
    """An event id that was stored or dead-lettered, once for each kind of key.

    The ids of public and of secret keys are apart: nobody can use up the ids of a server's events
    with a public key.
    """

    __tablename__ = "event_ledger"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    received_at: Mapped[datetime] = mapped_column(
        server_default=func.now(),
        doc="When the event was first received. It distinguishes a request that is read again "
        "after a crash from a client that sends an event twice.",
    )
    by_secret_key: Mapped[bool | None] = mapped_column(
        doc="Whether a secret key sent the event that was first received; null: the id counts as "
        "known for both kinds of key (entries of earlier versions, and ids of requests)."
    )
    other_received_at: Mapped[datetime | None] = mapped_column(
        doc="When an event with this id was first received with the other kind of key."
    )
    import_id: Mapped[int | None] = mapped_column(
        doc="The import that brought it; such an id is never forgotten, since a file may be "
        "imported again at any time. Null: a client sent it."
    )
    import_row: Mapped[BigInt | None] = mapped_column(
        doc="Its row in the file, which distinguishes a row that is read again after a crash from "
        "one with the id of another row."
    )
