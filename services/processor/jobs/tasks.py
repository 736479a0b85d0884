"""Define what RQ runs: thin, idempotent functions. No event ever travels in a job."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from dataclasses import asdict
from datetime import date, datetime, timedelta, timezone
from typing import Any

from rq import get_current_job

from services.processor.alerts import run as alerts
from services.processor.alerts.asking import QueryService
from services.processor.alerts.counts import count_run
from services.processor.alerts.store import prune_evaluations
from services.processor.delivery import due, outbox
from services.processor.delivery.mail import mail_server
from services.processor.delivery.sender import Sender, send_due
from services.processor.imports.waiting import run_waiting
from services.processor.jobs.progress import JobProgress
from services.processor.maintenance import (
    audit_log,
    flag_evaluations,
    project_deletion,
    reconcile,
    redis_cleanup,
    retention,
)
from services.processor.maintenance import rebuild as rebuilding
from services.processor.maintenance.ledger import prune, prune_uploads
from services.processor.monitoring.deliveries import REPORT, count_results
from services.processor.persons import deletion, export, pending_merges, undoing, waiting_events
from services.processor.recent_events import building
from services.processor.reports import on_request, sending
from services.processor.sealing.file_copies import copy_day_files as copy_files
from services.processor.sealing.file_upkeep import tend_day_files as tend_files
from services.processor.sealing.run import seal_due
from services.processor.storing.partitions import days_ahead, make_partition
from shared.errors import NotFound
from shared.outgoing.client import outgoing_client
from shared.runtime import data_version
from shared.runtime.database import get_engine, job_connection
from shared.runtime.job_queue import enqueue_once
from shared.runtime.redis_clients import get_answer_cache, get_jobs_redis, get_stream
from shared.runtime.settings import get_settings

_SEAL_SECONDS = 1800
SEALED_LAST = "sealed-last"
"""The key of the project that the next run starts after, so that projects whose sealing takes all
the time do not keep others from being sealed."""
_COPY_SECONDS = 300
_COPIED_LAST = "copied-last"
"""As ``SEALED_LAST``, for copies of files."""
_MERGE_SECONDS = 50
_SEND_SECONDS = 600
_IMPORT_SECONDS = 1800
_DELIVERY_DAYS = 30
_EVALUATIONS_STAY = timedelta(days=14)
SEND_REPORT = "services.processor.jobs.tasks.send_report"


def make_partitions_ahead() -> int:
    """Create the partitions of the coming days; return the number of days checked."""
    days = days_ahead(datetime.now(timezone.utc).date())
    with get_engine().connect() as connection:
        driver_connection = connection.connection.driver_connection
        assert driver_connection is not None
        for day in days:
            make_partition(driver_connection, day)
    return len(days)


def prune_ledger() -> int:
    """Delete event ids older than the deduplication window; return how many.

    How much accounts sent for imports on earlier days is deleted as well.
    """
    with job_connection("ledger") as connection:
        prune_uploads(connection)
        return prune(connection, get_settings().ledger_days)


def prune_audit_log() -> int:
    """Delete entries of the audit log that are stored for longer than is set; return how many."""
    with job_connection("ledger") as connection:
        return audit_log.prune(connection, get_settings().audit_days)


def merge_persons() -> dict[str, int]:
    """Carry out merges that are too large for a batch; return how many, by project id."""
    with job_connection("merge") as connection:
        done = pending_merges.finish(
            connection,
            seconds=_MERGE_SECONDS,
            progress=JobProgress(),
            after_step=lambda project_id: data_version.advance(get_jobs_redis(), project_id),
        )
    return {str(project_id): merges for project_id, merges in done.items()}


def send_deliveries() -> dict[str, int]:
    """Send messages to channels; return how many by their new state."""
    settings = get_settings()
    sender = Sender(
        outgoing_client(), mail_server(settings), settings.secret_key, settings.public_url
    )
    attempts: Counter[tuple[str, str]] = Counter()

    def count(delivery: due.DueDelivery, state: str) -> None:
        kind = REPORT if delivery.channel is None else delivery.channel.kind
        attempts[kind, state] += 1

    with job_connection("send") as connection:
        states = send_due(connection, sender, seconds=_SEND_SECONDS, on_result=count)
    if attempts:
        count_results(get_jobs_redis(), attempts)
    return states


def prune_deliveries() -> int:
    """Delete messages that were sent or given up long ago; return how many."""
    with job_connection("send") as connection:
        return due.prune(connection, _DELIVERY_DAYS)


def seal_days() -> int:
    """Seal closed days, and dirty ones; return how many."""
    with job_connection("seal") as connection:
        run = seal_due(
            connection,
            _now(),
            start_after=_last_project(SEALED_LAST),
            seconds=_SEAL_SECONDS,
            wait_for_late_events=True,
            progress=JobProgress(),
        )
    get_jobs_redis().set(SEALED_LAST, run.next_after)
    return run.sealed


def tend_day_files() -> dict[str, int]:
    """Check the files of sealed days, write those that are missing, and remove orphans."""
    with job_connection("files") as connection:
        return tend_files(connection, progress=JobProgress())


def copy_day_files() -> dict[str, int]:
    """Copy the files of sealed days to DAY_FILE_COPIES; return how many were copied and removed."""
    with job_connection("files") as connection:
        run = copy_files(
            connection,
            start_after=_last_project(_COPIED_LAST),
            seconds=_COPY_SECONDS,
            progress=JobProgress(),
        )
    get_jobs_redis().set(_COPIED_LAST, run.next_after)
    return {"copied": run.copied, "removed": run.removed}


def rebuild(project_id: int, first: str | None = None, last: str | None = None) -> dict[str, Any]:
    """Rebuild a project's days (ISO dates) from raw rows."""
    with job_connection("rebuild") as connection:
        done = rebuilding.rebuild(
            connection,
            project_id,
            date.fromisoformat(first) if first else None,
            date.fromisoformat(last) if last else None,
            _now(),
            progress=JobProgress(),
        )
    return {
        "days": done.days,
        "counts_corrected": done.counts_corrected,
        "sessions_corrected": done.sessions_corrected,
    }


