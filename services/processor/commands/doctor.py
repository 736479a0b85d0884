"""Check the installation; report each problem with its cause and its remedy."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path

import psycopg2
from redis.exceptions import RedisError

from services.processor.commands.role_checks import check_roles
from services.processor.commands.terminal import say
from services.processor.jobs.attempts import list_failed
from services.processor.jobs.states import queue_state
from services.processor.monitoring.deliveries import MAX_OVERDUE_SECONDS, read_deliveries
from services.processor.monitoring.lag import MAX_LAG_SECONDS, measure_lag
from services.processor.monitoring.status import status
from services.processor.sealing.day_files import find_damaged, folder
from shared.runtime.database import connect as connect_database
from shared.runtime.database import job_connection
from shared.runtime.database_roles import ADMIN_URL
from shared.runtime.disk_space import last_published
from shared.runtime.job_queue import is_schedule_silent, last_schedule_heartbeat
from shared.runtime.redis_clients import connect, get_jobs_redis, get_stream
from shared.runtime.redis_memory import STATE_FULL_SHARE, STREAM_FULL_SHARE, read_memory
from shared.runtime.settings import get_settings
from shared.runtime.supervision import RUNNING, process_states

NAME = "doctor"
ALIASES: list[str] = []

Finding = tuple[bool, str]
"""Whether a check passed, and the line to print."""
_MAX_TRANSACTION = timedelta(minutes=30)
_MAX_UNSEALED_DAYS = 2
_COMPARING_SECONDS = 10


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare no arguments."""
    del parser


def run(_options: argparse.Namespace) -> int:
    """Run every check; return 1 if one fails."""
    all_fine = True
    for check in _CHECKS:
        for fine, line in _findings(check):
            say(("ok     " if fine else "WRONG  ") + line)
            all_fine = all_fine and fine
    return 0 if all_fine else 1


def _findings(check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """Yield what a check finds; a server that does not answer is a finding too."""
    try:
        yield from check()
    except psycopg2.Error as error:
        yield False, f"PostgreSQL failed: {error}".strip()
    except RedisError as error:
        yield False, f"Redis failed: {error}"


def _processes() -> Iterator[Finding]:
    path = get_settings().supervision_file
    states = process_states(path)
    wrong = {name: state for name, state in states.items() if state != RUNNING}
    for name, state in wrong.items():
        log = Path(path).parent.parent / "logs" / f"{name}.log"
        yield False, f"The process {name} is {state}. Its log says why: {log}"
    if states and not wrong:
        yield True, f"{len(states)} processes run."


def _disk() -> Iterator[Finding]:
    space = last_published(get_stream())
    if space is None:
        return
    wrong = (
        f"Too little space: {space.description}. Events are refused until there is a quarter more. "
        "Make room, give the disk more, or lower DISK_MIN_FREE_MB."
    )
    yield not space.is_low, wrong if space.is_low else f"Space: {space.description}."


def _postgresql() -> Iterator[Finding]:
    with job_connection("doctor") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version')")
        (version,) = cursor.fetchone() or ("?",)
        yield True, f"PostgreSQL {version} answers."
        cursor.execute("SELECT version_num FROM alembic_version")
        versions = ", ".join(name for (name,) in cursor.fetchall())
        yield bool(versions), f"The schema is at {versions or 'no version: run the migrations'}."
    yield from _transactions()
    yield from check_roles()


def _transactions() -> Iterator[Finding]:
    # PostgreSQL hides the transactions of other roles from all but superusers.
    url = os.environ.get(ADMIN_URL) or get_settings().database_url
    with closing(connect_database(url, "doctor")) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, application_name, now() - xact_start FROM pg_stat_activity "
            "WHERE xact_start < now() - %s AND datname = current_database()",
            (_MAX_TRANSACTION,),
        )
        for pid, name, age in cursor.fetchall():
            yield (
                False,
                f"A transaction of {name or 'an unnamed client'} (pid {pid}) has been open for "
                f"{age} and prevents vacuum. End it: SELECT pg_terminate_backend({pid})",
            )


def _stream() -> Iterator[Finding]:
    stream = get_stream()
    lag = measure_lag(stream)
    yield True, "The stream's Redis answers."
    yield (
        lag.consumers > 0,
        f"{lag.consumers} processors."
        if lag.consumers
        else "No processor reads the stream: start one (`python -m services.processor consume`).",
    )
    yield (
        lag.oldest_seconds < MAX_LAG_SECONDS,
        f"The oldest request that is not stored is {lag.oldest_seconds:,.1f} s old "
        f"({lag.waiting_entries:,} waiting, {lag.pending_entries:,} being stored)."
        + ("" if lag.oldest_seconds < MAX_LAG_SECONDS else " Start more processors."),
    )
    appends = stream.config_get("appendonly").get("appendonly")
    yield (
        appends in {"yes", b"yes"},
        "The stream's Redis writes to disk (appendonly)."
        if appends in {"yes", b"yes"}
        else "The stream's Redis does not write to disk: set appendonly yes, or its crash loses "
        "accepted events.",
    )


