"""Parts of jobs that failed for one project, while the job went on with the others."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base


class FailedAttempt(Base):
    """What a job could not do for a project, or for one of its days, the last time it tried."""

    __tablename__ = "failed_attempts"

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    work: Mapped[str] = mapped_column(
        primary_key=True, doc="A Work of services.processor.jobs.attempts."
    )
    day: Mapped[date] = mapped_column(
        primary_key=True, doc="Local day; 0001-01-01: the project as a whole."
    )
    attempts: Mapped[int] = mapped_column(doc="How often it was tried without success.")
    started_at: Mapped[datetime]
    failed_at: Mapped[datetime | None] = mapped_column(
        doc="Null: it is under way, or ended its process."
    )
    error: Mapped[str | None] = mapped_column(doc="The first line of the error.")
