"""Imports: each row is stored once, counted once and reconciled, whatever the file holds."""

from __future__ import annotations

import multiprocessing
import uuid
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import psycopg2
import pytest
from psycopg2.extensions import connection as Connection
from redis import Redis

from deploy.local.backends import Backends
from services.ingest.usage import events_accepted_since
from services.processor.commands.__main__ import main
from services.processor.imports import file_parts, outcomes, reading_ahead, translating
from services.processor.imports import store as import_store
from services.processor.imports.chunks import ChunkImporter
from services.processor.imports.reading_ahead import ReaderEnded
from services.processor.imports.run import MAX_ATTEMPTS, run
from services.processor.imports.waiting import run_waiting
from services.processor.jobs.progress import no_progress
from services.processor.jobs.tasks import prune_ledger
from services.processor.sealing.day import seal_day
from services.processor.storing.pipeline import Pipeline
from services.processor.storing.rows import flatten
from shared.events.envelope import KeyKind
from shared.imports.mapping import Mapping, to_object
from shared.imports.parts import PART_BYTES
from shared.imports.reading import FileFormat, Position
from shared.runtime.disk_space import Disk, DiskSpace, publish
from shared.runtime.redis_clients import get_jobs_redis
from shared.runtime.settings import get_settings
from tests.conftest import make_project, plain_url
from tests.support.factories import a_batch, an_event
from tests.support.imports import (
    LIMITS,
    SIMPLE,
    counted,
    csv_file,
    hold,
    import_file,
    iso,
    refusals,
    select,
    stored,
    totals,
)
from tests.support.reader import client_of, make_user
from tests.support.sealing import UTC, one, store

NOW = datetime.now(timezone.utc)
LONG_AGO = NOW.replace(hour=12, minute=0, second=0, microsecond=7) - timedelta(days=400)
COLUMNS = ("event", "time", "user", "plan")
WITH_IDS = msgspec.structs.replace(SIMPLE, fields={**SIMPLE.fields, "event_id": ["id"]})


def test_a_file_is_reconciled_by_day_and_event_and_counts_once_when_imported_again(
    database: Connection, project_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translating, "CHUNK_ROWS", 2_000)
    monkeypatch.setattr(reading_ahead, "ALONE_BYTES", 0)
    days = [LONG_AGO + timedelta(days=offset) for offset in range(3)]
    rows = [
        (name, iso(days[number % 3]), f"user {number % 40}", 'a, "b"\nc' if number % 2 else "")
        for number, name in enumerate(["played"] * 4_001 + ["bought"] * 1_000)
    ]
    content = csv_file(rows, COLUMNS)
    first = import_file(database, project_id, content)
    expected = Counter((days[number % 3].date(), row[0]) for number, row in enumerate(rows))
    assert totals(database, project_id, first) == (5_001, 0, 0)
    assert stored(database, project_id) == counted(database, project_id) == expected
    by_day = {
        (day, name): imported
        for day, name, imported, *_ in outcomes.list_counts(database, project_id, first)
    }
    assert by_day == expected
    # The parts are gone; the same file again, whose rows have no ids, adds nothing.
    assert select(database, "SELECT FROM import_parts WHERE project_id = %s", project_id) == []
    again = import_file(database, project_id, content)
    assert totals(database, project_id, again) == (0, 5_001, 0)
    assert stored(database, project_id) == expected
    persons = select(database, "SELECT count(*) FROM persons WHERE project_id = %s", project_id)
    assert persons == [(40,)]