def _redis_servers() -> Iterator[Finding]:
    for variable, redis, full_share in (
        ("REDIS_URL", get_jobs_redis(), STATE_FULL_SHARE),
        ("STREAM_REDIS_URL", get_stream(), STREAM_FULL_SHARE),
    ):
        memory = read_memory(redis)
        used = f"{variable}: {memory.used / 1e6:,.0f} MB are used"
        if memory.evicts:
            yield False, f"{variable}: set maxmemory-policy noeviction, or data will be lost."
        if not memory.maximum:
            yield False, f"{used}, without a limit: set maxmemory, or it may take all memory."
        elif memory.exceeds(full_share):
            yield False, f"{used} of {memory.maximum / 1e6:,.0f} MB: raise maxmemory."
        else:
            yield True, f"{used} of {memory.maximum / 1e6:,.0f} MB."
    cache = get_settings().cache_redis_url
    if cache:
        with connect(cache) as redis:
            memory = read_memory(redis)
        fine = memory.evicts and memory.maximum > 0
        yield (
            fine,
            "CACHE_REDIS_URL: evicts when it is full."
            if fine
            else "CACHE_REDIS_URL: set maxmemory, and maxmemory-policy allkeys-lru.",
        )


def _jobs() -> Iterator[Finding]:
    found = queue_state(get_jobs_redis())
    missing = ", ".join(queue for queue, running in found.workers.items() if not running)
    yield (
        not missing,
        f"No worker runs the jobs of: {missing}. Start one (`python -m services.processor work`)."
        if missing
        else "Each queue has a worker: "
        + ", ".join(f"{queue} {running}" for queue, running in found.workers.items())
        + ".",
    )
    heartbeat = last_schedule_heartbeat(get_jobs_redis())
    alive = not is_schedule_silent(heartbeat, datetime.now(timezone.utc))
    yield (
        alive,
        "The schedule runs."
        if alive
        else "No process triggers jobs: start the schedule "
        "(`python -m services.processor schedule`).",
    )
    failed = [job for job in found.jobs if job.status == "failed"]
    for job in failed:
        yield False, f"The job {job.job} failed: {job.error}. Retry: `tidemark jobs --retry`"


def _deliveries() -> Iterator[Finding]:
    with job_connection("doctor") as connection:
        found = read_deliveries(connection)
    settings = get_settings()
    is_set = settings.smtp_host and settings.mail_from
    yield (
        True,
        f"E-mail is sent by {settings.smtp_host}."
        if is_set
        else "E-mail is not set up, so alerts and reports cannot be mailed (SMTP_HOST, MAIL_FROM).",
    )
    late = found.overdue_seconds > MAX_OVERDUE_SECONDS
    yield (
        not late,
        f"A message to a channel has waited for {found.overdue_seconds:,.0f} s: is there a worker "
        "of the queue deliveries? Its log says more."
        if late
        else f"{found.waiting + found.failing} messages to channels wait, of which "
        f"{found.failing} have failed and are tried again.",
    )
    if found.given_up:
        yield (
            False,
            f"{found.given_up} messages to channels were given up within 24 hours. Settings → "
            "Channels of the project shows why.",
        )


def _tables() -> Iterator[Finding]:
    with job_connection("doctor") as connection:
        found = status(connection)
        failed = list_failed(connection)
    for one in failed:
        yield (
            False,
            f"{one.work} failed {one.attempts} times for project {one.project_id}"
            f"{f', {one.day}' if one.day else ''}: {one.error} The log of the worker has the "
            "details. It is tried again by itself.",
        )
    ahead = found.last_partition
    in_days = (ahead - datetime.now(timezone.utc).date()).days if ahead else 0
    yield (
        in_days >= 1,
        f"Partitions exist for the next {in_days} days."
        if in_days >= 1
        else "There are no partitions for the next days: "
        "`tidemark jobs --run make_partitions_ahead`",
    )
    yield (
        not found.drifts,
        "All counts match the events."
        if not found.drifts
        else f"{found.drifts} counts differ from the events (table rollup_drifts): "
        "`tidemark rebuild --project ID`",
    )
    for project in found.projects:
        if project.unsealed_days + project.dirty_days > _MAX_UNSEALED_DAYS:
            yield (
                False,
                f"Project {project.project_id} has {project.unsealed_days} days to seal and "
                f"{project.dirty_days} to seal again, so its reports are slow: `tidemark seal`",
            )
        if project.dead_letters:
            yield (
                False,
                f"Project {project.project_id} has {project.dead_letters} dead letters: read their "
                "reasons, then `tidemark replay`",
            )
    if get_settings().cookie_secure is False and get_settings().public_url.startswith("https"):
        yield False, "COOKIE_SECURE is false although PUBLIC_URL is https: set it to true."


def _day_files() -> Iterator[Finding]:
    if folder() is None:
        return
    with job_connection("doctor") as connection:
        damaged = find_damaged(connection, seconds=_COMPARING_SECONDS)
    for path, what in damaged.items():
        yield (
            False,
            f"The file {path} of a sealed day {what}, so its rows are read from PostgreSQL: "
            "`tidemark jobs --run tend_day_files`",
        )
    if not damaged:
        yield True, "The files of sealed days are as they were written."


_CHECKS = (
    _processes,
    _disk,
    _postgresql,
    _stream,
    _redis_servers,
    _jobs,
    _deliveries,
    _tables,
    _day_files,
)
