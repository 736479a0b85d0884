"""Events, partitioned by the UTC day of event time."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import REAL, BigInteger, Identity, Index, desc
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base


class Event(Base):
    """One event, append-only.

    Columns of fixed width come first, so that none is padded.

    The table has no unique key: the ledger guarantees exactly-once. A unique key on a partitioned
    table would have to contain the time, so the same id with another time would be two rows.
    """

    __tablename__ = "events"

    project_id: Mapped[int] = mapped_column()
    person_id: Mapped[int]
    id: Mapped[int] = mapped_column(
        BigInteger, Identity(), doc="Order of storage within the installation."
    )
    timestamp: Mapped[datetime] = mapped_column(doc="Event time, corrected for clock skew.")
    received_at: Mapped[datetime] = mapped_column(doc="When ingest received it.")
    event_id: Mapped[uuid.UUID] = mapped_column(doc="The client's id, or one that ingest created.")
    event_name: Mapped[str]
    distinct_id: Mapped[str]
    session_id: Mapped[str | None]
    source: Mapped[str | None]
    page_url: Mapped[str | None]
    referrer: Mapped[str | None]
    device_id: Mapped[str | None]
    app_version: Mapped[str | None]
    os_name: Mapped[str | None]
    os_version: Mapped[str | None]
    browser: Mapped[str | None]
    device_type: Mapped[str | None] = mapped_column(doc="desktop, mobile, tablet, tv, console …")
    country: Mapped[str | None] = mapped_column(doc="ISO 3166-1 alpha-2.")
    region: Mapped[str | None]
    city: Mapped[str | None]
    utm_source: Mapped[str | None]
    utm_medium: Mapped[str | None]
    utm_campaign: Mapped[str | None]
    utm_term: Mapped[str | None]
    utm_content: Mapped[str | None]
    community_id: Mapped[str | None]
    division_id: Mapped[str | None]
    ip: Mapped[str | None] = mapped_column(doc="Null, a hash or all, by the project's ip_mode.")
    sample_weight: Mapped[float | None] = mapped_column(
        REAL, doc="How many events this one stands for; null: 1."
    )
    groups: Mapped[dict[str, Any] | None] = mapped_column(doc="Group key by group type.")
    properties: Mapped[dict[str, Any]]

    # The mapper needs an identity to load rows by; the table carries no such index.
    __mapper_args__ = {"primary_key": [project_id, timestamp, id]}  # noqa: RUF012, A003
    __table_args__ = (
        Index("ix_events_project_timestamp", "project_id", desc("timestamp")),
        # For a person's timeline, and for merges, exports and deletions.
        Index("ix_events_project_person", "project_id", "person_id", "timestamp"),
        {"postgresql_partition_by": "RANGE (timestamp)"},
    )
