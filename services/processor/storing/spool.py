"""Read batches that ingest, or a processor, held in PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain, zip_longest
from typing import NamedTuple

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from services.processor.storing.stream_reader import Entry, SpoolKey, read_entry
from services.processor.storing.waiting_projects import account_of, project_of
from shared.events.backlogs import NO_ACCOUNT
from shared.events.spool_room import COUNT, SpoolRoom
from shared.runtime.advisory_locks import AdvisoryLock

_PROJECTS_PER_READ = 50
_BATCHES_OF_PROJECT = 100
_BATCHES_PER_READ = 200
_BYTES_PER_READ = 16 * 1024 * 1024
_WAIT_SECONDS = 5.0
"""How long a project that others hold is left out."""


class _Stored(NamedTuple):
    project_id: int
    id: int
    size: int

    @property
    def key(self) -> SpoolKey:
        return self.project_id, self.id


def add(connection: Connection, entries: Sequence[Entry], max_batches: int) -> bool:
    """Hold entries of a project, if there is room for them; return whether. Commits.

    An account may have as much here as is free, as where ingest adds batches.

    Args:
        connection: the caller's own.
        entries: all of them of one project.
        max_batches: batches of all projects that may wait.
    """
    with connection.cursor() as cursor:
        cursor.execute(COUNT, (max_batches,))
        if SpoolRoom(cursor, max_batches).is_full_for(account_of(entries[0])):
            connection.commit()
            return False
        execute_values(
            cursor,
            "INSERT INTO spool (project_id, envelope, account) VALUES %s",
            [(project_of(entry), entry.raw, entry.account or None) for entry in entries],
            page_size=100,
        )
    connection.commit()
    return True


class SpoolReader:
    """Read the spool in portions: each holds a few batches of many projects.

    One processor drains at a time. It keeps the lock while batches are isolated beside the reading,
    so nobody else works on them; they are not read again meanwhile.
    """

    def __init__(self) -> None:
        self._last_project = 0
        self._waiting: dict[int, float] = {}  # until when a project is left out
        self._counted: set[SpoolKey] = set()
        """Batches that this process has read: a failure that it survives is no further delivery."""
        self._isolated: set[SpoolKey] = set()
        self._locked_on: Connection | None = None

    def try_lock(self, connection: Connection) -> bool:
        """Take the lock for draining, unless it is held; answer False at once if others have it.

        Two processors that drained at once would only repeat work: the ledger rejects what is
        stored. The lock ends with the connection. Commits.
        """
        if self._locked_on is connection:
            return True
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT 1 FROM spool) AND pg_try_advisory_lock(%s)",
                (int(AdvisoryLock.SPOOL),),
            )
            (held,) = cursor.fetchone() or (False,)
        connection.commit()
        self._locked_on = connection if held else None
        return bool(held)

    def unlock(self, connection: Connection) -> None:
        """Leave draining to any processor, unless batches are isolated. Commits."""
        if self._locked_on is not connection or self._isolated:
            return
        self._locked_on = None
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", (int(AdvisoryLock.SPOOL),))
        connection.commit()

    def read(self, connection: Connection) -> list[Entry]:
        """Read the oldest batches of the next projects, and count their delivery. Commits."""
        now = time.monotonic()
        self._waiting = {one: until for one, until in self._waiting.items() if until > now}
        with connection.cursor() as cursor:
            found = self._find(cursor, self._last_project)
            if not found and self._last_project:
                found = self._find(cursor, 0)
            self._last_project = found[-1].project_id if found else 0
            chosen = _choose(found)
            is_new = [key not in self._counted for key in chosen]
            # Before the answer, which may be lost after the commit.
            self._counted.update(chosen)
            cursor.execute(
                """
                UPDATE spool SET deliveries = least(deliveries + is_new::int, 100)
                FROM unnest(%s::int[], %s::bigint[], %s::boolean[])
                    AS chosen (project_id, id, is_new)
                WHERE spool.project_id = chosen.project_id AND spool.id = chosen.id
                RETURNING spool.project_id, spool.id, envelope, deliveries, account
                """,
                (
                    [project_id for project_id, _ in chosen],
                    [number for _, number in chosen],
                    is_new,
                ),
            )
            read = {
                (project_id, number): replace(
                    read_entry(b"0-%d" % number, bytes(envelope)),
                    deliveries=deliveries,
                    spool_key=(project_id, number),
                    account=account or NO_ACCOUNT,
                )
                for project_id, number, envelope, deliveries, account in cursor
            }
        connection.commit()
        if not found:
            self._counted.clear()  # others have stored them
        return [read[key] for key in chosen if key in read]

    def _find(self, cursor: Cursor, after: int) -> list[_Stored]:
        return _find(cursor, after, list(self._waiting), [number for _, number in self._isolated])

    def settle(self, connection: Connection, entries: Sequence[Entry], waiting: set[int]) -> None:
        """Remove batches whose events are committed; leave out the projects that wait. Commits."""
        self._leave_out(waiting)
        keys = _keys(entries)
        stored = [key for key in keys if key[0] not in waiting]
        # To wait is not to fail. What has ended processors stays to be isolated.
        left = [
            key
            for key, entry in zip(keys, entries, strict=True)
            if key[0] in waiting and not entry.is_suspect
        ]
        with connection.cursor() as cursor:
            for statement, some in (
                ("DELETE FROM spool USING", stored),
                ("UPDATE spool SET deliveries = 0 FROM", left),
            ):
                cursor.execute(
                    f"{statement} unnest(%s::int[], %s::bigint[]) AS done (project_id, id) "
                    "WHERE spool.project_id = done.project_id AND spool.id = done.id",
                    ([project_id for project_id, _ in some], [number for _, number in some]),
                )
        connection.commit()
        self._counted.difference_update(stored, left)

    def begin_isolation(self, entries: Sequence[Entry]) -> None:
        """Read no more of these batches until their isolation has ended."""
        self._isolated.update(_keys(entries))

    def end_isolation(self, entries: Sequence[Entry]) -> None:
        """Read these batches again, unless they are settled."""
        self._isolated.difference_update(_keys(entries))

    def postpone(self, entries: Sequence[Entry]) -> None:
        """Leave out the projects of these batches for a while."""
        self._leave_out({project_id for project_id, _ in _keys(entries)})

    def _leave_out(self, project_ids: Iterable[int]) -> None:
        self._waiting |= dict.fromkeys(project_ids, time.monotonic() + _WAIT_SECONDS)


def _keys(entries: Sequence[Entry]) -> list[SpoolKey]:
    return [entry.spool_key for entry in entries if entry.spool_key is not None]


def _find(cursor: Cursor, after: int, without: list[int], isolated: list[int]) -> list[_Stored]:
    """List the oldest batches of the projects after one, by skipping along the key.

    Args:
        cursor: of a transaction.
        after: the project.
        without: projects that are left out.
        isolated: numbers of batches that are left out.
    """
    cursor.execute(
        """
        WITH RECURSIVE hops (project_id) AS (
            (SELECT min(project_id) FROM spool WHERE project_id > %(after)s)
            UNION ALL
            SELECT (SELECT min(s.project_id) FROM spool s WHERE s.project_id > hops.project_id)
            FROM hops WHERE hops.project_id IS NOT NULL
        ), next AS (
            SELECT project_id FROM hops
            WHERE project_id IS NOT NULL AND project_id <> ALL (%(without)s)
                AND EXISTS (SELECT 1 FROM spool s WHERE s.project_id = hops.project_id
                    AND s.id <> ALL (%(isolated)s::bigint[]))
            LIMIT %(projects)s
        )
        SELECT next.project_id, oldest.id, oldest.size FROM next CROSS JOIN LATERAL (
            SELECT id, octet_length(envelope) AS size FROM spool s
            WHERE s.project_id = next.project_id AND s.id <> ALL (%(isolated)s::bigint[])
            ORDER BY id LIMIT %(batches)s
        ) oldest ORDER BY 1, 2
        """,
        {
            "after": after,
            "without": without,
            "isolated": isolated,
            "projects": _PROJECTS_PER_READ,
            "batches": _BATCHES_OF_PROJECT,
        },
    )
    return [_Stored(*row) for row in cursor.fetchall()]


def _choose(found: Sequence[_Stored]) -> list[SpoolKey]:
    """Choose one batch of each project in turn, up to the bounds of a portion."""
    by_project: dict[int, list[_Stored]] = {}
    for one in found:
        by_project.setdefault(one.project_id, []).append(one)
    chosen: list[SpoolKey] = []
    size = 0
    for one in chain.from_iterable(zip_longest(*by_project.values())):
        if one is None:
            continue
        size += one.size
        if chosen and (size > _BYTES_PER_READ or len(chosen) == _BATCHES_PER_READ):
            break
        chosen.append(one.key)
    return chosen
