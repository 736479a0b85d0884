"""What RQ runs: thin, idempotent shells. RQ only triggers; no event ever travels in a job."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timezone
from typing import Any

from rq import get_current_job

from services.processor.jobs.progress import JobProgress
from services.processor.maintenance import project_deletion, reconcile, redis_cleanup, retention
from services.processor.maintenance import rebuild as rebuilding
from services.processor.maintenance.ledger import prune
from services.processor.persons import deletion
from services.processor.persons.export import keep_export
from services.processor.sealing.run import seal_due
from services.processor.storing.partitions import ahead, make_partition
from shared.errors import NotFound
from shared.runtime import data_version
from shared.runtime.database import get_engine, job_connection
from shared.runtime.redis_clients import get_patient_cache, get_stream
from shared.runtime.settings import get_settings

_SEAL_SECONDS = 1800


def make_partitions_ahead() -> int:
    """Make the partitions of the coming days; answers how many days were looked at."""
    days = ahead(datetime.now(timezone.utc).date())
    with get_engine().connect() as connection:
        driver_connection = connection.connection.driver_connection
        assert driver_connection is not None
        for day in days:
            make_partition(driver_connection, day)
    return len(days)


def prune_ledger() -> int:
    """Forget event ids older than the deduplication window; answers how many."""
    with job_connection("ledger") as connection:
        return prune(connection, get_settings().ledger_days)


def seal_days() -> int:
    """Seal closed days, and those that events came late for; answers how many."""
    with job_connection("seal") as connection:
        return seal_due(
            connection, _now(), seconds=_SEAL_SECONDS, patient=True, progress=JobProgress()
        ).sealed


def rebuild(project_id: int, first: str | None = None, last: str | None = None) -> dict[str, Any]:
    """Derive a project's days (ISO dates) anew from raw rows."""
    with job_connection("rebuild") as connection:
        done = rebuilding.rebuild(
            connection,
            project_id,
            date.fromisoformat(first) if first else None,
            date.fromisoformat(last) if last else None,
            _now(),
            progress=JobProgress(),
        )
    return {"days": done.days, "counts_corrected": done.counts_corrected}


def apply_retention() -> dict[str, Any]:
    """Remove raw rows that projects no longer want."""
    with job_connection("retention") as connection:
        removal = retention.retain(connection, _now(), progress=JobProgress())
    return {
        "expired_days": removal.expired_days,
        "rows": removal.rows,
        "sessions": removal.sessions,
        "dead_letters": removal.dead_letters,
        "partitions": [day.isoformat() for day in removal.partitions],
    }


def delete_projects() -> dict[str, int]:
    """Delete what projects hold that were deleted 7 days ago; rows by project id."""
    with job_connection("deletion") as connection:
        done = project_deletion.purge_due(
            connection, get_stream(), get_patient_cache(), _now(), progress=JobProgress()
        )
    return {str(project_id): rows for project_id, rows in done.items()}


def reconcile_hours() -> dict[str, int]:
    """Compare the counts of closed hours with raw rows."""
    with job_connection("reconcile") as connection:
        return asdict(reconcile.reconcile_hours(connection, _now(), progress=JobProgress()))


def reconcile_days() -> dict[str, int]:
    """Compare sealed days with the counts."""
    with job_connection("reconcile") as connection:
        return asdict(reconcile.reconcile_days(connection, _now(), progress=JobProgress()))


def remove_dead_consumers() -> list[str]:
    """Remove consumers that died long ago and owe nothing; answers their names."""
    return redis_cleanup.remove_dead_consumers(get_stream())


def rotate_salts() -> int:
    """Remove visitor salts that outlived their day; answers how many."""
    return redis_cleanup.rotate_salts(get_patient_cache(), _now())


def export_person(project_id: int, distinct_id: str) -> int:
    """Keep everything that is stored of a person under this job's id for a day; lines."""
    job = get_current_job()
    name = job.id if job is not None else f"{project_id}"
    with job_connection("export") as connection:
        return keep_export(connection, get_patient_cache(), project_id, distinct_id, name)


def delete_person(project_id: int, distinct_id: str) -> dict[str, Any]:
    """Remove a person for good, and wait for what is on its way; what was removed."""
    with job_connection("deletion") as connection:
        ids = deletion.ids_of(connection, project_id, distinct_id)
        try:
            deleted = asdict(deletion.delete_person(connection, project_id, distinct_id))
        except NotFound:
            # Done by an earlier try of this job; what it waited for may not be over.
            deleted = dict.fromkeys(("distinct_ids", "events", "sessions", "dead_letters"), 0)
        # Answers that were kept before know the person.
        data_version.advance(get_patient_cache(), project_id)
        clear = deletion.wait_until_refused(
            connection, get_stream(), project_id, ids | {distinct_id}, 60
        )
    return {**deleted, "stream_is_clear": clear}


def _now() -> datetime:
    return datetime.now(timezone.utc)
