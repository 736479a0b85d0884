"""Exports: what they hold, and that nobody who goes away leaves anything running."""

from __future__ import annotations

import csv
import io
import json
import socket
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from datetime import datetime, timedelta, timezone
from typing import Any

import psycopg2
import pyarrow.parquet as pq
import pytest
import requests
from psycopg2.extensions import connection as Connection

from services.query.api import responses
from services.query.app import create_app
from services.query.records.export import COLUMNS
from tests.conftest import Installation, plain_url
from tests.support.downloads import as_many_downloads_as_may_run
from tests.support.insights import Sample, put
from tests.support.reader import client_of, make_user

NOW = datetime.now(timezone.utc)
HOSTILE = [
    "=1+1", "'=1+1", "@SUM(A1)", "+1", "-1", "\ttab",
    'quote " comma , newline \n', "ünï", "\\u0000",
]  # fmt: skip
OPEN = (
    "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname ="
    " current_database() AND state <> 'idle' AND query ~* 'cursor|fetch|properties'"
)  # fmt: skip


@pytest.fixture
def rows() -> list[Sample]:
    """Events with every kind of text in them."""
    return [
        Sample(
            NOW - timedelta(seconds=100 - number),
            text.strip() or "x",
            number + 1,
            source=text,
            properties={"text": text, "number": 1.5, "inner": {"list": [1, None, True]}},
        )
        for number, text in enumerate(HOSTILE)
    ]


@pytest.fixture
def download(database: Connection, rows: list[Sample]) -> Any:
    """Export the events in a format; answers the response."""
    project_id = put(database, "UTC", rows)
    client = client_of(make_user(database, project_id))

    def ask(kind: str, **more: Any) -> Any:
        return client.get(
            f"/api/v1/analytics/{project_id}/exports/events",
            query_string={"format": kind, "period": "7d", **more},
        )

    return ask


def test_every_format_holds_every_event_in_order(download: Any, rows: list[Sample]) -> None:
    lines = [json.loads(line) for line in download("jsonl").text.splitlines()]
    table = pq.read_table(io.BytesIO(download("parquet").data))
    text = download("csv").data.decode("utf-8-sig")
    cells = list(csv.DictReader(io.StringIO(text, newline="")))
    for answer in (download("csv"), download("jsonl"), download("parquet")):
        assert answer.headers["X-Export-Events"] == str(len(rows))
    assert tuple(lines[0]) == tuple(table.column_names) == tuple(cells[0]) == COLUMNS
    for number, row in enumerate(rows):
        assert lines[number]["properties"] == row.properties
        assert lines[number]["source"] == row.source
        assert datetime.fromisoformat(lines[number]["timestamp"]) == row.at
        assert lines[number]["person_id"] == row.person
    assert table.column("source").to_pylist() == [row.source for row in rows]
    assert [json.loads(one) for one in table.column("properties").to_pylist()] == [
        row.properties for row in rows
    ]
    assert table.column("timestamp").to_pylist() == [row.at for row in rows]
    assert table.column("event_id").to_pylist() == [line["event_id"] for line in lines]
    for cell in cells:
        assert not any(value.startswith(("=", "+", "-", "@", "\t")) for value in cell.values())
    formulas = [(row.source or "").startswith(("=", "'=", "@", "+", "-", "\t")) for row in rows]
    assert [cell["source"] for cell in cells] == [
        f"'{row.source}" if is_formula else row.source
        for row, is_formula in zip(rows, formulas, strict=True)
    ]


def test_a_spreadsheet_reads_the_letters_of_a_csv_file(download: Any) -> None:
    answer = download("csv")
    assert answer.data.startswith("\ufeffevent_id,".encode())
    assert "ünï".encode() in answer.data
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"


def test_a_download_takes_one_of_the_threads_that_downloads_may_have(download: Any) -> None:
    with as_many_downloads_as_may_run():
        refused = download("jsonl")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
    assert [download("jsonl").status_code for _ in range(20)] == [200] * 20


def test_an_export_of_nothing_is_a_file_without_rows(download: Any) -> None:
    nothing = {"event_name": "never"}
    assert download("jsonl", **nothing).data == b""
    assert download("csv", **nothing).text.strip() == "\ufeff" + ",".join(COLUMNS)
    assert pq.read_table(io.BytesIO(download("parquet", **nothing).data)).num_rows == 0


@pytest.fixture
def large(installation: Installation) -> Iterator[tuple[Connection, dict[str, Any]]]:
    """A project with more events than any buffer on the way holds."""
    project = installation.new_project("a large export")
    sent = installation.ingest(project["public_key"], [{"event": "one", "user_id": "u"}])
    assert sent.json()["accepted"] == 1
    installation.wait_until_stored()
    connection = psycopg2.connect(plain_url(installation.environment["DATABASE_URL"]))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO events (project_id, event_id, event_name, timestamp, received_at,"
            " person_id, distinct_id, properties) SELECT project_id, gen_random_uuid(), 'many',"
            " timestamp, received_at, person_id, distinct_id,"
            " jsonb_build_object('text', repeat('x', 1000)) FROM events,"
            " generate_series(1, 150000) WHERE project_id = %s",
            (project["id"],),
        )
    yield connection, project
    connection.close()


def test_who_hangs_up_in_the_middle_leaves_no_statement_running(
    installation: Installation, large: tuple[Connection, dict[str, Any]]
) -> None:
    connection, project = large

    def running() -> int:
        with connection.cursor() as cursor:
            cursor.execute(OPEN)
            (found,) = cursor.fetchone() or (0,)
        return int(found)

    answer = requests.get(
        f"{installation.url}/api/v1/analytics/{project['id']}/exports/events",
        params={"format": "jsonl", "period": "7d"},
        headers={"X-API-Key": project["secret_key"]},
        stream=True,
        timeout=30,
    )
    assert answer.status_code == 200
    assert answer.headers["X-Export-Events"] == "150001"
    next(answer.iter_content(1_000))
    assert running() == 1
    answer.close()
    deadline = time.monotonic() + 20
    while running():
        assert time.monotonic() < deadline, "the export goes on without anybody"
        time.sleep(0.05)
    # Nor is its turn kept: the project's next questions are answered.
    for _ in range(5):
        again = requests.get(
            answer.url,
            params={"event_name": "one"},
            headers={"X-API-Key": project["secret_key"]},
            timeout=30,
        )
        assert (again.status_code, len(again.text.splitlines())) == (200, 1)


@pytest.mark.timeout(30)
def test_who_takes_nothing_is_hung_up_on_and_closes_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(responses, "PIECE_SECONDS", 0.3)
    is_closed = threading.Event()

    def chunks() -> Generator[bytes, None, None]:
        try:
            while True:
                yield b"x" * (3 * responses.PIECE_BYTES)
        finally:
            is_closed.set()

    def send(server: socket.socket) -> None:
        """As gunicorn does."""
        with (
            create_app().test_request_context(environ_overrides={"gunicorn.socket": server}),
            closing(responses.start_file(1, chunks())) as pieces,
        ):
            for piece in pieces:
                assert len(piece) == responses.PIECE_BYTES
                server.sendall(piece)

    server, client = socket.socketpair()
    with server, client:
        reading = threading.Thread(target=_take_a_byte_now_and_then, args=(client,), daemon=True)
        reading.start()
        with pytest.raises(TimeoutError):
            send(server)
        assert is_closed.is_set()
    reading.join(10)


def _take_a_byte_now_and_then(client: socket.socket) -> None:
    with suppress(OSError):
        while client.recv(1):
            time.sleep(0.05)
