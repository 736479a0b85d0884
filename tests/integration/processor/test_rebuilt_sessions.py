"""Rebuilt sessions are those that storing has made, whatever was wrong with them."""

from __future__ import annotations

import json
import random
import threading
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from deploy.local.backends import Backends
from services.processor.maintenance import retention
from services.processor.maintenance.rebuild import rebuild
from services.processor.persons import changes, pending_merges
from services.processor.sealing.run import seal_due
from services.processor.sessions import rebuilding
from services.processor.sessions.rebuilding import rebuild_sessions
from shared.events.envelope import Event
from tests.conftest import make_project, plain_url
from tests.integration.processor.test_session_races import divided, odd_events, store_with
from tests.integration.processor.test_sessions import by_hand, stored
from tests.support.factories import NOON, an_event
from tests.support.odd_events import MERGED
from tests.support.sealing import list_sealed_days, one, store

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
_SAME = {f"anonymous-{person}": f"account-{person}" for person in MERGED}
_DAMAGE = (
    "DELETE FROM sessions WHERE project_id = %(project)s AND random() < 0.3",
    "UPDATE sessions SET events = events + 1, exit_page = 'wrong' "
    "WHERE project_id = %(project)s AND random() < 0.3",
    "UPDATE sessions SET started_at = started_at + interval '7 minutes' "
    "WHERE project_id = %(project)s AND ended_at > started_at + interval '7 minutes' "
    "AND random() < 0.3",
    "UPDATE sessions SET country = 'XX', person_id = 1 + person_id %% 3 "
    "WHERE project_id = %(project)s AND random() < 0.2",
)


def damage(database: Connection, project_id: int) -> None:
    """Change and remove some of a project's sessions."""
    with database.cursor() as cursor:
        for statement in _DAMAGE:
            cursor.execute(statement, {"project": project_id})
    database.commit()


def without_made_ids(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The sessions; the id of one without a client's id may be that of a row that is wrong yet."""
    return sorted((*row[:-1], "~" if row[-1].startswith("~") else row[-1]) for row in rows)


def every_column(database: Connection, project_id: int) -> dict[str, str]:
    """A project's sessions by their ids."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT session_id, (to_jsonb(s) - 'project_id')::text FROM sessions s "
            "WHERE project_id = %s",
            (project_id,),
        )
        found = dict(cursor.fetchall())
    database.rollback()
    return found


@pytest.fixture(params=[(1000, 20_000), (2, 20)], ids=["at once", "in steps"])
def steps(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many persons and events a step has."""
    persons, events = request.param
    monkeypatch.setattr(rebuilding, "_PERSONS_PER_STEP", persons)
    monkeypatch.setattr(rebuilding, "_EVENTS_PER_STEP", events)
    monkeypatch.setattr(rebuilding, "_MAX_PAUSE_SECONDS", 0.0)


@pytest.mark.usefixtures("steps")
def test_damaged_sessions_become_what_storing_made(
    backends: Backends, database: Connection
) -> None:
    for seed in range(3):
        chance = random.Random(seed)
        project_id = make_project(database, "UTC")
        batches = divided(odd_events(chance), chance)
        store_with(backends, 1, project_id, batches)
        pending_merges.finish(database, seconds=30, project_id=project_id)
        before = without_made_ids(stored(database, project_id))
        damage(database, project_id)
        assert without_made_ids(stored(database, project_id)) != before
        assert rebuild_sessions(database, project_id, None) > 0
        rebuilt = without_made_ids(stored(database, project_id))
        assert rebuilt == before, f"seed {seed}"
        expected = by_hand([event for batch in batches for event in batch], _SAME)
        assert rebuilt == without_made_ids(expected)
        assert rebuild_sessions(database, project_id, None) == 0


def test_sessions_that_are_right_are_not_written_and_wrong_ones_keep_their_ids(
    backends: Backends, database: Connection
) -> None:
    chance = random.Random(7)
    project_id = make_project(database, "UTC")
    store_with(backends, 1, project_id, divided(odd_events(chance), chance))
    pending_merges.finish(database, seconds=30, project_id=project_id)
    before = every_column(database, project_id)
    written = "SELECT max(xmin::text::bigint) FROM sessions WHERE project_id = %s"
    newest = one(database, written, project_id)
    assert rebuild_sessions(database, project_id, None) == 0
    assert one(database, written, project_id) == newest
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE sessions SET pageviews = 99, device_type = 'x' WHERE project_id = %s",
            (project_id,),
        )
    database.commit()
    assert rebuild_sessions(database, project_id, None) == len(before)
    assert every_column(database, project_id) == before


def test_sessions_from_a_day_on_are_rebuilt_and_earlier_ones_stay(
    database: Connection, project_id: int
) -> None:
    # A visit goes on over midnight; another has an id and goes on as well.
    store(database, project_id, [event_at(n / 2, None) for n in range(-96, 40)])
    store(database, project_id, [event_at(hour, "s") for hour in (-50, -30, -20, -10, 5, 14, 40)])
    store(database, project_id, [event_at(hour, None, "bob") for hour in (-30, 0, 3, 30)])
    before = every_column(database, project_id)
    with database.cursor() as cursor:
        cursor.execute("UPDATE sessions SET pageviews = 9 WHERE project_id = %s", (project_id,))
    database.commit()
    day = NOON.date()
    assert rebuild(database, project_id, day, day, NOON + 30 * DAY).sessions_corrected == 5
    after = every_column(database, project_id)
    mended = {key for key, row in after.items() if row == before[key]}
    assert after.keys() == before.keys()
    assert mended == {
        key
        for key, row in before.items()
        if datetime.fromisoformat(json.loads(row)["started_at"]).date() >= day
    }


