"""Sealing what is due, project by project."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from psycopg2.errors import LockNotAvailable
from psycopg2.extensions import connection as Connection

from services.processor.jobs.locks import try_lock
from services.processor.jobs.progress import Progress, silent
from services.processor.sealing.day import Sealed, close_empty, enter, seal_day
from services.processor.sealing.due import ProjectZone, due_days, projects
from shared.events.local_days import span
from shared.runtime.advisory_locks import AdvisoryLock

log = logging.getLogger(__name__)


@dataclass(slots=True)
class SealRun:
    """What a run has done."""

    sealed: int = 0
    events: int = 0
    unsettled: list[tuple[int, date]] = field(default_factory=list)
    """(project id, day) that changed all the time, or whose writers were too slow: next time."""
    skipped_projects: int = 0
    """Another run had them."""
    deadline: float | None = None

    @property
    def is_over(self) -> bool:
        """Whether its time is up."""
        return self.deadline is not None and time.monotonic() > self.deadline


def seal_due(
    connection: Connection,
    now: datetime,
    *,
    project_id: int | None = None,
    seconds: float | None = None,
    patient: bool = False,
    progress: Progress = silent,
) -> SealRun:
    """Seal closed days that have no seal that holds. Any number of these may run at once.

    Args:
        connection: of the caller's own; what is not committed on it is rolled back.
        now: the current instant.
        project_id: only this project.
        seconds: no further day is begun after so long.
        patient: leave days for now that late events have just voided (``DueDay.is_worth_it``).
        progress: told after every day.
    """
    run = SealRun(deadline=time.monotonic() + seconds if seconds else None)
    with connection.cursor() as cursor:
        found = projects(cursor, project_id)
    connection.commit()
    for project in found:
        with try_lock(connection, AdvisoryLock.SEAL, project.project_id) as held:
            if not held:
                run.skipped_projects += 1
                continue
            with connection.cursor() as cursor:
                due = due_days(cursor, project, now)
            connection.commit()
            days = [
                entry.day
                for entry in due
                if not patient or entry.is_worth_it(span(entry.day, project.zone)[1], now)
            ]
            seal_days(connection, project, days, run, progress)
    return run


def seal_days(
    connection: Connection,
    project: ProjectZone,
    days: Sequence[date],
    run: SealRun,
    progress: Progress = silent,
) -> None:
    """Seal these days of a project, which the caller has locked. Commits."""
    left = list(days)
    try:
        # Marking them all at once costs one wait; so does closing those without a row.
        if left and not run.is_over:
            enter(connection, project.project_id, left, project.zone)
            closed = set(close_empty(connection, project.project_id, left))
            run.sealed += len(closed)
            left = [day for day in left if day not in closed]
        for number, day in enumerate(left, start=1):
            if run.is_over:
                return
            note(
                run, project.project_id, seal_day(connection, project.project_id, day, project.zone)
            )
            progress(number, len(left), f"project {project.project_id}, {day}")
    except LockNotAvailable:
        log.warning("writers of project %d are slow; its days later", project.project_id)
        run.unsettled += [(project.project_id, day) for day in left]


def note(run: SealRun, project_id: int, sealed: Sealed) -> None:
    """Add a day's end to the run."""
    if sealed.is_clean:
        run.sealed += 1
        run.events += sealed.events
    else:
        run.unsettled.append((project_id, sealed.day))
