"""Files of sealed days hold exactly the rows, are used only while they hold, and may be lost."""

from __future__ import annotations

import itertools
import os
import random
import resource
import shutil
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pyarrow.parquet as pq
import pytest
from psycopg2.extensions import connection as Connection

from services.processor.commands import doctor
from services.processor.jobs.attempts import list_failed
from services.processor.maintenance.rebuild import rebuild
from services.processor.maintenance.retention import remove_expired
from services.processor.persons.deletion import delete_person
from services.processor.sealing import day_files, file_properties, file_rows
from services.processor.sealing.day import seal_day
from services.processor.sealing.file_upkeep import tend_day_files
from services.processor.sealing.run import seal_due
from services.processor.storing import crash_points
from services.query.execution.context import open_query
from services.query.parsing.breakdown import Breakdown
from services.query.parsing.events import EventQuery, EventSelector
from services.query.parsing.filters import NO_FILTER, Group, parse_filter
from services.query.reports.breakdown import BreakdownPlan, run_breakdown
from services.query.reports.trends import TrendsPlan, run_trends
from services.query.sources import file_columns, file_conditions
from services.query.sources.file_columns import process_cache
from services.query.sources.funnel_matching import read_steps
from services.query.sources.funnel_plan import Exclusion, FunnelPlan
from services.query.sources.series import PROPERTY_METRICS, Series
from shared.events.envelope import Event
from shared.runtime.database import job_connection
from shared.runtime.settings import get_settings
from tests.conftest import make_project
from tests.support.factories import NOON, an_event
from tests.support.sealing import UTC, list_sealed_days, one, store, whole

DAY = NOON.date()
LATER = NOON + timedelta(days=9)


