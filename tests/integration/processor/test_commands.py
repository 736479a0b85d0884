"""The command line: says what it will do, does it, and names what is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from psycopg2.extensions import connection as Connection
from redis import Redis

from services.processor.commands.__main__ import COMMANDS, main
from services.processor.jobs.schedule import SCHEDULE
from services.processor.monitoring.lag import measure_lag
from shared.events.envelope import Event, encode
from shared.events.stream import BATCH_FIELD, STREAM
from shared.runtime.data_version import data_version_key
from shared.runtime.redis_clients import get_state_redis
from tests.conftest import ROOT
from tests.support.factories import NOON, a_batch, an_event
from tests.support.sealing import list_sealed_days, one, store

DAY = NOON.date()
Said = pytest.CaptureFixture[str]


def test_every_command_says_what_it_is_for(capsys: Said) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    said = capsys.readouterr().out
    for command in COMMANDS:
        assert command.NAME in said
        with pytest.raises(SystemExit):
            main([command.NAME, "--help"])


def test_the_script_finds_its_code_from_anywhere() -> None:
    answer = subprocess.run(
        [str(ROOT / "tidemark"), "--help"],
        cwd="/",
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answer.returncode, "event_status" in answer.stdout) == (0, True), answer.stderr


def test_aggregating_and_rebuilding_from_the_command_line(
    database: Connection, project_id: int, capsys: Said
) -> None:
    store(database, project_id, [an_event(), an_event(at=NOON + timedelta(days=1))])
    assert main(["aggregate_events", "--project", str(project_id)]) == 0
    assert "with 2 events" in capsys.readouterr().out
    assert list_sealed_days(project_id, DAY, days=2) == [DAY, DAY + timedelta(days=1)]
    with database.cursor() as cursor:
        cursor.execute("UPDATE event_counts SET events = 9 WHERE project_id = %s", (project_id,))
    database.commit()
    range_ = ["--from", "2026-03-10", "--to", "2026-03-11"]
    before = int(get_state_redis().get(data_version_key(project_id)) or 0)
    assert main(["rebuild", "--project", str(project_id), *range_]) == 0
    assert int(get_state_redis().get(data_version_key(project_id)) or 0) > before
    assert "Rebuilt 2 days; 2 counts were wrong." in capsys.readouterr().out
    assert main(["rebuild", "--project", "2000000000"]) == 1
    assert "There is no project 2000000000." in capsys.readouterr().err


def test_cleaning_up_says_first_what_goes_and_asks(
    database: Connection, project_id: int, capsys: Said
) -> None:
    recent = datetime.now(timezone.utc) - timedelta(days=1)
    store(database, project_id, [an_event(), an_event(at=recent)])
    with database.cursor() as cursor:
        cursor.execute("UPDATE projects SET retention_days = 7 WHERE id = %s", (project_id,))
    database.commit()
    rows = "SELECT count(*) FROM events WHERE project_id = %s"
    command = ["cleanup_events", "--project", str(project_id)]
    assert main([*command, "--dry-run"]) == 0
    assert "1 events of" in capsys.readouterr().out
    assert main(command) == 1  # nobody at the terminal
    assert "Use --yes" in capsys.readouterr().out
    assert one(database, rows, project_id) == 2
    assert main([*command, "--yes"]) == 0
    assert one(database, rows, project_id) == 1
    assert main([*command, "--yes"]) == 0
    assert "nothing to delete" in capsys.readouterr().out


def test_what_waits_is_processed_and_dead_letters_are_replayed(
    database: Connection, stream: Redis, project_id: int, capsys: Said
) -> None:
    bad = an_event("bad", properties=b'{"a": "\\u0000"}')
    batch = a_batch(project_id, [an_event("good"), bad])
    stream.xadd(STREAM, {BATCH_FIELD: encode(batch)})
    assert main(["process_events"]) == 0
    assert measure_lag(stream).waiting_entries == 0
    with database.cursor() as cursor:  # the cause is mended: the letter holds a good event now
        cursor.execute(
            "UPDATE dead_letters SET envelope = %s WHERE project_id = %s",
            (encode(a_batch(project_id, [_mended(bad.event_id)])), project_id),
        )
    database.commit()
    capsys.readouterr()
    assert main(["replay", "--project", str(project_id), "--dry-run"]) == 0
    assert "has 1 dead letters" in capsys.readouterr().out
    assert main(["replay", "--project", str(project_id), "--yes"]) == 0
    assert main(["process_events"]) == 0
    assert one(database, "SELECT count(*) FROM events WHERE project_id = %s", project_id) == 2
    assert one(database, "SELECT count(*) FROM dead_letters WHERE project_id = %s", project_id) == 0


def _mended(event_id: bytes) -> Event:
    event = an_event("bad")
    event.event_id = event_id
    return event


def test_status_for_programs(database: Connection, project_id: int, capsys: Said) -> None:
    store(database, project_id, [an_event(person="a"), an_event(person="b")])
    assert main(["event_status", "--project", str(project_id), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    [project] = answer["projects"]
    assert (project["events"], project["persons"], project["sealed_days"]) == (2, 2, 0)
    assert project["unsealed_days"] > 0
    main(["aggregate_events", "--project", str(project_id)])
    store(database, project_id, [an_event(person="late")])
    capsys.readouterr()
    main(["event_status", "--project", str(project_id), "--json"])
    [project] = json.loads(capsys.readouterr().out)["projects"]
    assert (project["dirty_days"], project["unsealed_days"]) == (1, 0)


def test_an_export_has_all_data_of_one_person_only(
    database: Connection, project_id: int, capsys: Said
) -> None:
    events = [an_event(f"e{n}", person="ann", properties=b'{"n": "\xc3\xa9"}') for n in range(3)]
    store(database, project_id, [*events, an_event(person="bob")])
    export = ["export_person", "--project", str(project_id), "--distinct-id"]
    assert main([*export, "ann"]) == 0
    person, session, *exported = map(json.loads, capsys.readouterr().out.splitlines())
    assert (person["kind"], person["distinct_ids"]) == ("person", ["ann"])
    assert (session["kind"], session["events"]) == ("session", 3)
    assert {event["event_name"] for event in exported} == {"e0", "e1", "e2"}
    assert {event["properties"]["n"] for event in exported} == {"é"}
    assert main([*export, "nobody"]) == 1
    assert "No person of project" in capsys.readouterr().err


def test_the_doctor_names_what_is_wrong_and_what_to_do(
    database: Connection, stream: Redis, project_id: int, capsys: Said
) -> None:
    get_state_redis().flushall()
    store(database, project_id, [an_event()])
    assert main(["doctor"]) == 1
    said = capsys.readouterr().out
    for line in (
        "No processor reads",
        "No worker runs the jobs of: system, deletions, exports",
        "No process triggers jobs",
        "to seal",
    ):
        assert line in said
    assert "services.processor work" in said


def test_a_job_can_be_run_now_and_is_shown(database: Connection, capsys: Said) -> None:
    get_state_redis().flushall()
    assert main(["jobs", "--run", "rotate_salts"]) == 0
    assert main(["jobs", "--run", "rotate_salts"]) == 0
    said = capsys.readouterr().out
    assert said == "Queued.\nIt is queued or running already.\n"
    assert main(["jobs"]) == 0
    assert "rotate_salts" in capsys.readouterr().out
    assert len(SCHEDULE) >= 8
