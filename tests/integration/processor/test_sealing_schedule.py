"""Days are sealed once they are over, and again after late events."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import count
from types import SimpleNamespace

import pytest
from psycopg2.extensions import connection as Connection

from services.processor.jobs import tasks
from services.processor.sealing import run
from services.processor.sealing.run import seal_due
from services.query.execution.read_session import read_only_session
from services.query.sources import sealed_days
from services.query.sources.coverage import find_coverage
from shared.runtime.redis_clients import get_jobs_redis
from tests.conftest import make_project
from tests.support.factories import NOON, an_event
from tests.support.sealing import list_sealed_days, store, whole
from tests.support.three_days import DAY, LATER, some_days


def test_days_are_sealed_once_they_are_over_and_again_when_something_came_late(
    database: Connection, project_id: int
) -> None:
    store(database, project_id, some_days())
    midnight = datetime(2026, 3, 11, tzinfo=NOON.tzinfo)
    early = seal_due(database, midnight + timedelta(minutes=5), project_id=project_id)
    assert early.sealed == 0
    first = seal_due(database, midnight + timedelta(minutes=15), project_id=project_id)
    assert (first.sealed, list_sealed_days(project_id, DAY, days=3)) == (1, [DAY])
    assert seal_due(database, LATER, project_id=project_id).sealed == 2
    assert seal_due(database, LATER, project_id=project_id).sealed == 0
    store(database, project_id, [an_event(person="late")])
    assert seal_due(database, LATER, project_id=project_id).sealed == 1


def test_the_newest_days_are_sealed_first(database: Connection, project_id: int) -> None:
    """Many days are due after an upgrade, and the newest ones are asked for most."""
    store(database, project_id, some_days())
    told: list[str] = []
    seal_due(
        database, LATER, project_id=project_id, progress=lambda *step: told.append(str(step[2]))
    )
    newest_first = [f"project {project_id}, {DAY + timedelta(days=n)}" for n in (2, 1, 0)]
    assert told == newest_first


def test_a_day_that_events_trickle_into_is_not_sealed_for_each_of_them(
    database: Connection,
) -> None:
    now = datetime.now(timezone.utc)
    # Where it is noon, so that no day ends within the next hours. GMT+1 is west of Greenwich.
    project_id = make_project(database, f"Etc/GMT{now.hour - 12:+d}")
    store(database, project_id, [an_event(at=now - timedelta(days=2))])
    seal_due(database, now, project_id=project_id, wait_for_late_events=True)
    store(database, project_id, [an_event(at=now - timedelta(days=2), person="late")])
    soon, later = now + timedelta(minutes=5), now + timedelta(hours=2)
    assert seal_due(database, soon, project_id=project_id, wait_for_late_events=True).sealed == 0
    assert seal_due(database, later, project_id=project_id, wait_for_late_events=True).sealed == 1


def test_days_without_events_are_sealed_too_and_notice_a_late_one(
    database: Connection, project_id: int
) -> None:
    store(database, project_id, [an_event()])
    assert seal_due(database, NOON + timedelta(days=400), project_id=project_id).sealed == 400
    store(database, project_id, [an_event(at=NOON + timedelta(days=200))])
    assert seal_due(database, NOON + timedelta(days=400), project_id=project_id).sealed == 1
    with read_only_session() as session:
        cover = find_coverage(session, project_id, whole(DAY, days=300))
        counted = sealed_days.counts_by_day(session, project_id, cover.dates)
    assert (len(cover.dates), cover.raw) == (300, [])
    assert {day: row.events for day, row in counted.items()} == {
        DAY: 1,
        DAY + timedelta(days=200): 1,
    }


def test_a_project_that_takes_all_the_time_does_not_keep_the_next_from_being_sealed(
    database: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = (make_project(database, "UTC") for _ in range(2))
    for project_id in (ours, theirs):
        store(database, project_id, some_days())
    # A day takes 700 s of the 1,800 s of a run.
    clock = count(step=700)
    monkeypatch.setattr(run, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    get_jobs_redis().set(tasks.SEALED_LAST, ours - 1)
    newest = DAY + timedelta(days=2)
    tasks.seal_days()
    assert list_sealed_days(ours, DAY, days=3) == [newest]
    tasks.seal_days()
    assert list_sealed_days(theirs, DAY, days=3) == [newest]
    assert list_sealed_days(ours, DAY, days=3) == [newest]
    tasks.seal_days()  # begins with the first project again
    last: bytes = get_jobs_redis().get(tasks.SEALED_LAST)  # type: ignore[assignment]
    assert int(last) <= ours
