"""Events stored in isolation keep an outcome: none is acknowledged before it has one."""

from __future__ import annotations

import os
import subprocess
import textwrap
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest
from psycopg2.extensions import connection as Connection
from redis import Redis

from deploy.local.backends import Backends
from services.processor.persons import changes
from services.processor.storing import isolation
from services.processor.storing.rows import Incoming, flatten
from shared.events.envelope import encode
from shared.events.stream import CONSUMER_GROUP, STREAM
from tests.conftest import ROOT, make_project, plain_url
from tests.crash.test_poison import POISON, letters, wait_until_stored
from tests.support.factories import a_batch, an_event
from tests.support.imports import select
from tests.support.processors import (
    check_identity,
    processor,
    running,
    send,
    wait_until_drained,
)
from tests.support.waiting import wait_for

_HANGING = f"""
import time
from services.processor.storing import event_store

original = event_store.row_of

def hanging(event):
    if event.event_name == {POISON!r}:
        time.sleep(3600)
    return original(event)

event_store.row_of = hanging
"""


def deliver_until_suspect(stream: Redis) -> None:
    """Let consumers that are gone have read everything so often that it is isolated."""
    stream.xgroup_create(STREAM, CONSUMER_GROUP, id="0")
    stream.xreadgroup(CONSUMER_GROUP, "gone", {STREAM: ">"})
    pending = stream.xpending_range(STREAM, CONSUMER_GROUP, "-", "+", 100)
    ids: list[int | bytes | str | memoryview[int]] = [one["message_id"] for one in pending]
    stream.xclaim(STREAM, CONSUMER_GROUP, "gone", 0, ids, idle=60_000, retrycount=5)


def test_isolated_events_of_a_locked_project_are_kept_and_stored_once(
    backends: Backends, stream: Redis, database: Connection
) -> None:
    locked, free = (make_project(database, "UTC") for _ in range(2))
    send(stream, locked, [an_event() for _ in range(10)], 2)
    send(stream, free, [an_event() for _ in range(10)], 2)
    deliver_until_suspect(stream)
    with closing(psycopg2.connect(plain_url(backends.database_url))) as merging:
        with merging.cursor() as cursor:
            changes.lock_exclusive(cursor, locked)
        consumer = processor(backends)
        try:
            wait_until_stored(database, free, 10)
            time.sleep(3)  # the locked project is tried again meanwhile
            assert stream.xlen(STREAM) == 5, "entries that are not stored were acknowledged"
            merging.commit()
            wait_until_drained(stream)
        finally:
            consumer.terminate()
            code = consumer.wait(20)
    assert code == 0
    check_identity(database, locked, unique=10)
    check_identity(database, free, unique=10)


def test_a_project_with_an_event_without_an_outcome_waits(
    database: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = (make_project(database, "UTC") for _ in range(2))
    events = list(
        flatten([a_batch(ours, [an_event() for _ in range(3)]), a_batch(theirs, [an_event()])])
    )

    def forget_one(_events: Sequence[Incoming], *_: object) -> isolation._Verdict:
        return isolation._Verdict(stored=[0, 3], persons=[1, 1], repeated=[1])

    monkeypatch.setattr(isolation, "_run_child", forget_one)
    result = isolation.store_isolated(database, events)
    assert result.waiting == {ours}


def test_events_stored_in_isolation_have_their_persons_in_live_views(database: Connection) -> None:
    project_id = make_project(database, "UTC")
    batch = a_batch(project_id, [an_event(person=name) for name in ("ann", "bob", "ann")])
    result = isolation.store_isolated(database, list(flatten([batch])))
    assert len(result.stored) == 3
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT distinct_id, person_id FROM person_distinct_ids WHERE project_id = %s",
            (project_id,),
        )
        stored = {(project_id, name): person for name, person in cursor.fetchall()}
    assert result.persons == stored


