"""The result of a SQL statement as JSON, CSV and Arrow."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime, timezone
from typing import Any

import pyarrow as pa
import pytest

from services.query.records.sql_formats import write_arrow, write_csv, write_json
from services.query.records.sql_query import SqlResult


@pytest.fixture
def result() -> SqlResult:
    """Two rows of every kind of value, as PostgreSQL prints them; and one of nulls."""
    columns = {
        "text": ("=1+1", 'a "b", c\n'),
        "integer": ("9007199254740993", "-1"),
        "decimal": ("0.10000000000000000000001", "NaN"),
        "number": ("1e+300", "-Infinity"),
        "boolean": ("t", "f"),
        "timestamp": ("2026-03-29 03:30:00+02", "2026-03-29 01:30:00.5+01"),
        "date": ("2026-02-28", "0044-03-15 BC"),
        "json": ('{"a": [1.50]}', '"x"'),
    }
    rows = [*zip(*columns.values(), strict=True), (None,) * len(columns)]
    return SqlResult([f"=a {kind}" for kind in columns], [*columns], rows, False, 1.5)


def test_json_keeps_the_digits_of_numbers(result: SqlResult) -> None:
    body = write_json(result, "Europe/Berlin")
    assert b"9007199254740993" in body
    assert b"0.10000000000000000000001" in body
    assert b"1.50" in body
    answer = json.loads(body)
    first, second, third = ([*row] for row in answer["rows"])
    assert first[3:] == [1e300, True, "2026-03-29T03:30:00+02:00", "2026-02-28", {"a": [1.5]}]
    assert second[2:4] == [None, None]
    assert second[4:7] == [False, "2026-03-29T01:30:00.500000+01:00", "0044-03-15 BC"]
    assert third == [None] * 8
    assert [column["kind"] for column in answer["columns"]] == result.kinds
    assert (answer["truncated"], answer["timezone"]) == (False, "Europe/Berlin")


def test_no_cell_of_a_csv_file_is_a_formula(result: SqlResult) -> None:
    lines = [*csv.reader(io.StringIO(write_csv(result).decode("utf-8-sig"), newline=""))]
    assert lines[0][0] == "'=a text"
    assert lines[1][:2] == ["'=1+1", "9007199254740993"]
    assert lines[2][0] == 'a "b", c\n'
    assert lines[3] == [""] * 8


def test_an_arrow_stream_has_types(result: SqlResult) -> None:
    table = pa.ipc.open_stream(write_arrow(result)).read_all()
    columns: dict[str, list[Any]] = {
        kind: table.column(index).to_pylist() for index, kind in enumerate(result.kinds)
    }
    assert columns["integer"] == [9007199254740993, -1, None]
    assert columns["boolean"] == [True, False, None]
    assert columns["timestamp"][0] == datetime(2026, 3, 29, 1, 30, tzinfo=timezone.utc)
    assert columns["number"] == [1e300, float("-inf"), None]
    # A date before year 1 is none that Arrow's readers know, so the column is text.
    assert columns["date"] == ["2026-02-28", "0044-03-15 BC", None]
    cases: list[tuple[list[tuple[str | None, ...]], list[date]]]
    cases = [([("2026-02-28",)], [date(2026, 2, 28)]), ([], [])]
    for rows, read in cases:
        stream = write_arrow(SqlResult(["d"], ["date"], rows, False, 1.0))
        assert pa.ipc.open_stream(stream).read_all().to_pydict() == {"d": read}