@pytest.fixture
def folder(database: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the files, which is set; no test before has left a file."""
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM day_files")
    database.commit()
    yield from _set(tmp_path / "files", monkeypatch)


def _set(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with monkeypatch.context() as patch:
        patch.setenv("DAY_FILES", str(folder))
        get_settings.cache_clear()
        process_cache.clear()
        yield folder
    get_settings.cache_clear()


def odd_events(chance: random.Random, count: int = 300) -> list[Event]:
    """Events of two days: many at one instant, with odd texts."""
    return [
        an_event(
            chance.choice(["a", "b", 'c "quoted", \n and 日本', "d"]),
            at=NOON + timedelta(minutes=chance.randrange(-700, 2000) // 7 * 7),
            person=f"p{chance.randrange(12)}",
            source=chance.choice(["web", None]),
            properties=chance.choice(
                [
                    *(b"{}", b'{"n": 1.50, "t": ""}', b'{"n": "1.5"}', b'{"n": 1.5, "t": "B"}'),
                    *(b'{"n": null}', b'{"n": true}', b'{"n": "true"}', b'{"n": [2, "b", null]}'),
                    *(b'{"n": []}', b'{"n": {"a": 1}}', b'{"n": "2026-03-09"}', b'{"t": "bb"}'),
                    *(b'{"n": 1e21, "a.b": 7}', '{"x": ["a\\n", null, {"ü": "\\"\\\\"}]}'.encode()),
                ]
            ),
        )
        for _ in range(count)
    ]


def seal(database: Connection, project_id: int) -> None:
    seal_due(database, LATER, project_id=project_id)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


CONDITIONS = [
    {"property": name, "operator": operator, "value": value}
    for name in ("n", "t", "a.b", "missing", "source", "page_path", "device_type")
    for operator, value in [
        *(("is", [1.5]), ("is", ["1.5"]), ("is", ["true", ""]), ("is_not", ["b", "Web"])),
        *(("contains", "B"), ("not_contains", ["b", "1."]), ("regex", "^[B1]"), ("gte", 1.5)),
        *(("lt", 2), ("between", [0, 7]), ("is_set", None), ("is_not_set", None)),
        *(("before", "2026-03-10"), ("after", "2026-03-08")),
    ]
]


def funnel(
    project_id: int,
    order: str,
    steps: list[str | None],
    excluded: str = "",
    filters: Group = NO_FILTER,
) -> FunnelPlan:
    return FunnelPlan(
        EventQuery(
            project_id,
            whole(DAY - timedelta(days=1), days=5),
            NO_FILTER if len(steps) == 3 else filters,
        ),
        tuple(
            EventSelector(step, filters if len(steps) == 3 and number else NO_FILTER)
            for number, step in enumerate(steps)
        ),
        window_us=3_600_000_000,
        order=order,
        exclusions=(Exclusion(EventSelector(excluded), 0, 1),) if excluded else (),
    )


def steps_of(plan: FunnelPlan) -> tuple[list[tuple[int, int, int]], set[str]]:
    """The rows that a funnel is counted from, and the sources they were read from."""
    with open_query(plan.query) as context:
        rows, _ = read_steps(context, plan)
    columns = (rows[name].tolist() for name in ("person", "at", "mask"))
    return list(zip(*columns, strict=True)), set(context.meta.sources)


def check_funnels(project_id: int, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Compare what funnels read with and without files; return the sources with them."""
    used: set[str] = set()
    for plan in (
        funnel(project_id, "ordered", ["a", "b"]),
        funnel(project_id, "ordered", ["a", None, "nobody did it"], "d"),
        funnel(project_id, "strict", ["b", "a"]),
        funnel(project_id, "any", ["a", "d"], "b"),
    ):
        found, sources = steps_of(plan)
        used |= sources
        assert (found, {"raw"}) == without_files(plan, monkeypatch)
    return used


@pytest.mark.parametrize("max_codes", [20_000, 5])
def test_filters_find_the_same_in_files_and_in_rows(
    database: Connection,
    project_id: int,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    max_codes: int,
) -> None:
    monkeypatch.setattr(file_rows, "_MAX_CODES", max_codes)
    events = odd_events(random.Random(8))
    for event, (page, device) in zip(
        events, itertools.cycle([("https://x.org/B?q", "Web "), (None, "b"), ("/1.5", None)])
    ):
        event.page_url, event.device_type = page, device
    store(database, project_id, events)
    seal(database, project_id)
    nested = [
        {"or": [CONDITIONS[0], {"and": CONDITIONS[5:7]}, {"and": []}]},
        {"and": [CONDITIONS[3], {"or": [CONDITIONS[9], CONDITIONS[62]]}]},
        {"or": []},
    ]
    tried: list[list[str | None]] = [["a", "b"], ["a", None, "d"]]
    for number, condition in enumerate([*CONDITIONS, *nested]):
        filters = parse_filter(condition)
        order = ("ordered", "strict", "any")[number % 3]
        for steps in tried:
            plan = funnel(project_id, order, steps, filters=filters)
            found, sources = steps_of(plan)
            assert "sealed" in sources
            assert (found, {"raw"}) == without_files(plan, monkeypatch), condition


def without_files(
    plan: FunnelPlan, monkeypatch: pytest.MonkeyPatch
) -> tuple[list[tuple[int, int, int]], set[str]]:
    with monkeypatch.context() as patch:
        patch.setenv("DAY_FILES", "")
        get_settings.cache_clear()
        found = steps_of(plan)
    get_settings.cache_clear()
    return found


def test_a_property_without_a_column_is_read_from_rows(
    database: Connection, project_id: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_properties, "_MAX_COLUMNS", 1)
    store(database, project_id, odd_events(random.Random(9)))
    seal(database, project_id)
    for name, expected in (("n", "sealed"), ("t", "raw"), ("missing", "raw"), ("source", "sealed")):
        filters = parse_filter({"property": name, "operator": "is_set"})
        plan = funnel(project_id, "ordered", ["a", "b"], filters=filters)
        assert expected in steps_of(plan)[1]
        assert steps_of(plan)[0] == without_files(plan, monkeypatch)[0]


def test_a_property_with_too_many_values_is_read_from_rows(
    database: Connection, project_id: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(database, project_id, odd_events(random.Random(10)))
    seal(database, project_id)
    filters = parse_filter({"property": "n", "operator": "is_set"})
    plan = funnel(project_id, "ordered", ["a", "b"], filters=filters)
    for module, limit in ((file_columns, "MAX_VALUES"), (file_conditions, "_MAX_VALUES")):
        with monkeypatch.context() as patch:
            patch.setattr(module, limit, 3)
            process_cache.clear()
            assert steps_of(plan) == without_files(plan, monkeypatch)
    process_cache.clear()
    assert "sealed" in steps_of(plan)[1]


@pytest.mark.parametrize("max_codes", [20_000, 2])
def test_a_file_holds_every_column_of_every_row_in_order(
    database: Connection,
    project_id: int,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    max_codes: int,
) -> None:
    monkeypatch.setattr(file_rows, "_MAX_CODES", max_codes)
    store(database, project_id, odd_events(random.Random(1)))
    seal(database, project_id)
    stored = [row for path in files(folder) for row in pq.read_table(path).to_pylist()]
    names = [name for name in stored[0] if not name.startswith("properties.")]
    with database.cursor() as cursor:
        cursor.execute("SET LOCAL timezone = 'UTC'")
        texts = {"event_id", "groups"}
        columns = ", ".join(f"{name}::text" if name in texts else name for name in names[:-1])
        cursor.execute(
            f"SELECT {columns}, (SELECT jsonb_object_agg(key, value::text) "
            "FROM jsonb_each(properties)) FROM events WHERE project_id = %s "
            "ORDER BY (timestamp AT TIME ZONE 'UTC')::date, person_id, timestamp, id",
            (project_id,),
        )
        rows = cursor.fetchall()
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'events' "
            "AND table_schema = current_schema() AND column_name <> 'project_id'"
        )
        assert {name for (name,) in cursor} == set(names)
    database.rollback()
    assert len(rows) == 300
    for row in stored:
        row["event_id"] = str(uuid.UUID(bytes=row["event_id"]))
    assert [(*(row[name] for name in names[:-1]), properties_of(row)) for row in stored] == rows


def properties_of(row: dict[str, Any]) -> dict[str, str] | None:
    """The JSON text of each property, whether it has a column of its own or not."""
    found = {
        name.removeprefix("properties."): value
        for name, value in row.items()
        if name.startswith("properties.") and value is not None
    }
    rest = msgspec.json.decode(row["properties"] or "{}", type=dict[str, msgspec.Raw])
    return {**found, **{name: bytes(value).decode() for name, value in rest.items()}} or None


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/New_York"])
def test_funnels_read_the_same_from_files_and_from_rows(
    database: Connection, folder: Path, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    project_id = make_project(database, zone)
    chance = random.Random(zone)
    # In New York the 8th of March has 23 hours.
    events = [
        event
        for shift in (-60 * 48, 0)
        for event in odd_events(chance)
        for event in [
            an_event(
                event.event_name,
                at=NOON + timedelta(minutes=shift + chance.randrange(-300, 2000) // 7 * 7),
                person=event.distinct_id,
            )
        ]
    ]
    store(database, project_id, events)
    assert check_funnels(project_id, monkeypatch) == {"raw"}
    seal(database, project_id)
    assert files(folder)
    assert "sealed" in check_funnels(project_id, monkeypatch)
    # A late event makes its day dirty: that day is read from rows until it is sealed again.
    # So does the first event of a day that was sealed empty.
    late = [an_event("a", at=NOON + timedelta(days=days), person="p1") for days in (0, 3)]
    store(database, project_id, late)
    assert "raw" in check_funnels(project_id, monkeypatch)
    seal(database, project_id)
    assert "sealed" in check_funnels(project_id, monkeypatch)


def test_reports_read_the_same_from_files_and_from_rows(
    database: Connection, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project_id = make_project(database, "Asia/Kathmandu")
    events = odd_events(random.Random(11))
    for event, page in zip(events, itertools.cycle(["https://x.org/B?q", None, "/1.5"])):
        event.page_url = page
    store(database, project_id, events)
    seal(database, project_id)
    zone, used = ZoneInfo("Asia/Kathmandu"), Counter[str]()
    late = [an_event("a", at=NOON, person="p1", properties=b'{"n": ["late", 1.5], "t": "B"}')]
    for more in ([], late):
        store(database, project_id, more)
        for number, condition in enumerate(CONDITIONS[::5]):
            name = ("n", "page_path", "t", "source", "a.b")[number % 5]
            filters = parse_filter({"or": [condition, CONDITIONS[10]]})
            query = EventQuery(project_id, whole(DAY - timedelta(days=1), zone, days=4), filters)
            interval = ("day", "hour")[number % 2]
            for run in reports_of(query, EventSelector("a", filters), name, interval):
                answer = content_of(run())
                with monkeypatch.context() as patch:
                    patch.setenv("DAY_FILES", "")
                    get_settings.cache_clear()
                    expected = content_of(run())
                get_settings.cache_clear()
                source, from_rows = answer.pop("source"), expected.pop("source")
                assert answer == expected, (condition, name)
                assert from_rows == "raw"
                used[source] += 1
    # Days without events before the first one are read from rows, so no answer is of files alone.
    assert used["mixed"] > 2 * used["raw"]


def reports_of(
    query: EventQuery, some: EventSelector, name: str, interval: str
) -> Iterator[Callable[[], Any]]:
    """Reports about some events and about all, one of each kind and metric.

    Those of a property's metrics have the other interval than ``interval``.
    """
    counts = ("count", "unique_persons")
    of_both = [Series(one, metric) for one in (some, EventSelector(None)) for metric in counts]
    yield partial(run_breakdown, BreakdownPlan(query, some, Breakdown(name, 2)))
    yield partial(run_trends, TrendsPlan(query, tuple(of_both), interval))
    for metric in counts:
        plan = TrendsPlan(query, (Series(some, metric),), "day", Breakdown(name, 2))
        yield partial(run_trends, plan)
    for metric in sorted(PROPERTY_METRICS):
        other = "hour" if interval == "day" else "day"
        yield partial(run_trends, TrendsPlan(query, (Series(some, metric, name),), other))


def content_of(answer: Any) -> dict[str, Any]:
    """An answer without what each run has of its own."""
    content: dict[str, Any] = msgspec.to_builtins(answer)
    return {
        name: value
        for name, value in content.items()
        if name not in {"took_ms", "as_of", "sealed_days"}
    }


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda path: path.unlink(), "is missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:-9]), "another size"),
        (
            lambda path: path.write_bytes(
                (raw := path.read_bytes())[:200] + bytes([raw[200] ^ 1]) + raw[201:]
            ),
            "another content",
        ),
    ],
    ids=["missing", "cut", "flipped"],
)
def test_a_damaged_file_is_not_read_and_is_written_anew(
    database: Connection,
    project_id: int,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    damage: Callable[[Path], object],
    said: str,
) -> None:
    store(database, project_id, odd_events(random.Random(2)))
    seal(database, project_id)
    path = files(folder)[0]
    damage(path)
    assert check_funnels(project_id, monkeypatch) == {"raw", "sealed"}
    for fine, line in doctor._day_files():
        assert not fine
        assert path.name in line
        assert said in line
    assert tend_day_files(database, project_id)["damaged"] == 1
    assert [fine for fine, _ in doctor._day_files()] == [True]
    assert len(files(folder)) == 2
    assert check_funnels(project_id, monkeypatch) == {"raw", "sealed"}


def test_a_deleted_person_is_in_no_file(
    database: Connection, project_id: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(database, project_id, odd_events(random.Random(3)))
    seal(database, project_id)
    # A day that is dirty when the person is deleted: its file is still there.
    store(database, project_id, [an_event("a", at=NOON, person="p2")])
    delete_person(database, project_id, "p1")
    kept = [row["distinct_id"] for path in files(folder) for row in pq.read_table(path).to_pylist()]
    assert "p1" not in kept
    seal(database, project_id)
    assert len(files(folder)) == 2
    assert "sealed" in check_funnels(project_id, monkeypatch)


def test_a_day_without_events_any_more_has_no_file_and_is_no_failure(
    database: Connection, project_id: int, folder: Path
) -> None:
    store(database, project_id, [an_event("a", at=NOON, person="only")])
    seal(database, project_id)
    assert len(files(folder)) == 1
    delete_person(database, project_id, "only")
    rebuild(database, project_id, DAY, DAY, LATER)
    tend_day_files(database, project_id)
    assert files(folder) == []
    assert not [failed for failed in list_failed(database) if failed.project_id == project_id]


def test_files_go_with_the_rows_that_retention_removes(
    database: Connection, project_id: int, folder: Path
) -> None:
    store(database, project_id, odd_events(random.Random(4)))
    seal(database, project_id)
    with database.cursor() as cursor:
        cursor.execute("UPDATE projects SET retention_days = 3 WHERE id = %s", (project_id,))
    database.commit()
    remove_expired(database, LATER, project_id=project_id)
    assert files(folder) == []


def test_a_folder_that_cannot_be_written_never_keeps_a_day_from_being_sealed(
    database: Connection, project_id: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("not a folder")
    for _ in _set(tmp_path / "file", monkeypatch):
        store(database, project_id, odd_events(random.Random(5)))
        seal(database, project_id)
        assert list_sealed_days(project_id, DAY) == [DAY]
        mine = [failed for failed in list_failed(database) if failed.project_id == project_id]
        assert {failed.work for failed in mine} == {"write_file"}
        assert "raw" in check_funnels(project_id, monkeypatch)
    for _ in _set(tmp_path / "files", monkeypatch):
        assert tend_day_files(database, project_id)["written"] == 2
        assert not [one for one in list_failed(database) if one.project_id == project_id]
        rebuild(database, project_id, DAY, DAY, LATER)
        assert len(files(tmp_path / "files" / str(project_id))) == 2


def test_a_day_that_changes_while_its_file_is_written_gets_none(
    database: Connection, project_id: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(database, project_id, odd_events(random.Random(6)))
    assert seal_day(database, project_id, DAY, UTC).is_clean

    def change(point: str) -> None:
        if point == crash_points.DAY_FILE_BEFORE_RENAME:
            with job_connection("late") as other:
                store(other, project_id, [an_event("a", at=NOON, person="late")])

    with monkeypatch.context() as patch:
        patch.setattr(crash_points, "reach", change)
        day_files.keep_file(database, project_id, DAY)
    assert files(folder) == []
    assert one(database, "SELECT count(*) FROM day_files WHERE project_id = %s", project_id) == 0


@pytest.mark.parametrize(
    "point",
    [
        crash_points.DAY_FILE_HALF_WRITTEN,
        crash_points.DAY_FILE_BEFORE_RENAME,
        crash_points.DAY_FILE_BEFORE_COMMIT,
    ],
)
def test_what_a_killed_process_leaves_is_never_read_and_is_removed(
    database: Connection, project_id: int, folder: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    store(database, project_id, odd_events(random.Random(7)))
    assert seal_day(database, project_id, DAY, UTC).is_clean
    with monkeypatch.context() as patch:
        patch.setattr(crash_points, "_configured_point", point)
        child = os.fork()
        if child == 0:
            try:
                with job_connection("killed") as own:
                    day_files.keep_file(own, project_id, DAY)
            finally:
                os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    [left] = files(folder)
    assert check_funnels(project_id, monkeypatch) == {"raw"}
    day_files.remove_orphans(database)
    assert files(folder) == [left]  # perhaps another process is writing it
    day_files.remove_orphans(database, time.time() + 4000)
    assert files(folder) == []
    day_files.keep_file(database, project_id, DAY)
    day_files.remove_orphans(database, time.time() + 4000)
    assert len(files(folder)) == 1
    assert check_funnels(project_id, monkeypatch) == {"raw", "sealed"}


def test_no_file_is_written_while_events_may_need_the_room(
    database: Connection, project_id: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(database, project_id, odd_events(random.Random(6)))
    free_mb = shutil.disk_usage(folder.parent).free // 1024**2
    with monkeypatch.context() as patch:
        # More than half of what is free, and less than all: events are still taken.
        patch.setenv("DISK_MIN_FREE_MB", str(free_mb * 2 // 3))
        get_settings.cache_clear()
        seal(database, project_id)
        assert list_sealed_days(project_id, DAY) == [DAY]
        assert files(folder) == []
        assert not [one for one in list_failed(database) if one.project_id == project_id]
    get_settings.cache_clear()
    assert tend_day_files(database, project_id)["written"] == 2


def test_a_full_disk_leaves_nothing_and_is_reported(
    database: Connection, project_id: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(database, project_id, odd_events(random.Random(12)))
    assert seal_day(database, project_id, DAY, UTC).is_clean
    child = os.fork()
    if child == 0:
        try:
            # No file may grow beyond a kilobyte: writing fails as on a full disk.
            resource.setrlimit(resource.RLIMIT_FSIZE, (1024, resource.RLIM_INFINITY))
            with job_connection("full") as own:
                day_files.keep_file(own, project_id, DAY)
        finally:
            os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert files(folder) == []
    mine = [failed for failed in list_failed(database) if failed.project_id == project_id]
    assert {failed.work for failed in mine} == {"write_file"}
    assert check_funnels(project_id, monkeypatch) == {"raw"}
    assert tend_day_files(database, project_id)["written"] == 1
    assert not [one for one in list_failed(database) if one.project_id == project_id]
    assert check_funnels(project_id, monkeypatch) == {"raw", "sealed"}