def test_refused_rows_are_named_with_their_line_and_their_neighbours_are_imported(
    database: Connection, project_id: int
) -> None:
    select(database, "UPDATE projects SET retention_days = 500 WHERE id = %s", project_id)
    when = iso(LONG_AGO)
    lines = [
        b"event,time,user,plan",
        f"played,{when},ada,pro".encode(),
        b"",
        f"played,{when},\xff,".encode("latin-1"),  # not UTF-8
        f'"two\nlines",{when},bob,"x\ny"'.encode(),
        f"played,{when},,pro".encode(),  # nobody
        b"played,yesterday,ada,pro",
        f",{when},ada,pro".encode(),  # no name
        f"played,{iso(NOW + timedelta(days=1))},ada,pro".encode(),
        f"played,{iso(NOW - timedelta(days=600))},ada,pro".encode(),  # beyond the retention
        f"played,{iso(NOW - timedelta(days=4_000))},ada,pro".encode(),
        f"played,{when},ada,pro,more,cells".encode(),
        b"played," + b"x" * 1_100_000 + b",ada,pro",
        f"played,{when},eve,\xfc".encode(),
        f'played,{when},ada,"never closed'.encode(),
    ]
    import_id = import_file(database, project_id, b"\xef\xbb\xbf" + b"\r\n".join(lines))
    assert totals(database, project_id, import_id) == (3, 0, 10)
    assert refusals(database, project_id, import_id) == [
        (2, 4, "unreadable_row"),
        (4, 8, "missing_identity"),
        (5, 9, "invalid_timestamp"),
        (6, 10, "missing_name"),
        (7, 11, "time_in_future"),
        (8, 12, "older_than_retention"),
        (9, 13, "too_old"),
        (10, 14, "unreadable_row"),
        (11, 15, "unreadable_row"),
        (13, 17, "unreadable_row"),
    ]
    found = stored(database, project_id)
    assert found == {(LONG_AGO.date(), "played"): 2, (LONG_AGO.date(), "two\nlines"): 1}


def test_json_lines_keep_the_types_of_values_and_read_paths(
    database: Connection, project_id: int
) -> None:
    mapping = Mapping(
        fields={"event_name": ["what"], "timestamp": ["at.ms"], "distinct_id": ["who"]},
        properties_from=["data"],
        event_names={"page_view": "$pageview"},
    )
    row = {
        "what": "page_view",
        "at": {"ms": int(LONG_AGO.timestamp() * 1000)},
        "who": 17,
        "data": {"n": 1.5, "ok": True, "list": [1, "\u0000"], "zip": "01234"},
        "kept": "x",
    }
    lines = [msgspec.json.encode(row), b"[1]", b"{", b'{"what": "a", "who": "b"}', b""]
    import_id = import_file(database, project_id, b"\n".join(lines), mapping, "jsonl")
    assert totals(database, project_id, import_id) == (1, 0, 3)
    assert select(
        database,
        "SELECT event_name, distinct_id, properties - 'at' FROM events WHERE project_id = %s",
        project_id,
    ) == [
        (
            "$pageview",
            "17",
            {"n": 1.5, "ok": True, "list": [1, "\ufffd"], "zip": "01234", "kept": "x"},
        )
    ]


def send(database: Connection, project_id: int, kind: KeyKind, event_id: uuid.UUID) -> int:
    """Store an event that a client sends with a kind of key; return how many were new."""
    event = an_event("sent", at=LONG_AGO, event_id=event_id)
    batch = a_batch(project_id, [event], received_at=NOW, key_kind=kind)
    return len(Pipeline().store(database, list(flatten([batch]))).stored)


@pytest.mark.parametrize("kind", ["public", "secret"])
@pytest.mark.parametrize("forgotten", [False, True])
def test_an_id_that_a_client_has_sent_is_not_imported_again(
    database: Connection, project_id: int, kind: KeyKind, forgotten: bool
) -> None:
    event_id = uuid.uuid4()
    assert send(database, project_id, kind, event_id) == 1
    if forgotten:
        select(database, "DELETE FROM event_ledger WHERE project_id = %s", project_id)
    rows = [("sent", iso(LONG_AGO), "somebody", event_id), ("sent", iso(LONG_AGO), "x", "other")]
    content = csv_file(rows, ("event", "time", "user", "id"))
    assert totals(database, project_id, import_file(database, project_id, content, WITH_IDS)) == (
        1,
        1,
        0,
    )


@pytest.mark.parametrize("kind", ["public", "secret"])
def test_an_imported_id_is_known_to_clients_and_imports_for_good(
    database: Connection, project_id: int, kind: KeyKind
) -> None:
    event_id = uuid.uuid4()
    rows = [("sent", iso(LONG_AGO), "somebody", event_id)] * 3
    content = csv_file(rows, ("event", "time", "user", "id"))
    first = import_file(database, project_id, content, WITH_IDS)
    assert totals(database, project_id, first) == (1, 2, 0)
    select(
        database,
        "UPDATE event_ledger SET received_at = now() - interval '1 year' WHERE project_id = %s",
        project_id,
    )
    prune_ledger()
    assert send(database, project_id, kind, event_id) == 0
    moved = csv_file([("sent", iso(NOW), "else", event_id)], ("event", "time", "user", "id"))
    second = import_file(database, project_id, moved, WITH_IDS)
    assert totals(database, project_id, second) == (0, 1, 0)


