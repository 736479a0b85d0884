"""Channels, which messages are sent to, and the messages on their way."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, BigInt, Timestamps


class Channel(Base, Timestamps):
    """Where a project's alerts and reports go: addresses, a webhook, a room of a chat."""

    __tablename__ = "channels"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(doc="A kind of shared.channels.kinds.")
    settings: Mapped[dict[str, Any]] = mapped_column(doc="What anybody in the project may read.")
    secrets: Mapped[str | None] = mapped_column(
        doc="JSON of addresses, tokens and keys, encrypted with SECRET_KEY; null: none."
    )
    is_enabled: Mapped[bool] = mapped_column(default=True, server_default="true")
    created_by: Mapped[int | None] = mapped_column(doc="A user; null: created with a secret key.")


class Delivery(Base):
    """A message to one channel: what the sender has to send, and how that went."""

    __tablename__ = "deliveries"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'sent', 'failed', 'given_up')", name="state"),
        Index("uq_deliveries_key", "project_id", "channel_id", "idempotency_key", unique=True),
        Index("ix_deliveries_of_channel", "project_id", "channel_id", "id"),
        Index(
            "ix_deliveries_due",
            "project_id",
            "next_attempt_at",
            postgresql_where=text("state IN ('waiting', 'failed')"),
        ),
        Index(
            "ix_deliveries_of_content",
            "project_id",
            "content_id",
            postgresql_where=text("content_id IS NOT NULL"),
        ),
    )

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[BigInt] = mapped_column(Identity(), primary_key=True)
    channel_id: Mapped[int]
    idempotency_key: Mapped[str] = mapped_column(
        doc="The same for every attempt, and for the same message ordered twice."
    )
    kind: Mapped[str] = mapped_column(doc="alert, report or test.")
    payload: Mapped[dict[str, Any]] = mapped_column(
        doc="A message of services.processor.delivery, or what this one has besides its content."
    )
    content_id: Mapped[int | None] = mapped_column(
        BigInteger, doc="What the mails of a report have in common; null: the payload is all."
    )
    state: Mapped[str] = mapped_column(
        default="waiting",
        server_default="waiting",
        doc="waiting: not tried yet; failed: it is tried again; sent and given_up: final.",
    )
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    next_attempt_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), doc="While it is being sent: when another sender may take it."
    )
    last_error: Mapped[str | None]
    error_code: Mapped[str | None] = mapped_column(
        doc="Of the last error: a Failure of shared.outgoing.failures."
    )
    error_detail: Mapped[str | None] = mapped_column(doc="What belongs to the code.")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    sent_at: Mapped[datetime | None]


class DeliveryContent(Base):
    """What the mails of a report have in common, until the last of them is sent or given up."""

    __tablename__ = "delivery_contents"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[BigInt] = mapped_column(Identity(), primary_key=True)
    payload: Mapped[dict[str, Any]] = mapped_column(doc="A message of services.processor.delivery.")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