def apply_retention() -> dict[str, Any]:
    """Delete raw rows that are older than their project's retention."""
    with job_connection("retention") as connection:
        removal = retention.remove_expired(connection, _now(), progress=JobProgress())
    return {
        "expired_days": removal.expired_days,
        "rows": removal.rows,
        "sessions": removal.sessions,
        "dead_letters": removal.dead_letters,
        "partitions": [day.isoformat() for day in removal.partitions],
        "undropped": [day.isoformat() for day in removal.undropped],
    }


def delete_projects() -> dict[str, int]:
    """Delete the data of projects deleted 7 days ago; return rows by project id."""
    with job_connection("deletion") as connection:
        done = project_deletion.purge_due(
            connection, get_stream(), get_jobs_redis(), _now(), progress=JobProgress()
        )
    return {str(project_id): rows for project_id, rows in done.items()}


def keep_recent_events() -> int:
    """Find who did what conditions of flags ask for, where that is due; return the projects."""
    with job_connection("recent-events") as connection:
        return building.keep_recent_events(connection, get_jobs_redis(), _now())


def store_flag_evaluations() -> int:
    """Copy how often flags were evaluated from Redis to PostgreSQL; return the number of counts."""
    with job_connection("flag-evaluations") as connection:
        return flag_evaluations.store_flag_evaluations(connection, get_jobs_redis(), _now())


def sum_up_flag_evaluations() -> int:
    """Sum up how often flags were evaluated by day; return how many days, and rows deleted."""
    with job_connection("flag-evaluations") as connection:
        return flag_evaluations.sum_up_flag_evaluations(connection, get_jobs_redis(), _now())


def evaluate_alerts() -> dict[str, Any]:
    """Evaluate the alerts that are due; return how many, and what became of them."""
    now, began = _now(), time.monotonic()
    with job_connection("alerts") as connection:
        done = alerts.evaluate_due(connection, now, QueryService(get_settings()).ask)
        count_run(get_jobs_redis(), done, time.monotonic() - began, time.time())
        prune_evaluations(connection, now - _EVALUATIONS_STAY)
    if done.messages:
        outbox.wake(get_jobs_redis())
    return asdict(done)