def test_a_sealed_day_is_sealed_again_with_what_an_import_brought(
    database: Connection, project_id: int
) -> None:
    day = LONG_AGO.date()
    store(database, project_id, [an_event("played", at=LONG_AGO, person="ada")])
    seal_day(database, project_id, day, UTC)
    content = csv_file([("played", iso(LONG_AGO), "bob", "")], COLUMNS)
    import_file(database, project_id, content)
    is_dirty = "SELECT version <> sealed_version FROM sealed_days WHERE project_id = %s"
    assert one(database, is_dirty, project_id) is True
    seal_day(database, project_id, day, UTC)
    sealed = "SELECT events FROM sealed_events WHERE project_id = %s AND event_name = 'played'"
    assert one(database, sealed, project_id) == 2


def test_a_quota_lets_an_import_wait_and_go_on_where_it_stood(
    database: Connection, project_id: int
) -> None:
    select(database, "UPDATE projects SET daily_quota = 3 WHERE id = %s", project_id)
    content = csv_file([("a", iso(LONG_AGO), f"u{n}", "") for n in range(5)], COLUMNS)
    import_id = hold(database, project_id, content)
    assert run(database, project_id, import_id, LIMITS, no_progress) == "waiting"
    found = import_store.find(database, project_id, import_id)
    assert found is not None
    assert "daily quota of 3 events" in (found.problem or "")
    assert totals(database, project_id, import_id) == (3, 0, 0)
    assert run(database, project_id, import_id, LIMITS, no_progress) == "waiting"
    select(database, "UPDATE projects SET daily_quota = NULL WHERE id = %s", project_id)
    assert run(database, project_id, import_id, LIMITS, no_progress) == "finished"
    assert totals(database, project_id, import_id) == (5, 0, 0)
    assert sum(stored(database, project_id).values()) == 5


def test_what_imports_bring_does_not_count_against_the_quotas_of_clients(
    database: Connection, project_id: int, stream: Redis
) -> None:
    """Ingest reads PostgreSQL once a period, and whenever its Redis has lost the counts."""
    content = csv_file([("a", iso(LONG_AGO), f"u{n}", "") for n in range(5)], COLUMNS)
    import_file(database, project_id, content)
    store(database, project_id, [an_event(), an_event()])
    counted = "SELECT sum(events) FROM intake_counts WHERE project_id = %s"
    assert one(database, counted, project_id) == 7
    assert events_accepted_since(project_id, datetime(2020, 1, 1, tzinfo=timezone.utc)) == 2


def test_a_disk_that_is_nearly_full_lets_an_import_wait_and_go_on_when_there_is_room(
    database: Connection, project_id: int, stream: Redis
) -> None:
    content = csv_file([("a", iso(LONG_AGO), "u", "")], COLUMNS)
    import_id = hold(database, project_id, content)
    publish(stream, DiskSpace([Disk("/data", 300)], 512, is_low=True))
    assert run(database, project_id, import_id, LIMITS, no_progress) == "waiting"
    found = import_store.find(database, project_id, import_id)
    assert found is not None
    assert "disk is nearly full" in (found.problem or "")
    assert stored(database, project_id) == {}
    publish(stream, DiskSpace([Disk("/data", 3_000)], 512, is_low=False))
    assert run(database, project_id, import_id, LIMITS, no_progress) == "finished"
    assert sum(stored(database, project_id).values()) == 1


