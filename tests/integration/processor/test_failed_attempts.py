"""What fails for one project, or for one of its days, costs no other project and no other day."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection

from deploy.local.backends import Backends
from services.processor.commands.__main__ import main
from services.processor.jobs.attempts import Work, list_failed, postponed_days
from services.processor.maintenance import reconcile, retention
from services.processor.maintenance.rebuild import rebuild
from services.processor.monitoring.metrics import StorageMetrics
from services.processor.sealing.run import seal_due
from services.processor.storing import crash_points
from services.query.monitoring import installation_health
from shared.events.batch_context import BatchContext
from shared.events.normalise import normalise
from tests.conftest import ROOT, make_project
from tests.support.factories import NOON, an_event, microseconds
from tests.support.sealing import list_sealed_days, one, store

DAY = NOON.date()
NEXT_DAY = DAY + timedelta(days=1)
LATER = NOON + timedelta(days=3)


def incompressible(characters: int, seed: int = 1) -> str:
    """Random characters of four bytes each: no index entry becomes smaller by compression."""
    chance = random.Random(seed)
    return "".join(chr(chance.randrange(0x20000, 0x2A6DF)) for _ in range(characters))


def two_days(database: Connection, project_id: int) -> None:
    store(database, project_id, [an_event(at=NOON + timedelta(days=n)) for n in range(2)])


def poison(database: Connection, project_id: int, at: datetime = NOON) -> None:
    """A row that no index of sealed days takes; the processor itself would refuse it."""
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO events (project_id, event_id, event_name, timestamp, received_at,"
            " person_id, distinct_id, properties)"
            " VALUES (%s, gen_random_uuid(), %s, %s, %s, 1, 'p', '{}')",
            (project_id, incompressible(3_000), at, at),
        )
    database.commit()


@pytest.fixture
def projects(database: Connection) -> tuple[int, int]:
    """A project with a day that cannot be sealed, and one behind it; both have another day."""
    ours, theirs = (make_project(database, "UTC") for _ in range(2))
    for project_id in (ours, theirs):
        two_days(database, project_id)
    poison(database, ours)
    return ours, theirs


def failed_days(database: Connection, project_id: int) -> list[tuple[str, object, int]]:
    return [
        (found.work, found.day, found.attempts)
        for found in list_failed(database)
        if found.project_id == project_id
    ]


def test_a_day_that_cannot_be_sealed_holds_up_no_other_day_and_no_other_project(
    database: Connection, projects: tuple[int, int]
) -> None:
    ours, theirs = projects
    run = seal_due(database, LATER, wait_for_late_events=True)
    assert (ours, DAY) in run.failed
    assert list_sealed_days(ours, DAY, days=2) == [NEXT_DAY]
    assert list_sealed_days(theirs, DAY, days=2) == [DAY, NEXT_DAY]
    assert failed_days(database, ours) == [("seal", DAY, 1)]
    seal_due(database, LATER, wait_for_late_events=True)
    assert failed_days(database, ours) == [("seal", DAY, 1)], "it was tried again at once"
    seal_due(database, LATER, project_id=ours)
    assert failed_days(database, ours) == [("seal", DAY, 2)]
    with database.cursor() as cursor:
        cursor.execute(
            "DELETE FROM events WHERE project_id = %s AND length(event_name) > 100", (ours,)
        )
    database.commit()
    seal_due(database, LATER, project_id=ours)
    assert list_sealed_days(ours, DAY, days=2) == [DAY, NEXT_DAY]
    assert failed_days(database, ours) == []


def test_a_day_that_ends_its_process_is_left_out_by_the_next_run(
    backends: Backends, database: Connection
) -> None:
    ours, theirs = (make_project(database, "UTC") for _ in range(2))
    for project_id in (ours, theirs):
        two_days(database, project_id)
    killed = subprocess.run(
        [sys.executable, "-m", "services.processor.commands", "seal", "--project", str(ours)],
        cwd=ROOT,
        env={
            **os.environ,
            **backends.environment,
            "TIDEMARK_CRASH_AT": crash_points.SEAL_AFTER_READ,
        },
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert postponed_days(database, ours, Work.SEAL) == {NEXT_DAY}  # the newest is the first
    seal_due(database, LATER, wait_for_late_events=True)
    assert list_sealed_days(ours, DAY, days=2) == [DAY]
    assert list_sealed_days(theirs, DAY, days=2) == [DAY, NEXT_DAY]
    with database.cursor() as cursor:  # by a clock that was set back since
        cursor.execute("UPDATE failed_attempts SET started_at = now() + interval '2 days'")
    database.commit()
    assert postponed_days(database, ours, Work.SEAL) == set()


def test_retention_removes_the_other_days_of_a_project_whose_day_cannot_be_sealed(
    database: Connection, projects: tuple[int, int]
) -> None:
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE projects SET retention_days = 10 WHERE id = ANY (%s)", ([*projects],)
        )
    database.commit()
    much_later = NOON + timedelta(days=100)
    removal = retention.remove_expired(database, much_later)
    left = "SELECT count(*) FROM events WHERE project_id = %s"
    assert [one(database, left, project_id) for project_id in projects] == [2, 0]
    assert removal.unsettled == [(projects[0], DAY)]
    with database.cursor() as cursor:
        cursor.execute(
            "DELETE FROM events WHERE project_id = %s AND length(event_name) > 100", (projects[0],)
        )
    database.commit()
    retention.remove_expired(database, much_later)
    assert one(database, left, projects[0]) == 0


def test_a_rebuild_goes_on_after_a_day_that_fails(
    database: Connection, projects: tuple[int, int]
) -> None:
    done = rebuild(database, projects[0], DAY, NEXT_DAY, LATER)
    assert done.failed == [DAY]
    assert list_sealed_days(projects[0], DAY, days=2) == [NEXT_DAY]


def test_a_project_that_cannot_be_reconciled_holds_up_no_other(
    database: Connection, projects: tuple[int, int]
) -> None:
    """A name too long for the table of differences."""
    with database.cursor() as cursor:
        cursor.execute("UPDATE event_counts SET events = 5 WHERE project_id = %s", (projects[1],))
    database.commit()
    reconcile.reconcile_hours(database, NOON + timedelta(hours=1))
    assert failed_days(database, projects[0]) == [("reconcile_hours", None, 1)]
    drifts = "SELECT count(*) FROM rollup_drifts WHERE project_id = %s"
    assert one(database, drifts, projects[1]) == 1


def test_a_project_in_an_unknown_time_zone_holds_up_no_other(database: Connection) -> None:
    lost, theirs = make_project(database, "Mars/Olympus"), make_project(database, "UTC")
    two_days(database, theirs)
    try:
        seal_due(database, LATER)
    finally:
        with database.cursor() as cursor:
            cursor.execute("DELETE FROM projects WHERE id = %s", (lost,))
        database.commit()
    assert list_sealed_days(theirs, DAY, days=2) == [DAY, NEXT_DAY]


@pytest.mark.usefixtures("stream")
def test_the_doctor_and_the_metrics_name_what_fails(
    database: Connection, projects: tuple[int, int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["seal", "--project", str(projects[0])]) == 1
    assert f"Project {projects[0]}, {DAY}: FAILED" in capsys.readouterr().out
    assert main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert f"seal failed 1 times for project {projects[0]}, {DAY}" in said
    assert "ProgramLimitExceeded: index row" in said
    found = {
        (sample.name, sample.labels.get("work")): sample.value
        for family in StorageMetrics().collect()
        for sample in family.samples
    }
    assert found["tidemark_failing_projects", "seal"] >= 1


def at_the_limit(**fields: Any) -> dict[str, Any]:
    """Fields of an event with as many of the largest characters as ingest lets through."""
    texts = ("distinct_id", "session_id", "device_id", "community_id", "division_id", "source")
    longer = ("page_url", "referrer", "app_version", "os_name", "os_version", "browser")
    return {
        "event_name": incompressible(100),
        **{name: incompressible(200, seed) for seed, name in enumerate(texts)},
        **{name: incompressible(2_000, seed) for seed, name in enumerate(longer)},
        "device_type": incompressible(100, 7),
        "country": "DE",
        "campaign": {
            name: incompressible(200, seed)
            for seed, name in enumerate(("source", "medium", "name", "term", "content"))
        },
        "groups": {incompressible(200, seed): incompressible(200) for seed in range(5)},
        **fields,
    }


def test_names_and_values_at_their_limits_are_stored_sealed_and_rebuilt(
    database: Connection, project_id: int
) -> None:
    now = microseconds(NOON)
    context = BatchContext(now, 0, 0, lambda: "nobody")
    long_name, long_value = incompressible(5_000), incompressible(1_900)
    kinds = [
        at_the_limit(properties={long_name: 1, "x": long_value, "f": 1e308, "n": -(2**63)}),
        at_the_limit(event_name="$pageview", properties={long_name: 2, "x": "short"}),
        at_the_limit(
            event_name="$groupidentify",
            group_type=incompressible(200, 8),
            group_key=incompressible(200, 9),
            group_set={long_name: long_value},
        ),
        at_the_limit(
            event_name="$identify",
            link="identify",
            previous_id=incompressible(200, 11),
            set={long_name: long_value},
            set_once={long_name: 1},
        ),
    ]
    store(database, project_id, [normalise(fields, context) for fields in kinds])
    assert one(database, "SELECT count(*) FROM dead_letters WHERE project_id = %s", project_id) == 0
    run = seal_due(database, LATER, project_id=project_id)
    assert (run.failed, run.events) == ([], 4)
    assert rebuild(database, project_id, DAY, DAY, LATER).failed == []
    names = one(
        database,
        "SELECT max(length(dimension)) FROM sealed_values WHERE project_id = %s",
        project_id,
    )
    assert names == len("properties.") + 200


def test_a_property_with_a_long_name_or_value_from_before_is_read_from_raw_rows(
    database: Connection, project_id: int
) -> None:
    properties = b'{"%s": 1, "long": "%s", "plan": "pro"}' % (
        incompressible(3_000).encode(),
        incompressible(2_000).encode(),
    )
    store(database, project_id, [an_event(properties=properties)])
    assert seal_due(database, LATER, project_id=project_id).failed == []
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT dimension FROM sealed_values WHERE project_id = %s AND dimension LIKE %s",
            (project_id, "properties.%"),
        )
        assert cursor.fetchall() == [("properties.plan",)]
    database.rollback()


def test_health_counts_the_projects_that_fail(
    database: Connection, projects: tuple[int, int]
) -> None:
    seal_due(database, LATER, project_id=projects[0])
    assert installation_health._failing_projects()["seal"] >= 1
