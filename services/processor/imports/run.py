"""Import a file: read rows, make events of them, store them, and record what became of each.

A chunk of rows is stored like a batch of requests. Afterwards, one transaction counts its rows and
moves the import's position behind them. A crash before it lets the next run read the chunk again:
the ledger then says which of its rows are stored, so each row is counted once.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timezone

import psycopg2
from psycopg2.extensions import connection as Connection
from redis.exceptions import RedisError

from services.processor.imports import file_parts, quotas, store
from services.processor.imports.chunks import ChunkImporter, Stopped
from services.processor.imports.reading_ahead import reading_ahead
from services.processor.imports.store import Import
from services.processor.imports.translating import TranslatedRow
from services.processor.jobs.locks import try_lock
from services.processor.jobs.progress import Progress
from services.processor.storing.failures import is_temporary
from shared.imports.mapping import problem_of
from shared.imports.project_rules import ProjectRules, rules_of, to_us, window_of
from shared.imports.reading import Position, read_header
from shared.runtime import database
from shared.runtime.advisory_locks import AdvisoryLock
from shared.runtime.disk_space import last_published
from shared.runtime.redis_clients import get_stream
from shared.runtime.settings import get_settings

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 25
"""Runs that may end, one after the other, before they have settled a row: their process was killed,
such as for lack of memory, or failed. More than a restless machine ends: twenty kills in a row
change no total."""
_RECONNECTS = 16
_RECONNECT_SECONDS = 2.0
_RECONNECT_LOCK_MS = 2_000
BUSY = "busy"
"""Stands for the state of an import that another process works on."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the installation's settings say to imports, and how a run ends early."""

    import_days: int
    ledger_days: int
    should_pause: Callable[[], bool] = lambda: False
    """Asked after each chunk: whether somebody else has a turn."""
    after_chunk: Callable[[], None] = lambda: None
    """Called when events are stored: answers about the project have changed."""


def run(
    connection: Connection,
    project_id: int,
    import_id: int,
    limits: Limits,
    progress: Progress,
) -> str:
    """Go on with an import; return its state afterwards, or ``BUSY``. Commits, chunk by chunk.

    Args:
        connection: the caller's own.
        project_id: the project.
        import_id: an import of it that is to be worked on.
        limits: of the installation.
        progress: told bytes, of the file.
    """
    with try_lock(connection, AdvisoryLock.IMPORTS, import_id) as held:
        one = store.find(connection, project_id, import_id)
        if one is None:
            return "cancelled"
        if not held:
            return BUSY
        if one.state not in {"queued", "running", "waiting"}:
            return one.state
        return _attempt(connection, one, limits, progress)


def _attempt(connection: Connection, one: Import, limits: Limits, progress: Progress) -> str:
    """Go on with an import, unless it did not get on too often; return its state afterwards."""
    if one.attempts >= MAX_ATTEMPTS:
        _give_up(connection, one)
        return "failed"
    if not store.set_state(connection, one, "running", attempts=one.attempts + 1):
        return "cancelled"
    try:
        return _run(connection, one, limits, progress)
    except (Stopped, file_parts.PartsMissing) as stopped:
        connection.rollback()
        state, problem = _end(stopped)
        store.set_state(connection, one, state, problem)
        found = store.find(connection, one.project_id, one.import_id)
        return found.state if found is not None else "cancelled"
    except psycopg2.Error as error:
        if is_temporary(error):
            _withdraw(connection, one)
        raise


def _withdraw(connection: Connection, one: Import) -> None:
    """Let the attempt not count; over a new connection if PostgreSQL has ended this one. Commits.

    PostgreSQL may start again first. If that takes too long, the attempt counts.
    """
    with suppress(psycopg2.Error):
        connection.rollback()
        store.withdraw_attempt(connection, one)
        return
    url, options = get_settings().database_url, f"-c lock_timeout={_RECONNECT_LOCK_MS}"
    for number in range(_RECONNECTS):
        time.sleep(_RECONNECT_SECONDS if number else 0)
        with (
            suppress(psycopg2.Error),
            closing(database.connect(url, "import", options=options)) as again,
        ):
            store.withdraw_attempt(again, one)
            return
    log.warning("the attempt of import %d counts; PostgreSQL does not answer", one.import_id)


def _give_up(connection: Connection, one: Import) -> None:
    """Let an import fail that does not get on, so that others of its project do."""
    problem = (
        f"The import was begun {one.attempts} times, and its process ended each time before the "
        f"rows after row {one.position.rows} were settled; perhaps they need more memory than the "
        "worker has (its log may say so). What is stored stays. Divide the file or its largest "
        "rows, and import it anew: rows that are stored are not stored again."
    )
    log.error("import %d of project %d does not get on", one.import_id, one.project_id)
    store.set_state(connection, one, "failed", problem, attempts=one.attempts)


def _end(stopped: Stopped | file_parts.PartsMissing) -> tuple[str, str | None]:
    """Return the state that an import has then, unless it has ended already, and why."""
    if isinstance(stopped, Stopped):
        return stopped.state, stopped.problem
    return "failed", "Parts of the file are missing. Import the file again."


def _run(connection: Connection, one: Import, limits: Limits, progress: Progress) -> str:
    if not file_parts.is_complete(connection, one.project_id, one.import_id, one.size):
        raise file_parts.PartsMissing
    columns, position = _header(connection, one)
    if problem := problem_of(one.mapping, columns):
        raise Stopped("failed", problem)
    importer = ChunkImporter(connection, one, limits.ledger_days)
    with reading_ahead(one, columns, position) as chunks:
        chunk: list[TranslatedRow] = []
        while True:
            now = datetime.now(timezone.utc)
            rules = _rules(connection, one, now)
            _wait_while_disk_is_low()
            left = quotas.left(connection, one.project_id, rules, now)
            if left.events <= 0:
                raise Stopped("waiting", left.problem)
            chunk = chunk or chunks.take(window_of(rules, limits.import_days, now), rules.events)
            if not chunk:
                break
            position = importer.add(chunk[: left.events], position, to_us(now))
            chunk = chunk[left.events :]
            limits.after_chunk()
            progress(position.offset, one.size, one.name)
            if limits.should_pause():
                return "running"
    return "finished" if store.set_state(connection, one, "finished") else "cancelled"


def _wait_while_disk_is_low() -> None:
    """Leave the rest to later while the disks have too little room; ingest needs half of it.

    Raises:
        Stopped: they have.
    """
    try:
        space = last_published(get_stream())
    except RedisError:
        return  # nothing is known, and nothing refused
    if space is not None and (space.is_low or space.mb_for_imports < 0):
        raise Stopped(
            "waiting",
            "The server's disk is nearly full. The import goes on within a minute after the "
            "operator has made room (health and `tidemark doctor` name the disk).",
        )


def _header(connection: Connection, one: Import) -> tuple[list[str] | None, Position]:
    if one.file_format != "csv":
        return None, one.position
    if one.columns is not None:
        return one.columns, one.position
    try:
        file = file_parts.read_file(connection, one.project_id, one.import_id, one.size, 0)
        columns, position = read_header(file, one.mapping.delimiter)
    except ValueError as error:
        raise Stopped("failed", str(error)) from error
    store.set_columns(connection, one, columns, position)
    return columns, position


def _rules(connection: Connection, one: Import, now: datetime) -> ProjectRules:
    with connection.cursor() as cursor:
        rules = rules_of(cursor, one.project_id, now)
    connection.commit()
    if rules is None or rules.is_deleted:
        raise Stopped("cancelled", "The project is deleted.")
    return rules