def test_rows_that_the_project_does_not_accept_are_refused_and_a_dry_run_says_so(
    database: Connection,
    project_id: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    select(
        database,
        """
        UPDATE projects SET allowed_sources = '["shop", "app"]', retention_days = 500
            WHERE id = %(project)s;
        INSERT INTO event_sources (project_id, name, is_active) VALUES (%(project)s, 'app', false);
        INSERT INTO definitions (project_id, kind, name, json_schema, schema_mode) VALUES
            (%(project)s, 'event', 'bought', '{"required": ["plan"]}', 'refuse'),
            (%(project)s, 'event', 'seen', '{"required": ["plan"]}', 'warn')
        """.replace("%(project)s", str(project_id)),
    )
    when = iso(LONG_AGO)
    rows = [
        ("bought", when, "ada", "pro", "shop"),
        ("bought", when, "ada", "", "shop"),
        ("seen", when, "ada", "", "shop"),  # only a warning for clients
        ("bought", when, "ada", "pro", "app"),  # switched off
        ("bought", when, "ada", "pro", "elsewhere"),
        ("bought", when, "ada", "pro", ""),
        ("seen", iso(NOW - timedelta(days=600)), "ada", "", "shop"),  # beyond the retention
    ]
    mapping = msgspec.structs.replace(SIMPLE, fields={**SIMPLE.fields, "source": ["source"]})
    content = csv_file(rows, (*COLUMNS, "source"))
    import_id = import_file(database, project_id, content, mapping)
    assert totals(database, project_id, import_id) == (2, 0, 5)
    refused = refusals(database, project_id, import_id)
    assert [(row, reason) for row, _, reason in refused] == [
        (2, "schema_mismatch"),
        (4, "source_not_allowed"),
        (5, "source_not_allowed"),
        (6, "source_not_allowed"),
        (7, "older_than_retention"),
    ]
    shown = client_of(make_user(database, project_id)).post(
        f"/api/v1/analytics/{project_id}/imports/preview",
        json={"format": "csv", "head": content.decode(), "mapping": to_object(mapping)},
    )
    found = [(row["row"], row["line"], row["reason"]) for row in shown.json["rows"]]
    assert found == [(1, 2, None), *refused[:1], (3, 4, None), *refused[1:]]
    file, described = tmp_path / "history.csv", tmp_path / "mapping.json"
    file.write_bytes(content)
    described.write_bytes(msgspec.json.encode(to_object(mapping)))
    command = ("import", str(file), "--project", str(project_id), "--mapping", str(described))
    assert main([*command, "--dry-run"]) == 1
    said = capsys.readouterr().out
    assert (said.count("accept"), said.count("switched")) == (2, 1)
    assert ("retention" in said, main([*command[:3], "0", "--dry-run"])) == (True, 1)


def odd_lines(when: str) -> list[bytes]:
    """Return lines of JSON that are hard to read, to store or to hand to another process."""

    def line(event: bytes = b'"odd"', user: bytes = b'"u"', more: bytes = b'"plan":1') -> bytes:
        return b'{"event":%s,"time":"%s","user":%s,%s}' % (event, when.encode(), user, more)

    return [
        line(rb'"half \ud800"'),
        line(user=rb'"\udc00"'),
        line(b'"\xed\xa0\x80"'),  # half a surrogate pair as bytes
        line(rb'"nul \u0000"', rb'"\u0000"', rb'"a\u0000":"\u0000"'),
        line(rb'"\ud83d\ude00\tx\\N\n"', '"\N{GRINNING FACE}"'.encode()),
        line(user=b"9" * 40, more=b'"n":' + b"9" * 40),
        line(more=b'"n":-18446744073709551617,"m":1e39,"k":-0.0,"t":1e-300'),
        line(more=b'"n":1e999'),
        line(more=b'"big":"' + b"x" * 40_000 + b'"'),
        line(more=b'"huge":"' + b"x" * 1_100_000 + b'"'),
        line(more=b'"deep":' + b"[" * 200 + b"]" * 200),
        line(more=b'"deep":' + b"[" * 90_000 + b"]" * 90_000),
        line(event=b'"' + b"e" * 101 + b'"'),
        b'{"event":"late","time":1e308,"user":"u"}',
        b'{"event":"late","time":' + b"9" * 40 + b',"user":"u"}',
        b'{"event":17,"time":"%s","user":["u"]}' % when.encode(),
        line(rb'"$identify"', more=b'"$set":{"a":{"b":[1e39]}},"$anon_distinct_id":"before"'),
        b"\xff\x00\x93",
    ]


def test_odd_rows_go_through_the_process_that_reads_and_cost_their_neighbours_nothing(
    database: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    when = iso(LONG_AGO)
    odd = odd_lines(when)
    lines = []
    for number, line in enumerate(odd):
        lines += [b'{"event":"next","time":"%s","user":"n%d"}' % (when.encode(), number), line]
    content = b"\n".join(lines)

    def outcome(alone_bytes: int, chunk_rows: int) -> tuple[Any, ...]:
        monkeypatch.setattr(reading_ahead, "ALONE_BYTES", alone_bytes)
        monkeypatch.setattr(translating, "CHUNK_ROWS", chunk_rows)
        project_id = make_project(database, "UTC")
        import_id = import_file(database, project_id, content, file_format="jsonl")
        assert stored(database, project_id) == counted(database, project_id)
        events = select(
            database,
            "SELECT event_id, event_name, timestamp, distinct_id, properties::text FROM events "
            "WHERE project_id = %s ORDER BY event_id",
            project_id,
        )
        refused = refusals(database, project_id, import_id)
        return totals(database, project_id, import_id), events, refused

    by_another = outcome(0, 7)
    assert by_another == outcome(len(content), 10_000)
    (imported, duplicates, refused), events, reasons = by_another
    assert (duplicates, imported + refused) == (0, 2 * len(odd))
    assert sum(name == "next" for _, name, *_ in events) == len(odd)
    assert [row for row, *_ in reasons] == [
        2 * (number + 1) for number in (0, 1, 2, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17)
    ]


def test_an_import_whose_reader_is_killed_goes_on_with_the_next_run(
    database: Connection, project_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translating, "CHUNK_ROWS", 1_000)
    monkeypatch.setattr(reading_ahead, "ALONE_BYTES", 0)
    content = csv_file([("a", iso(LONG_AGO), f"u{n}", "") for n in range(4_500)], COLUMNS)
    import_id = hold(database, project_id, content)

    def kill_reader(done: int, total: int, what: str) -> None:
        assert (0 < done < total, what) == (True, "history")
        for process in multiprocessing.active_children():
            process.kill()

    with pytest.raises(ReaderEnded, match="goes on"):
        run(database, project_id, import_id, LIMITS, kill_reader)
    database.rollback()
    begun, *_ = totals(database, project_id, import_id)
    assert begun in {1_000, 2_000}
    assert run(database, project_id, import_id, LIMITS, no_progress) == "finished"
    assert totals(database, project_id, import_id) == (4_500, 0, 0)
    assert sum(stored(database, project_id).values()) == 4_500
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize(("file_format", "alone_bytes"), [("csv", 0), ("jsonl", 10**9)])
def test_millions_of_blank_lines_let_others_have_a_turn_and_cost_no_row(
    database: Connection,
    project_id: int,
    monkeypatch: pytest.MonkeyPatch,
    file_format: FileFormat,
    alone_bytes: int,
) -> None:
    monkeypatch.setattr(reading_ahead, "ALONE_BYTES", alone_bytes)
    blank = 10_000_000
    when = iso(LONG_AGO)

    def row(user: str, name: str = "played") -> bytes:
        if file_format == "csv":
            return f"{name},{when},{user},\n".encode()
        return msgspec.json.encode({"event": name, "time": when, "user": user}) + b"\n"

    header = b"event,time,user,plan\n" if file_format == "csv" else b""
    content = header + row("ada") + b"\n" * blank + row("", "nobody") + row("bob")
    import_id = hold(database, project_id, content, file_format=file_format)
    limits = replace(LIMITS, should_pause=lambda: True)

    def position() -> tuple[Any, ...]:
        return select(
            database,
            "SELECT bytes_done, rows_done, lines_done FROM imports WHERE id = %s",
            import_id,
        )[0]

    # Each run is a worker that ends after its first chunk, as one that is killed then.
    assert run(database, project_id, import_id, limits, no_progress) == "running"
    done, rows, lines = position()
    assert 0 < done < blank
    assert (rows, lines) == (1, content[:done].count(b"\n"))
    assert run(database, project_id, import_id, limits, no_progress) == "running"
    assert position() == (len(content), 3, content.count(b"\n"))
    assert run(database, project_id, import_id, LIMITS, no_progress) == "finished"
    assert totals(database, project_id, import_id) == (2, 0, 1)
    line = content[: -len(row("bob"))].count(b"\n")
    assert refusals(database, project_id, import_id) == [(2, line, "missing_identity")]
    assert stored(database, project_id) == counted(database, project_id)
    assert stored(database, project_id) == {(LONG_AGO.date(), "played"): 2}


def test_blank_lines_between_few_rows_end_a_chunk_too(
    database: Connection, project_id: int
) -> None:
    rows = [f"a,{iso(LONG_AGO)},u{n},".encode() + b"\n" * 900_000 for n in range(12)]
    content = b"event,time,user,plan\n" + b"".join(rows)
    import_id = hold(database, project_id, content)
    limits = replace(LIMITS, should_pause=lambda: True)
    assert run(database, project_id, import_id, limits, no_progress) == "running"
    assert 0 < sum(stored(database, project_id).values()) < 12
    assert run(database, project_id, import_id, LIMITS, no_progress) == "finished"
    assert totals(database, project_id, import_id) == (12, 0, 0)


def test_a_file_without_a_header_in_its_first_blank_lines_is_not_searched_to_its_end(
    database: Connection, project_id: int
) -> None:
    import_id = hold(database, project_id, b"\n" * 3_000_000)
    assert run(database, project_id, import_id, LIMITS, no_progress) == "failed"
    found = import_store.find(database, project_id, import_id)
    assert found is not None
    assert "blank lines" in (found.problem or "")


def test_an_import_that_was_cancelled_stops_and_says_what_it_stored(
    database: Connection, project_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translating, "CHUNK_ROWS", 2_000)
    monkeypatch.setattr(reading_ahead, "ALONE_BYTES", 0)
    content = csv_file([("a", iso(LONG_AGO), f"u{n}", "") for n in range(4_500)], COLUMNS)
    import_id = hold(database, project_id, content)

    def cancel(done: int, total: int, what: str) -> None:
        assert (0 < done < total, what) == (True, "history")
        select(database, "UPDATE imports SET state = 'cancelled' WHERE id = %s", import_id)
        select(database, "DELETE FROM import_parts WHERE import_id = %s", import_id)

    assert run(database, project_id, import_id, LIMITS, cancel) == "cancelled"
    imported, _, _ = totals(database, project_id, import_id)
    assert imported == sum(stored(database, project_id).values()) == 4_000
    assert run(database, project_id, import_id, LIMITS, no_progress) == "cancelled"


def test_parts_that_a_cancellation_removes_are_not_the_end_of_the_file(
    database: Connection, project_id: int
) -> None:
    """At a false end, the beginning of a row would be imported as a whole one."""
    content = b"x" * (PART_BYTES + 7)
    import_id = hold(database, project_id, content)
    whole = file_parts.read_file(database, project_id, import_id, len(content), 5)
    assert [len(part) for part in whole] == [PART_BYTES - 5, 7]
    cut = file_parts.read_file(database, project_id, import_id, len(content), 5)
    assert len(next(cut)) == PART_BYTES - 5
    select(database, "DELETE FROM import_parts WHERE import_id = %s", import_id)
    with pytest.raises(file_parts.PartsMissing):
        next(cut)


def test_a_database_that_does_not_answer_is_no_reason_to_give_an_import_up(
    database: Connection, project_id: int
) -> None:
    import_id = hold(database, project_id, csv_file([("a", iso(NOW), "u", "")], COLUMNS))
    select(database, "ALTER TABLE event_counts RENAME TO event_counts_away")
    try:
        for _ in range(MAX_ATTEMPTS + 1):
            with pytest.raises(psycopg2.Error):
                run(database, project_id, import_id, LIMITS, no_progress)
            database.rollback()
    finally:
        select(database, "ALTER TABLE event_counts_away RENAME TO event_counts")
    assert run(database, project_id, import_id, LIMITS, no_progress) == "finished"
    assert totals(database, project_id, import_id) == (1, 0, 0)


def test_a_database_that_ends_the_connection_is_no_reason_to_give_an_import_up(
    backends: Backends, database: Connection, project_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = hold(database, project_id, csv_file([("a", iso(NOW), "u", "")], COLUMNS))
    lost = psycopg2.connect(plain_url(backends.database_url))

    def end_connection(_self: ChunkImporter, *_: Any) -> None:
        select(database, "SELECT pg_terminate_backend(%s)", lost.info.backend_pid)
        with lost.cursor() as cursor:
            cursor.execute("SELECT 1")

    monkeypatch.setattr(ChunkImporter, "add", end_connection)
    with closing(lost), pytest.raises(psycopg2.Error):
        run(lost, project_id, import_id, LIMITS, no_progress)
    found = import_store.find(database, project_id, import_id)
    assert found is not None
    assert (found.state, found.attempts) == ("running", 0)
    monkeypatch.undo()
    assert run(database, project_id, import_id, LIMITS, no_progress) == "finished"


def test_an_import_that_gets_on_is_not_given_up_however_often_it_is_interrupted(
    database: Connection, project_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translating, "CHUNK_ROWS", 1)
    number = MAX_ATTEMPTS + 2
    rows = [("a", iso(NOW), f"u{row}", "") for row in range(number)]
    import_id = hold(database, project_id, csv_file(rows, COLUMNS))

    def interrupt() -> None:
        raise ZeroDivisionError

    interrupted = replace(LIMITS, after_chunk=interrupt)
    for _ in range(number):
        with pytest.raises(ZeroDivisionError):
            run(database, project_id, import_id, interrupted, no_progress)
    assert run(database, project_id, import_id, interrupted, no_progress) == "finished"
    assert totals(database, project_id, import_id) == (number, 0, 0)


def test_several_transactions_may_lock_all_days_of_an_import_at_once(database: Connection) -> None:
    """Of each day the partition and its two indexes; imports, merges and raw queries do."""
    [(room,)] = select(
        database,
        "SELECT current_setting('max_locks_per_transaction')::int "
        "* current_setting('max_connections')::int",
    )
    assert room >= 8 * 3 * get_settings().import_days


def test_accounts_with_many_imports_take_turns_with_others(database: Connection) -> None:
    projects = [make_project(database, "UTC") for _ in range(4)]
    make_user(database, *projects[:3])
    make_user(database, projects[3])
    held = [
        f"{project}/{hold(database, project, csv_file([('a', iso(NOW), 'u', '')], COLUMNS))}"
        for project in projects
    ]
    states = run_waiting(get_settings(), get_jobs_redis(), seconds=60, progress=no_progress)
    done = [name for name in states if name in held]
    assert done == [held[0], held[3], held[1], held[2]]
    assert {states[name] for name in held} == {"finished"}


def test_an_account_has_its_turn_after_one_import_of_another_that_ends_its_process(
    database: Connection,
) -> None:
    """Each process that ends has forgotten whose turn it was; the table has not."""
    select(database, "UPDATE imports SET state = 'cancelled', finished_at = now() - interval '2 d'")
    projects = [make_project(database, "UTC") for _ in range(5)]
    make_user(database, *projects[:4])
    make_user(database, projects[4])
    content = csv_file([("a", iso(NOW), "u", "")], COLUMNS)
    for project in projects:
        hold(database, project, content)
    begun = []
    for number in range(6):
        first = import_store.list_open(database)[0]
        one = import_store.find(database, first.project_id, first.import_id)
        assert one is not None
        import_store.set_state(database, one, "running", attempts=1)
        if number == 0:  # one fails at once; the others end their process
            import_store.set_state(database, one, "failed", "no column")
        begun.append(one.project_id)
        hold(database, projects[4], content)  # its uploads do not put it off
    theirs = projects[4]
    assert begun == [projects[0], theirs, projects[1], theirs, projects[2], theirs]
    select(database, "UPDATE imports SET state = 'cancelled' WHERE project_id = ANY (%s)", projects)


def test_an_import_that_raises_leaves_others_their_turns(
    database: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    select(database, "UPDATE imports SET state = 'cancelled' WHERE finished_at IS NULL")
    content = csv_file([("a", iso(NOW), "u", "")], COLUMNS)
    projects = [make_project(database, "UTC") for _ in range(3)]
    held = [(project, hold(database, project, content)) for project in projects]
    add = ChunkImporter.add

    def fail(self: ChunkImporter, *args: Any) -> Position:
        if self._import.import_id == held[0][1]:
            raise ZeroDivisionError
        return add(self, *args)

    monkeypatch.setattr(ChunkImporter, "add", fail)
    with pytest.raises(ZeroDivisionError):
        run_waiting(get_settings(), get_jobs_redis(), seconds=60, progress=no_progress)
    found = [import_store.find(database, *one) for one in held]
    assert [(one.state, one.attempts) for one in found if one] == [
        ("running", 1),
        ("finished", 0),
        ("finished", 0),
    ]
    monkeypatch.undo()
    assert run(database, *held[0], LIMITS, no_progress) == "finished"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "missing"),
        (b"\n", "empty"),
        (b"event,time\na,b\n", "no column 'user'"),
        (b"event,event,time,user\n", "Two columns"),
    ],
)
def test_a_file_that_cannot_be_imported_fails_and_says_why(
    database: Connection, project_id: int, content: bytes, problem: str
) -> None:
    import_id = hold(database, project_id, content or b"x")
    if not content:
        select(database, "DELETE FROM import_parts WHERE import_id = %s", import_id)
    assert run(database, project_id, import_id, LIMITS, no_progress) == "failed"
    found = import_store.find(database, project_id, import_id)
    assert found is not None
    assert problem in (found.problem or "")
    assert date.min not in {day for day, _ in stored(database, project_id)}
