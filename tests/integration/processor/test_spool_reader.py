"""Which batches of the spool are read, while others wait or are isolated."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from deploy.local.backends import Backends
from services.processor.storing.spool import SpoolReader
from services.processor.storing.stream_reader import Entry
from shared.events.envelope import encode
from tests.conftest import make_project, plain_url
from tests.support.factories import a_batch, an_event
from tests.support.imports import select


@pytest.fixture(autouse=True)
def empty_spool(database: Connection) -> Iterator[None]:
    """Only the batches of a test."""
    select(database, "DELETE FROM spool")
    yield
    select(database, "DELETE FROM spool")


def spool(database: Connection, project_id: int, names: list[str]) -> None:
    for name in names:
        envelope = encode(a_batch(project_id, [an_event(name)]))
        select(
            database,
            "INSERT INTO spool (project_id, envelope) VALUES (%s, %s)",
            project_id,
            envelope,
        )


def names(entries: list[Entry]) -> list[str]:
    return [entry.batch.events[0].event_name for entry in entries if entry.batch is not None]


def test_what_is_isolated_is_not_read_again_before_that_has_ended(database: Connection) -> None:
    """Its project's other batches are, and many such projects hide no other."""
    first, *others, last = (make_project(database, "UTC") for _ in range(53))
    for project_id in (first, *others):
        spool(database, project_id, ["isolated"])
    reader = SpoolReader()
    isolated = reader.read(database) + reader.read(database)
    assert len(isolated) == 52
    reader.begin_isolation(isolated)
    spool(database, first, ["of the same project"])
    spool(database, last, ["of another"])
    read = [*reader.read(database), *reader.read(database)]
    assert set(names(read)) == {"of another", "of the same project"}
    reader.end_isolation(isolated)
    read = [*reader.read(database), *reader.read(database), *reader.read(database)]
    assert set(names(read)) == {"isolated", "of the same project", "of another"}


def test_one_process_counts_one_delivery_however_often_it_reads(
    database: Connection, project_id: int
) -> None:
    spool(database, project_id, ["a"])
    for _ in range(4):
        [entry] = SpoolReader().read(database)
    assert (entry.deliveries, entry.is_suspect) == (4, True)
    reader = SpoolReader()
    assert [reader.read(database)[0].deliveries for _ in range(4)] == [5, 5, 5, 5]


def test_a_project_that_waits_starts_anew_but_what_ended_processors_stays_suspect(
    database: Connection, project_id: int
) -> None:
    spool(database, project_id, ["ended two", "waits"])
    select(database, "UPDATE spool SET deliveries = 2 WHERE id = (SELECT min(id) FROM spool)")
    reader = SpoolReader()
    read = reader.read(database)
    assert [entry.is_suspect for entry in read] == [True, False]
    reader.settle(database, read, {project_id})
    assert reader.read(database) == []
    assert select(database, "SELECT deliveries FROM spool ORDER BY id") == [(3,), (0,)]


def test_one_processor_drains_until_nothing_is_isolated(
    backends: Backends, database: Connection, project_id: int
) -> None:
    spool(database, project_id, ["a"])
    ours, theirs = SpoolReader(), SpoolReader()
    with closing(psycopg2.connect(plain_url(backends.database_url))) as own:
        assert ours.try_lock(own)
        assert not theirs.try_lock(database)
        read = ours.read(own)
        ours.begin_isolation(read)
        ours.unlock(own)
        assert not theirs.try_lock(database)
        ours.end_isolation(read)
        ours.unlock(own)
        assert theirs.try_lock(database)
        theirs.unlock(database)
