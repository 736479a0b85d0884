"""Read batches that ingest, or a processor, held in PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, zip_longest
from typing import NamedTuple

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from services.processor.storing.stream_reader import Entry, read_entry
from services.processor.storing.waiting_projects import project_of
from shared.runtime.advisory_locks import AdvisoryLock

_PROJECTS_PER_READ = 50
_BATCHES_OF_PROJECT = 100
_BATCHES_PER_READ = 200
_BYTES_PER_READ = 16 * 1024 * 1024
_WAIT_SECONDS = 5.0
"""How long a project that others hold is left out."""

Key = tuple[int, int]
"""Project id, and the batch's number in the table."""


class _Stored(NamedTuple):
    project_id: int
    id: int
    size: int

    @property
    def key(self) -> Key:
        return self.project_id, self.id


@contextmanager
def drain_lock(connection: Connection) -> Iterator[bool]:
    """Take the lock for draining for as long as the block lasts, or answer False at once.

    Two processors that drained at once would only repeat work: the ledger rejects what is stored.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM spool) AND pg_try_advisory_lock(%s)",
            (int(AdvisoryLock.SPOOL),),
        )
        (held,) = cursor.fetchone() or (False,)
    connection.commit()
    try:
        yield held
    finally:
        if held and not connection.closed:
            connection.rollback()
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", (int(AdvisoryLock.SPOOL),))
            connection.commit()


def add(connection: Connection, entries: Sequence[Entry]) -> None:
    """Hold entries of projects. Commits."""
    with connection.cursor() as cursor:
        execute_values(
            cursor,
            "INSERT INTO spool (project_id, envelope) VALUES %s",
            [(project_of(entry), entry.raw) for entry in entries],
            page_size=100,
        )
    connection.commit()


class SpoolReader:
    """Read the spool in portions: each holds a few batches of many projects."""

    def __init__(self) -> None:
        self._last_project = 0
        self._waiting: dict[int, float] = {}  # until when a project is left out

    def read(self, connection: Connection) -> dict[Key, Entry]:
        """Read the oldest batches of the next projects, and count their delivery. Commits."""
        now = time.monotonic()
        self._waiting = {one: until for one, until in self._waiting.items() if until > now}
        with connection.cursor() as cursor:
            found = _find(cursor, self._last_project, list(self._waiting))
            if not found and self._last_project:
                found = _find(cursor, 0, list(self._waiting))
            self._last_project = found[-1].project_id if found else 0
            chosen = _choose(found)
            cursor.execute(
                """
                UPDATE spool SET deliveries = least(deliveries + 1, 100)
                FROM unnest(%s::int[], %s::bigint[]) AS chosen (project_id, id)
                WHERE spool.project_id = chosen.project_id AND spool.id = chosen.id
                RETURNING spool.project_id, spool.id, envelope, deliveries
                """,
                ([project_id for project_id, _ in chosen], [number for _, number in chosen]),
            )
            read = {
                (project_id, number): read_entry(
                    b"0-%d" % number, bytes(envelope), deliveries=deliveries
                )
                for project_id, number, envelope, deliveries in cursor
            }
        connection.commit()
        return {key: read[key] for key in chosen if key in read}

    def settle(self, connection: Connection, read: Sequence[Key], waiting: set[int]) -> None:
        """Remove batches whose events are committed; leave out the projects that wait. Commits."""
        until = time.monotonic() + _WAIT_SECONDS
        self._waiting |= dict.fromkeys(waiting, until)
        stored = [key for key in read if key[0] not in waiting]
        left = [key for key in read if key[0] in waiting]
        with connection.cursor() as cursor:
            for statement, keys in (
                ("DELETE FROM spool USING", stored),
                # To wait is not to fail.
                ("UPDATE spool SET deliveries = 0 FROM", left),
            ):
                cursor.execute(
                    f"{statement} unnest(%s::int[], %s::bigint[]) AS done (project_id, id) "
                    "WHERE spool.project_id = done.project_id AND spool.id = done.id",
                    ([project_id for project_id, _ in keys], [number for _, number in keys]),
                )
        connection.commit()


def _find(cursor: Cursor, after: int, without: list[int]) -> list[_Stored]:
    """List the oldest batches of the projects after one, by skipping along the key."""
    cursor.execute(
        """
        WITH RECURSIVE hops (project_id) AS (
            (SELECT min(project_id) FROM spool WHERE project_id > %(after)s)
            UNION ALL
            SELECT (SELECT min(s.project_id) FROM spool s WHERE s.project_id > hops.project_id)
            FROM hops WHERE hops.project_id IS NOT NULL
        ), next AS (
            SELECT project_id FROM hops
            WHERE project_id IS NOT NULL AND project_id <> ALL (%(without)s) LIMIT %(projects)s
        )
        SELECT next.project_id, oldest.id, oldest.size FROM next CROSS JOIN LATERAL (
            SELECT id, octet_length(envelope) AS size FROM spool s
            WHERE s.project_id = next.project_id ORDER BY id LIMIT %(batches)s
        ) oldest ORDER BY 1, 2
        """,
        {
            "after": after,
            "without": without,
            "projects": _PROJECTS_PER_READ,
            "batches": _BATCHES_OF_PROJECT,
        },
    )
    return [_Stored(*row) for row in cursor.fetchall()]


def _choose(found: Sequence[_Stored]) -> list[Key]:
    """Choose one batch of each project in turn, up to the bounds of a portion."""
    by_project: dict[int, list[_Stored]] = {}
    for one in found:
        by_project.setdefault(one.project_id, []).append(one)
    chosen: list[Key] = []
    size = 0
    for one in chain.from_iterable(zip_longest(*by_project.values())):
        if one is None:
            continue
        size += one.size
        if chosen and (size > _BYTES_PER_READ or len(chosen) == _BATCHES_PER_READ):
            break
        chosen.append(one.key)
    return chosen
