"""Nightly: check the files of sealed days, write those that are missing, remove orphans."""

from __future__ import annotations

from psycopg2.extensions import connection as Connection

from services.processor.jobs.locks import try_lock
from services.processor.jobs.progress import Progress, no_progress
from services.processor.sealing.day_files import (
    days_without_file,
    folder,
    forget_damaged,
    keep_file,
    remove_orphans,
)
from services.processor.sealing.due import projects
from shared.runtime.advisory_locks import AdvisoryLock


def tend_day_files(
    connection: Connection, project_id: int | None = None, *, progress: Progress = no_progress
) -> dict[str, int]:
    """Do so for all projects, or write those of one. Commits.

    Returns:
        How many files were damaged, written and removed.
    """
    done = {"damaged": 0, "written": 0, "removed": 0}
    if folder() is None:
        return done
    done["damaged"] = len(forget_damaged(connection))
    with connection.cursor() as cursor:
        found = projects(cursor, project_id)
    connection.commit()
    for number, project in enumerate(found, start=1):
        with try_lock(connection, AdvisoryLock.SEAL, project.project_id) as held:
            for day in days_without_file(connection, project.project_id) if held else []:
                keep_file(connection, project.project_id, day)
                done["written"] += 1
        progress(number, len(found), f"project {project.project_id}")
    done["removed"] = remove_orphans(connection)
    return done
