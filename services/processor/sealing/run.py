"""Seal what is due, project by project."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from psycopg2.errors import LockNotAvailable
from psycopg2.extensions import connection as Connection

from services.processor.jobs.locks import try_lock
from services.processor.jobs.progress import Progress, no_progress
from services.processor.sealing.day import SealedResult, register_days, seal_day, seal_empty_days
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
    """(project id, day) that kept changing, or whose writers were too slow: for the next run."""
    skipped_projects: int = 0
    """Projects that another run had locked."""
    deadline: float | None = None

    @property
    def is_over(self) -> bool:
        """Tell whether the time of the run is up."""
        return self.deadline is not None and time.monotonic() > self.deadline

    def add(self, project_id: int, result: SealedResult) -> None:
        """Add the result of one day."""
        if result.is_clean:
            self.sealed += 1
            self.events += result.events
        else:
            self.unsettled.append((project_id, result.day))


def seal_due(
    connection: Connection,
    now: datetime,
    *,
    project_id: int | None = None,
    seconds: float | None = None,
    wait_for_late_events: bool = False,
    progress: Progress = no_progress,
) -> SealRun:
    """Seal closed days that are not sealed or are dirty. Any number of runs may be active.

    Args:
        connection: of the caller's own; what is not committed on it is rolled back.
        now: the current time.
        project_id: only this project.
        seconds: start no further day after this time.
        wait_for_late_events: leave days that have just become dirty (``DueDay.should_seal``).
        progress: called after every day.
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
                if not wait_for_late_events
                or entry.should_seal(span(entry.day, project.zone)[1], now)
            ]
            seal_days(connection, project, days, run, progress)
    return run


def seal_days(
    connection: Connection,
    project: ProjectZone,
    days: Sequence[date],
    run: SealRun,
    progress: Progress = no_progress,
) -> None:
    """Seal these days of a project, which the caller has locked. Commits."""
    left = list(days)
    try:
        # Registering all days together waits once for writers; so does sealing empty ones.
        if left and not run.is_over:
            register_days(connection, project.project_id, left, project.zone)
            closed = set(seal_empty_days(connection, project.project_id, left))
            run.sealed += len(closed)
            left = [day for day in left if day not in closed]
        for number, day in enumerate(left, start=1):
            if run.is_over:
                return
            result = seal_day(connection, project.project_id, day, project.zone)
            run.add(project.project_id, result)
            progress(number, len(left), f"project {project.project_id}, {day}")
    except LockNotAvailable:
        log.warning("writers of project %d are slow; its days are sealed later", project.project_id)
        run.unsettled += [(project.project_id, day) for day in left]