def reconcile_hours() -> dict[str, int]:
    """Compare the counts of closed hours with raw rows."""
    with job_connection("reconcile") as connection:
        return asdict(reconcile.reconcile_hours(connection, _now(), progress=JobProgress()))


def reconcile_days() -> dict[str, int]:
    """Compare sealed days with the counts."""
    with job_connection("reconcile") as connection:
        return asdict(reconcile.reconcile_days(connection, _now(), progress=JobProgress()))


def remove_dead_consumers() -> list[str]:
    """Remove consumers that died long ago with nothing pending; return their names."""
    return redis_cleanup.remove_dead_consumers(get_stream())


def rotate_salts() -> int:
    """Delete visitor salts that are older than their day; return how many."""
    return redis_cleanup.rotate_salts(get_jobs_redis(), _now())


def export_person(project_id: int, distinct_id: str) -> int:
    """Export a person and store it under this job's id for a day; return the lines."""
    job = get_current_job()
    job_id = job.id if job is not None else str(uuid.uuid4())
    with job_connection("export") as connection:
        return export.store_export(connection, get_jobs_redis(), project_id, distinct_id, job_id)


def remove_expired_exports() -> int:
    """Delete finished exports that are more than a day old; return the number of parts."""
    with job_connection("export") as connection:
        return export.remove_expired_exports(connection)


def delete_person(project_id: int, distinct_id: str) -> dict[str, Any]:
    """Delete a person, wait until no event of theirs is on its way, and return the deleted rows."""
    with job_connection("deletion") as connection:
        ids = deletion.distinct_ids_of(connection, project_id, distinct_id)
        try:
            deleted = asdict(deletion.delete_person(connection, project_id, distinct_id))
        except NotFound:
            # Done by an earlier attempt of this job, which may not have finished waiting.
            deleted = dict.fromkeys(("distinct_ids", "events", "sessions", "dead_letters"), 0)
        # Cached answers may still contain the person.
        data_version.advance(get_jobs_redis(), project_id)
        clear = waiting_events.wait_until_clear(
            connection, get_stream(), project_id, ids | {distinct_id}, 60
        )
    return {**deleted, "stream_is_clear": clear}


def undo_merge(project_id: int, merge_id: int) -> dict[str, Any]:
    """Undo a merge of persons; return whom the ids belong to now."""
    with job_connection("undo") as connection:
        done = undoing.undo(
            connection,
            project_id,
            merge_id,
            after_step=lambda: data_version.advance(get_jobs_redis(), project_id),
        )
    return done._asdict()


def queue_due_reports() -> int:
    """Queue a job for each report that is due; return how many."""
    with job_connection("reports") as connection:
        due = sending.list_due(connection, _now())
    jobs = [
        enqueue_once(
            get_jobs_redis(), SEND_REPORT, project, report, job_id=f"report-{project}-{report}"
        )
        for project, report in due
    ]
    return sum(job is not None for job in jobs)


def send_report(project_id: int, report_id: int) -> int:
    """Send a report, if it is due; return the number of mails."""
    redis = get_jobs_redis()
    with job_connection("report") as connection:
        mails = sending.send_due(
            connection, redis, project_id, report_id, _now(), progress=JobProgress()
        )
    if mails:
        outbox.wake(redis)
    return mails


def send_report_now(project_id: int, report_id: int, user_id: int) -> int:
    """Send a report to one member, who asked for it; return the number of mails."""
    with job_connection("report") as connection:
        mails = on_request.send_to(connection, project_id, report_id, user_id, _now())
    outbox.wake(get_jobs_redis())
    return mails


def preview_report(project_id: int, report_id: int) -> None:
    """Make a report for somebody to look at."""
    with job_connection("report") as connection:
        on_request.preview(connection, get_answer_cache(), project_id, report_id, _now())


def run_imports() -> dict[str, str]:
    """Import files that wait, in turns; return the states of those that it worked on."""
    return run_waiting(
        get_settings(), get_jobs_redis(), seconds=_IMPORT_SECONDS, progress=JobProgress()
    )


def _last_project(key: str) -> int:
    """Return the project that a run of a job starts after; 0: it has none yet."""
    last: bytes | None = get_jobs_redis().get(key)  # type: ignore[assignment]  # not decoded
    return int(last or 0)


def _now() -> datetime:
    return datetime.now(timezone.utc)
