"""An event that nobody can store becomes a dead letter; its neighbours are stored."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import textwrap
import time
from pathlib import Path

import psutil
import pytest
from psycopg2.extensions import connection as Connection
from redis import Redis

from deploy.local.backends import Backends
from shared.events.envelope import PersonChange, encode
from tests.conftest import ROOT, make_project
from tests.support.factories import a_batch, an_event
from tests.support.processors import (
    KILLED,
    check_identity,
    processor,
    send,
    wait_until_drained,
)
from tests.support.waiting import wait_for

POISON = "poison"
ENDINGS = {
    "killed": "os.kill(os.getpid(), signal.SIGKILL)",
    "no_memory": "raise MemoryError",
    "a_bug": "raise KeyError('a mistake in the code')",
    "a_bug_in_sql": "raise psycopg2.errors.SyntaxError('syntax error at or near')",
    "strange_error": "raise psycopg2.InternalError('invalid memory alloc request size')",
}


def a_broken_release(folder: Path, ending: str) -> dict[str, str]:
    """The environment of a processor that ends so while it stores an event of this name."""
    (folder / "sitecustomize.py").write_text(
        textwrap.dedent(
            f"""
            import os, signal
            import psycopg2
            from services.processor.storing import event_store

            original = event_store.row_of

            def broken(event):
                if event.event_name == {POISON!r}:
                    {ending}
                return original(event)

            event_store.row_of = broken
            """
        )
    )
    return {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}


def letters(database: Connection, project_id: int) -> list[tuple[str, str]]:
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT event_name, reason FROM dead_letters WHERE project_id = %s", (project_id,)
        )
        found = cursor.fetchall()
    database.rollback()
    return found


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_poison_event_becomes_a_dead_letter_and_its_neighbours_are_stored(
    backends: Backends, stream: Redis, database: Connection, tmp_path: Path, ending: str
) -> None:
    ours, theirs = (make_project(database, "UTC") for _ in range(2))
    release = a_broken_release(tmp_path, ENDINGS[ending])
    send(stream, ours, [an_event(f"n{n % 3}") for n in range(30)] + [an_event(POISON)], 31)
    send(stream, theirs, [an_event() for _ in range(100)])
    consumer = processor(backends, **release)
    try:
        if ending == "killed":
            for _ in range(2):
                assert consumer.wait(30) == KILLED
                consumer = processor(backends, **release)
        wait_until_drained(stream, 60)
        assert consumer.poll() is None
    finally:
        consumer.terminate()
        consumer.wait(20)
    assert letters(database, ours) == [(POISON, "failed_to_store")]
    check_identity(database, ours, unique=31, dead=1)
    check_identity(database, theirs, unique=100)


def test_a_failing_event_in_the_spool_does_not_block_later_ones(
    backends: Backends, stream: Redis, database: Connection, tmp_path: Path
) -> None:
    ours, theirs = (make_project(database, "UTC") for _ in range(2))
    release = a_broken_release(tmp_path, ENDINGS["a_bug"])
    with database.cursor() as cursor:
        for project_id, events in (
            (ours, [an_event(), an_event(POISON), an_event()]),
            (theirs, [an_event()]),
        ):
            cursor.execute(
                "INSERT INTO spool (project_id, envelope) VALUES (%s, %s)",
                (project_id, encode(a_batch(project_id, events))),
            )
    database.commit()
    consumer = processor(backends, **release)
    try:
        wait_until_stored(database, theirs, 1)
        wait_until_stored(database, ours, 2)
        wait_for(lambda: bool(letters(database, ours)), 30)
    finally:
        consumer.terminate()
        consumer.wait(20)
    assert letters(database, ours) == [(POISON, "failed_to_store")]
    check_identity(database, ours, unique=3, dead=1)


def test_an_event_in_the_spool_that_ends_its_processor_is_isolated(
    backends: Backends, stream: Redis, database: Connection, tmp_path: Path
) -> None:
    ours, theirs = (make_project(database, "UTC") for _ in range(2))
    release = a_broken_release(tmp_path, ENDINGS["killed"])
    with database.cursor() as cursor:
        for project_id, events in ((ours, [an_event(), an_event(POISON)]), (theirs, [an_event()])):
            cursor.execute(
                "INSERT INTO spool (project_id, envelope) VALUES (%s, %s)",
                (project_id, encode(a_batch(project_id, events))),
            )
    database.commit()
    for _ in range(2):
        assert processor(backends, **release).wait(30) == KILLED
    consumer = processor(backends, **release)
    try:
        wait_until_stored(database, theirs, 1)
        wait_until_stored(database, ours, 1)
        wait_for(lambda: bool(letters(database, ours)), 30)
    finally:
        consumer.terminate()
        consumer.wait(20)
    assert letters(database, ours) == [(POISON, "failed_to_store")]
    check_identity(database, ours, unique=2, dead=1)


def wait_until_stored(
    database: Connection, project_id: int, events: int, seconds: float = 30
) -> None:
    deadline = time.monotonic() + seconds
    while True:
        with database.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM events WHERE project_id = %s", (project_id,))
            (stored,) = cursor.fetchone() or (0,)
        database.rollback()
        if stored >= events:
            return
        assert time.monotonic() < deadline, f"{stored} of {events} stored"
        time.sleep(0.1)


def test_persons_too_large_for_the_memory_do_not_end_the_processor(
    backends: Backends, stream: Redis, database: Connection
) -> None:
    """Persons of 15 MB each, as they could be made before their size was bounded."""
    project_id = make_project(database, "UTC")
    make_huge_persons(database, project_id, 4)
    consumer = processor(backends, PROCESSOR_ISOLATION_MEMORY_MB="40")
    try:
        send(stream, project_id, [an_event()])  # everything is loaded now
        wait_until_drained(stream)
        limit_memory(consumer, 60)
        bomb = [an_event("$set", person=f"huge {n}") for n in range(4)]
        for event in bomb:
            event.person = PersonChange(set=b'{"k0": "v"}')
        send(stream, project_id, [*bomb, an_event(person="small")])
        send(stream, project_id, [an_event(person=f"behind {n}") for n in range(100)])
        wait_until_drained(stream, 60)
        assert consumer.poll() is None
    finally:
        consumer.terminate()
        consumer.wait(20)
    assert letters(database, project_id) == [("$set", "failed_to_store")] * 4
    check_identity(database, project_id, unique=106, dead=4)


def make_huge_persons(database: Connection, project_id: int, count: int) -> None:
    values = {f"k{n}": f"{n}" + "x" * 30_000 for n in range(500)}
    writes = {name: ["set", 1, None, None] for name in values}
    with database.cursor() as cursor:
        for number in range(1, count + 1):
            cursor.execute(
                "INSERT INTO persons (project_id, person_id, created_at, properties,"
                " property_writes) VALUES (%s, %s, now(), %s, %s)",
                (project_id, number, json.dumps(values), json.dumps(writes)),
            )
            cursor.execute(
                "INSERT INTO person_distinct_ids (project_id, distinct_id, person_id)"
                " VALUES (%s, %s, %s)",
                (project_id, f"huge {number - 1}", number),
            )
        cursor.execute(
            "INSERT INTO person_counters (project_id, last_person_id) VALUES (%s, %s)",
            (project_id, count),
        )
    database.commit()


def limit_memory(process: subprocess.Popen[bytes], more_mb: int) -> None:
    """Let a process grow by so much; the limit stands for that of a container."""
    limit = psutil.Process(process.pid).memory_info().vms + more_mb * 1024 * 1024
    resource.prlimit(process.pid, resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
