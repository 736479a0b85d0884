"""Seal the days that are due, project by project."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from psycopg2.errors import LockNotAvailable
from psycopg2.extensions import connection as Connection

from services.processor.jobs.attempts import Work, attempt, forget_days, postponed_days
from services.processor.jobs.locks import try_lock
from services.processor.jobs.progress import Progress, no_progress
from services.processor.sealing.day import SealedResult, register_days, seal_day, seal_empty_days
from services.processor.sealing.day_files import keep_file
from services.processor.sealing.due import ProjectZone, due_days, projects
from shared.events.local_days import span
from shared.runtime.advisory_locks import AdvisoryLock

log = logging.getLogger(__name__)


@dataclass(slots=True)
class SealRun:
    """The result of a run."""

    sealed: int = 0
    events: int = 0
    unsettled: list[tuple[int, date]] = field(default_factory=list)
    """(project id, day) that kept changing, or whose writers were too slow: for the next run."""
    failed: list[tuple[int, date | None]] = field(default_factory=list)
    """(project id, day) that could not be sealed because of an error; no day: the project."""
    skipped_projects: int = 0
    """Projects that another run had locked."""
    next_after: int = 0
    """The next run is best begun after this project: time was up in the one that follows, or in
    this one though the run had begun with it."""
    deadline: float | None = None

    @property
    def is_over(self) -> bool:
        """Return whether the time of the run is up."""
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
    start_after: int = 0,
    seconds: float | None = None,
    wait_for_late_events: bool = False,
    progress: Progress = no_progress,
) -> SealRun:
    """Seal closed days that are not sealed or are dirty. Any number of runs may be active.

    Args:
        connection: of the caller's own; what is not committed on it is rolled back.
        now: the current time.
        project_id: only this project.
        start_after: begin with the project that follows this id, and come to the others then.
        seconds: start no further day after this time.
        wait_for_late_events: leave days that have just become dirty (``DueDay.should_seal``), and
            those that failed a short time ago.
        progress: called after every day.
    """
    run = SealRun(deadline=time.monotonic() + seconds if seconds else None)
    with connection.cursor() as cursor:
        found = projects(cursor, project_id)
    connection.commit()
    found.sort(key=lambda project: (project.project_id <= start_after, project.project_id))
    for project in found:
        if run.is_over:
            break
        with try_lock(connection, AdvisoryLock.SEAL, project.project_id) as held:
            if not held:
                run.skipped_projects += 1
                continue
            with attempt(connection, project.project_id, Work.SEAL) as tried:
                days = _days_to_seal(connection, project, now, wait_for_late_events)
                seal_days(connection, project, days, run, progress)
            if tried.failed:
                run.failed.append((project.project_id, None))
        if project is found[0] or not run.is_over:
            run.next_after = project.project_id
    return run


def _days_to_seal(
    connection: Connection, project: ProjectZone, now: datetime, wait_for_late_events: bool
) -> list[date]:
    with connection.cursor() as cursor:
        due = due_days(cursor, project, now)
    connection.commit()
    if not wait_for_late_events:
        return [entry.day for entry in due]
    postponed = postponed_days(connection, project.project_id, Work.SEAL)
    return [
        entry.day
        for entry in due
        if entry.day not in postponed and entry.should_seal(span(entry.day, project.zone)[1], now)
    ]


def seal_days(
    connection: Connection,
    project: ProjectZone,
    days: Sequence[date],
    run: SealRun,
    progress: Progress = no_progress,
) -> None:
    """Seal these days of a project, which the caller has locked. Commits.

    A day that cannot be sealed because of an error is recorded, and the others are sealed.
    """
    project_id, left = project.project_id, list(days)
    if not left:
        return
    try:
        # Registering all days together waits once for writers; so does sealing empty ones.
        register_days(connection, project_id, left, project.zone)
    except LockNotAvailable:
        log.warning("writers of project %d are slow; its days are sealed later", project_id)
        run.unsettled += [(project_id, day) for day in left]
        return
    closed = set(seal_empty_days(connection, project_id, left))
    if closed:
        forget_days(connection, project_id, Work.SEAL, closed)
    run.sealed += len(closed)
    left = [day for day in left if day not in closed]
    for number, day in enumerate(left, start=1):
        if run.is_over:
            return
        with attempt(connection, project_id, Work.SEAL, day) as tried:
            run.add(project_id, seal_day(connection, project_id, day, project.zone))
        if tried.failed:
            run.failed.append((project_id, day))
        else:
            keep_file(connection, project_id, day)
        progress(number, len(left), f"project {project_id}, {day}")