def test_only_the_event_that_hangs_becomes_a_dead_letter(
    database: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project_id = make_project(database, "UTC")
    (tmp_path / "sitecustomize.py").write_text(_HANGING)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{ROOT}")
    monkeypatch.setattr(isolation, "_SECONDS_TOGETHER", 5)
    monkeypatch.setattr(isolation, "_SECONDS_ALONE", 5)
    names = [POISON, "a", "b", "c"]
    batch = a_batch(project_id, [an_event(name) for name in names])
    result = isolation.store_isolated(database, list(flatten([batch])))
    assert [item.event.event_name for item in result.stored] == names[1:]
    assert (result.dead_letters, result.waiting) == (1, set())
    assert letters(database, project_id) == [(POISON, "failed_to_store")]
    check_identity(database, project_id, unique=4, dead=1)


def test_others_are_stored_while_an_event_is_isolated_and_stopping_ends_its_process(
    backends: Backends, stream: Redis, database: Connection, tmp_path: Path
) -> None:
    ours, theirs = (make_project(database, "UTC") for _ in range(2))
    (tmp_path / "sitecustomize.py").write_text(_HANGING)
    send(stream, ours, [an_event(POISON), an_event()], 2)
    deliver_until_suspect(stream)
    consumer = processor(backends, PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")
    children: list[psutil.Process] = []
    try:
        wait_for(lambda: bool(psutil.Process(consumer.pid).children()), 30)
        children = psutil.Process(consumer.pid).children()
        send(stream, theirs, [an_event() for _ in range(10)], 5)
        wait_until_stored(database, theirs, 10)
        wait_for(lambda: stream.xlen(STREAM) == 1, 10)  # they are acknowledged, and ours is not
        assert psutil.Process(consumer.pid).children() == children, "it was isolated for too short"
    finally:
        consumer.terminate()
        code = consumer.wait(20)
    left = [child for child in children if child.is_running()]
    for child in left:
        child.kill()
    assert (code, left) == (0, [])
    assert letters(database, ours) == []
    consumer = processor(backends)
    try:
        wait_until_drained(stream)
    finally:
        consumer.terminate()
        consumer.wait(20)
    check_identity(database, ours, unique=2)
    check_identity(database, theirs, unique=10)


def spool(database: Connection, project_id: int, names: Sequence[str], deliveries: int = 0) -> None:
    """Put events into the spool as ingest does, each in a batch of its own."""
    with database.cursor() as cursor:
        for name in names:
            cursor.execute(
                "INSERT INTO spool (project_id, envelope, deliveries) VALUES (%s, %s, %s)",
                (project_id, encode(a_batch(project_id, [an_event(name)])), deliveries),
            )
    database.commit()


def spooled(database: Connection) -> list[tuple[Any, ...]]:
    """The projects and deliveries of what is in the spool, and the versions of the rows."""
    return select(database, "SELECT project_id, deliveries, xmin::text FROM spool ORDER BY id")


def test_others_are_stored_while_an_event_of_the_spool_is_isolated(
    backends: Backends, stream: Redis, database: Connection, tmp_path: Path
) -> None:
    """From the spool and from the stream, by this processor; another one leaves the event alone."""
    ours, theirs = (make_project(database, "UTC") for _ in range(2))
    (tmp_path / "sitecustomize.py").write_text(_HANGING)
    spool(database, ours, [POISON], deliveries=5)
    hanging = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    consumers = [processor(backends, **hanging)]
    try:
        wait_for(lambda: bool(psutil.Process(consumers[0].pid).children()), 30)
        children = psutil.Process(consumers[0].pid).children()
        consumers.append(processor(backends, **hanging))
        spool(database, theirs, ["a", "b", "c"])
        spool(database, ours, ["later"])
        send(stream, theirs, [an_event() for _ in range(10)], 5)
        wait_until_stored(database, theirs, 13, seconds=10)
        wait_until_stored(database, ours, 1, seconds=10)
        wait_for(lambda: [row[0] for row in spooled(database)] == [ours], 10)
        time.sleep(2)  # the spool is read again meanwhile
        assert psutil.Process(consumers[0].pid).children() == children, "it took too short"
        assert psutil.Process(consumers[1].pid).children() == []
    finally:
        for consumer in consumers:
            consumer.terminate()
        codes = [consumer.wait(20) for consumer in consumers]
    assert codes == [0, 0]
    assert letters(database, ours) == []
    with running(backends):
        wait_for(lambda: spooled(database) == [], 30)
    check_identity(database, ours, unique=2)
    check_identity(database, theirs, unique=13)


def test_a_database_that_does_not_answer_makes_no_batch_of_the_spool_a_suspect(
    backends: Backends, stream: Redis, database: Connection
) -> None:
    project_id = make_project(database, "UTC")
    select(database, "ALTER TABLE event_counts RENAME TO event_counts_away")
    try:
        spool(database, project_id, ["a"])
        with running(backends) as consumer:
            tries: set[str] = set()
            deadline = time.monotonic() + 60
            while len(tries) < 6:  # it is written as often as it is read
                assert time.monotonic() < deadline
                [(_, deliveries, version)] = spooled(database)
                tries.add(version)
                assert deliveries <= 1
                assert psutil.Process(consumer.pid).children() == []
                time.sleep(0.05)
            select(database, "ALTER TABLE event_counts_away RENAME TO event_counts")
            wait_for(lambda: spooled(database) == [], 10)
    finally:
        select(database, "ALTER TABLE IF EXISTS event_counts_away RENAME TO event_counts")
    check_identity(database, project_id, unique=1)


def test_other_projects_are_stored_before_the_halves_of_the_one_that_fails(
    database: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, *others = (make_project(database, "UTC") for _ in range(4))
    batches = [a_batch(ours, [an_event(name) for name in ("a", "b", POISON, "c")])]
    batches += [a_batch(one, [an_event(), an_event()]) for one in others]
    tried: list[list[int]] = []

    def fail_with_poison(events: Sequence[Incoming], *_: object) -> isolation._Verdict | None:
        tried.append([item.batch.project_id for item in events])
        if any(item.event.event_name == POISON for item in events):
            return None
        places = list(range(len(events)))
        return isolation._Verdict(stored=places, persons=[0] * len(places))

    monkeypatch.setattr(isolation, "_run_child", fail_with_poison)
    result = isolation.store_isolated(database, list(flatten(batches)))
    halves = [place for place, projects in enumerate(tried) if projects in ([ours], [ours] * 2)]
    assert {one for projects in tried[: halves[0]] for one in projects} == {ours, *others}
    assert set(tried[-1]) == {ours}
    assert all(projects[0] == ours for projects in tried[halves[0] :])
    assert (len(result.stored), len(result.dead), result.waiting) == (9, 1, set())
    assert letters(database, ours) == [(POISON, "failed_to_store")]


def test_a_processor_that_is_killed_while_it_isolates_loses_and_doubles_nothing(
    backends: Backends, stream: Redis, database: Connection, tmp_path: Path
) -> None:
    """Its child goes on, while another processor takes the same events up."""
    project_id = make_project(database, "UTC")
    (tmp_path / "sitecustomize.py").write_text(
        textwrap.dedent(
            f"""
            import time
            from services.processor.storing import event_store

            original = event_store.row_of

            def slow(event):
                if event.event_name == {POISON!r}:
                    time.sleep(2)
                return original(event)

            event_store.row_of = slow
            """
        )
    )
    send(stream, project_id, [an_event(POISON), *(an_event() for _ in range(9))], 2)
    deliver_until_suspect(stream)
    consumer = processor(backends, PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")
    deadline = time.monotonic() + 30
    while not psutil.Process(consumer.pid).children():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    consumer.kill()
    consumer.wait(10)
    consumer = processor(backends)
    try:
        wait_until_drained(stream)
    finally:
        consumer.terminate()
        code = consumer.wait(20)
    assert code == 0
    time.sleep(3)  # the child of the one that was killed is done
    check_identity(database, project_id, unique=10)


def take_too_long(_events: Sequence[Incoming], seconds: float, _: object) -> None:
    raise subprocess.TimeoutExpired("isolation", seconds)


def test_an_event_is_not_to_blame_while_the_database_is_away(
    backends: Backends, database: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    project_id = make_project(database, "UTC")
    monkeypatch.setattr(isolation, "_run_child", take_too_long)
    events = list(flatten([a_batch(project_id, [an_event()])]))
    with closing(psycopg2.connect(plain_url(backends.database_url))) as ended:
        with database.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", (ended.info.backend_pid,))
        database.commit()
        with pytest.raises(psycopg2.OperationalError):
            isolation.store_isolated(ended, events)
    assert letters(database, project_id) == []


def test_an_event_is_not_to_blame_while_the_database_is_slow(
    database: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    project_id = make_project(database, "UTC")
    monkeypatch.setattr(isolation, "_run_child", take_too_long)
    monkeypatch.setattr(isolation, "_SECONDS_TO_ANSWER", 0)
    with pytest.raises(psycopg2.OperationalError):
        isolation.store_isolated(database, list(flatten([a_batch(project_id, [an_event()])])))
    assert letters(database, project_id) == []


def test_what_was_not_tried_in_time_is_tried_again_later(
    database: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    project_id = make_project(database, "UTC")
    monkeypatch.setattr(isolation, "_SECONDS_IN_ALL", -1)
    result = isolation.store_isolated(database, list(flatten([a_batch(project_id, [an_event()])])))
    assert result.waiting == {project_id}
    assert letters(database, project_id) == []