def event_at(hours: float, session_id: str | None, person: str = "ann") -> Event:
    return an_event(at=NOON + hours * HOUR, person=person, session_id=session_id)


def test_a_new_time_out_divides_what_is_stored(database: Connection, project_id: int) -> None:
    store(database, project_id, [event_at(minutes / 60, None) for minutes in (0, 50, 140, 145)])
    assert len(stored(database, project_id)) == 2
    for minutes, expected in ((120, [4]), (30, [1, 1, 2]), (60, [2, 2])):
        with database.cursor() as cursor:
            cursor.execute(
                "UPDATE projects SET session_timeout_minutes = %s WHERE id = %s",
                (minutes, project_id),
            )
        database.commit()
        rebuild_sessions(database, project_id, None)
        assert [row[3] for row in stored(database, project_id)] == expected


def test_sessions_with_expired_events_stay_and_later_ones_are_rebuilt(
    database: Connection, project_id: int
) -> None:
    hours = [*range(-30, -10), -11.5, 11.5, 11.9, 12.2, 12.9, 20, 20.5]
    store(database, project_id, [event_at(hour, "s") for hour in (11, 13, 30)])
    store(database, project_id, [event_at(hour, None) for hour in hours])
    now = NOON + 40 * DAY
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE projects SET retention_days = %s WHERE id = %s",
            ((now.date() - NOON.date()).days - 1, project_id),
        )
    database.commit()
    seal_due(database, now, project_id=project_id)
    assert retention.remove_expired(database, now, project_id=project_id).expired_days > 0
    before = every_column(database, project_id)
    with database.cursor() as cursor:
        cursor.execute(
            "DELETE FROM sessions WHERE project_id = %s AND started_at >= %s",
            (project_id, NOON + 13 * HOUR),
        )
        assert cursor.rowcount == 1
    database.commit()
    done = rebuild(database, project_id, None, None, now)
    assert done.sessions_corrected == 1
    assert every_column(database, project_id) == before


def test_days_of_wrong_sessions_are_sealed_again(database: Connection, project_id: int) -> None:
    store(database, project_id, [event_at(hour, None) for hour in (0, 5, 24)])
    later, days = NOON + 72 * HOUR, [NOON.date(), NOON.date() + timedelta(days=1)]
    seal_due(database, later, project_id=project_id)
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM sessions WHERE project_id = %s", (project_id,))
    database.commit()
    assert rebuild_sessions(database, project_id, NOON + 12 * HOUR) == 1
    assert list_sealed_days(project_id, days[0], days=2) == [days[0]]


def test_sessions_are_rebuilt_while_events_are_stored(
    backends: Backends, database: Connection
) -> None:
    chance = random.Random(3)
    project_id = make_project(database, "UTC")
    batches = divided(odd_events(chance), chance)
    storing = threading.Thread(target=store_with, args=(backends, 2, project_id, batches))
    storing.start()
    while storing.is_alive():
        rebuild_sessions(database, project_id, None)
    storing.join()
    pending_merges.finish(database, seconds=30, project_id=project_id)
    expected = by_hand([event for batch in batches for event in batch], _SAME)
    # Which of two events at the same time comes first is not defined among processors.
    assert [(row[0], *row[2:5]) for row in stored(database, project_id)] == [
        (row[0], *row[2:5]) for row in expected
    ]
    assert rebuild_sessions(database, project_id, None) == 0


def test_sessions_are_not_read_while_a_batch_is_being_stored(
    backends: Backends, database: Connection, project_id: int
) -> None:
    store(database, project_id, [event_at(0, None)])
    with closing(psycopg2.connect(plain_url(backends.database_url))) as storing:
        changes.lock_shared(storing.cursor(), [project_id])
        with database.cursor() as cursor:
            cursor.execute("SET lock_timeout = '300ms'")
        database.commit()
        with pytest.raises(psycopg2.errors.LockNotAvailable):
            rebuild_sessions(database, project_id, None)
        database.rollback()
    assert rebuild_sessions(database, project_id, None) == 0


def test_a_failure_of_sessions_leaves_the_days_rebuilt(
    database: Connection, project_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(database, project_id, [event_at(0, None)])

    def fail(*_arguments: object, **_options: object) -> None:
        raise ValueError("broken")

    monkeypatch.setattr("services.processor.maintenance.rebuild.rebuild_sessions", fail)
    day = NOON.date()
    done = rebuild(database, project_id, day, day, NOON + 72 * HOUR)
    assert (done.sessions_corrected, done.days) == (None, 1)
    failed = "SELECT work FROM failed_attempts WHERE project_id = %s"
    assert one(database, failed, project_id) == "sessions"
