"""Purge a deleted project: after 7 days, delete all its stored data.

Its keys were revoked with the deletion (services/auth/projects/deletion.py), so no new events
arrive. A purge that has begun cannot be undone; it can be interrupted anywhere and run again. A
batch in flight can still write rows, so the project is purged again until a day has passed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extras import Json
from redis import Redis

from services.processor.jobs.attempts import Work, attempt
from services.processor.jobs.locks import try_lock
from services.processor.jobs.progress import Progress, no_progress
from services.processor.sealing import day_files
from services.processor.sessions.locking import delete_sessions
from services.processor.storing import crash_points, partitions
from shared.events.backlogs import Held, account_of, entry_bytes, remove
from shared.events.envelope import decode
from shared.events.stream import BATCH_FIELD, client_sessions_key, limits_key, streams
from shared.models import Base
from shared.policies.policy import policy_key
from shared.runtime.advisory_locks import AdvisoryLock
from shared.runtime.data_version import data_version_key
from shared.runtime.database import delete_in_batches
from shared.runtime.redis_clients import get_answer_cache

log = logging.getLogger(__name__)

_RECHECK_FOR = timedelta(days=1)
_ENTRIES_PER_READ = 200
_INSTALLATION = 0  # stands for the installation in the audit log
_CACHED_KEYS = ("answer:{0}:*", "project-jobs:{0}")
# Keys are deleted after what is cached under their hashes, and memberships last, so that owners can
# follow the progress to the end. The deletion's own row stays as the record.
_DELETED_LAST = ("api_keys", "memberships")
_NOT_DELETED = ("project_deletions",)


@dataclass(frozen=True, slots=True)
class _Due:
    """A project whose 7 days are over."""

    project_id: int
    name: str
    is_new: bool


def purge_due(
    connection: Connection,
    stream: Redis,
    cache: Redis,
    now: datetime,
    *,
    progress: Progress = no_progress,
) -> dict[int, int]:
    """Purge the projects whose 7 days are over; return rows deleted by project id. Commits."""
    done: dict[int, int] = {}
    for due in _due(connection, now):
        with (
            try_lock(connection, AdvisoryLock.DELETION, due.project_id) as held,
            attempt(connection, due.project_id, Work.PURGE),
        ):
            if held and _begin(connection, due, now):
                done[due.project_id] = _purge(connection, stream, cache, due, progress)
    return done


def _due(connection: Connection, now: datetime) -> list[_Due]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT project_id, name, finished_at IS NULL FROM project_deletions "
            "WHERE purge_after <= %s AND (finished_at IS NULL OR finished_at > %s) "
            "ORDER BY project_id",
            (now, now - _RECHECK_FOR),
        )
        found = [_Due(*row) for row in cursor]
    connection.commit()
    return found


def _begin(connection: Connection, due: _Due, now: datetime) -> bool:
    """Start the purge, which cannot be undone; return False if the project was just restored."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE project_deletions SET started_at = coalesce(started_at, %s), total = %s, "
            "done = CASE WHEN finished_at IS NULL THEN 0 ELSE %s END WHERE project_id = %s",
            (now, len(_tables()) + 2, len(_tables()) + 2, due.project_id),
        )
        begun = cursor.rowcount == 1
    connection.commit()
    return begun


def _purge(
    connection: Connection, stream: Redis, cache: Redis, due: _Due, progress: Progress
) -> int:
    total, rows = len(_tables()) + 2, 0

    def report(done: int, what: str, deleted: int = 0) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE project_deletions SET done = greatest(done, %s), rows = rows + %s "
                "WHERE project_id = %s",
                (done, deleted, due.project_id),
            )
        connection.commit()
        progress(done, total, f"project {due.project_id}: {what}")

    _remove_from_streams(stream, due.project_id)
    for redis in (stream, cache, get_answer_cache()):
        _remove_cached(connection, redis, due.project_id)
    report(1, "waiting and cached data")
    for number, table in enumerate(_tables(), start=2):
        deleted = _delete(connection, table, "project_id", due.project_id)
        rows += deleted
        report(number, table, deleted)
        crash_points.reach(crash_points.DELETION_AFTER_TABLE)
    day_files.remove_project(due.project_id)
    rows += _delete(connection, "projects", "id", due.project_id)
    _finish(connection, due, rows)
    progress(total, total, f"project {due.project_id}: finished")
    return rows


def _tables() -> list[str]:
    """List every table that has rows of a project."""
    tenant = [
        table.name
        for table in Base.metadata.sorted_tables
        if "project_id" in table.columns and table.name not in _NOT_DELETED
    ]
    return sorted(tenant, key=lambda name: name in _DELETED_LAST)


def _delete(connection: Connection, table: str, column: str, project_id: int) -> int:
    """Delete in small transactions; return the number of rows."""
    of_project = sql.SQL("{} = %s").format(sql.Identifier(column))
    if table == "sessions":
        return delete_sessions(connection, of_project, (project_id,), project_id)
    names = [table]
    if table == "events":
        names = [partitions.table_name(day) for day in partitions.list_days(connection)]
    return sum(delete_in_batches(connection, name, of_project, (project_id,)) for name in names)


def _finish(connection: Connection, due: _Due, rows: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE project_deletions SET done = total, finished_at = coalesce(finished_at, now()) "
            "WHERE project_id = %s",
            (due.project_id,),
        )
        if due.is_new:
            details = {"project": {"id": due.project_id, "name": due.name}, "rows": rows}
            cursor.execute(
                "INSERT INTO audit_log (project_id, actor_email, address, action, details) "
                "VALUES (%s, '', '', 'project.purged', %s)",
                (_INSTALLATION, Json(details)),
            )
    connection.commit()
    log.info("project %d is purged: %d rows", due.project_id, rows)


def _remove_from_streams(redis: Redis, project_id: int) -> None:
    """Remove the project's entries that no processor has stored."""
    names = streams(redis)
    for name in names:
        for entry in _entries_of(redis, name, project_id):
            remove(redis, [entry], names)


def _entries_of(redis: Redis, name: str, project_id: int) -> Iterator[Held]:
    start = "-"
    while True:
        entries: Any = redis.xrange(name, min=start, count=_ENTRIES_PER_READ)
        for entry_id, fields in entries:
            start = f"({entry_id.decode()}"
            envelope = fields.get(BATCH_FIELD, b"")
            if _belongs_to(envelope, project_id):
                yield Held(name, entry_id, account_of(fields), entry_bytes(envelope))
        if len(entries) < _ENTRIES_PER_READ:
            return


def _belongs_to(envelope: bytes, project_id: int) -> bool:
    try:
        return decode(envelope).project_id == project_id
    except msgspec.DecodeError:
        return False


def _remove_cached(connection: Connection, redis: Redis, project_id: int) -> None:
    """Remove cached policies, limits, client sessions and answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT key_hash FROM api_keys WHERE project_id = %s", (project_id,))
        names = [policy_key(key_hash) for (key_hash,) in cursor]
    connection.commit()
    names.append(data_version_key(project_id))
    patterns = [pattern.format(project_id) for pattern in _CACHED_KEYS]
    for key in (limits_key(project_id), client_sessions_key(project_id)):
        names.append(key)
        patterns.append(f"{key}:*")
    for pattern in patterns:
        names += [name.decode() for name in redis.scan_iter(pattern, count=1000)]
    redis.delete(*names)
