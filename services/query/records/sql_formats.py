"""Write the result of a SQL statement as JSON, CSV or an Arrow stream."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

import msgspec
import pyarrow as pa

from services.query.records.sql_query import SqlResult
from shared.responses import Doc
from shared.web.csv_cells import BYTE_ORDER_MARK, escape_formula

FORMATS = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "arrow": "application/vnd.apache.arrow.stream",
}
_NO_NUMBERS = {"NaN", "Infinity", "-Infinity"}


@dataclass(frozen=True, slots=True)
class SqlColumn:
    """A column of the result."""

    name: str
    kind: Annotated[
        str,
        Doc(
            "What its values are. Decimals are JSON numbers with all their digits.",
            choices=(
                "boolean", "integer", "number", "decimal", "date", "timestamp", "json", "text",
            ),
        ),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class SqlResponse:
    """The first rows of a statement's result."""

    columns: list[SqlColumn]
    rows: Annotated[
        list[list[Annotated[Any, Doc("Any JSON: a value of the column's kind, or null.")]]],
        Doc("Values in the order of columns. NaN and infinity are null."),
    ]
    truncated: Annotated[bool, Doc("Whether there are further rows, beyond the limit.")]
    timezone: Annotated[str, Doc("IANA name of the time zone of timestamps and of date_trunc.")]
    took_ms: Annotated[float, Doc("Milliseconds that PostgreSQL took.")]


def write_json(result: SqlResult, timezone: str) -> bytes:
    """Return the body of a JSON answer: ``SqlResponse``. Numbers keep the digits that they have."""
    rows = list(_converted(result, _JSON))
    columns = [SqlColumn(*pair) for pair in zip(result.columns, result.kinds, strict=True)]
    return msgspec.json.encode(
        SqlResponse(columns, rows, result.truncated, timezone, result.took_ms)
    )


def write_csv(result: SqlResult) -> bytes:
    """Return a CSV file with a line of names; no text is a formula of a spreadsheet."""
    buffer = io.StringIO()
    buffer.write(BYTE_ORDER_MARK)
    writer = csv.writer(buffer)
    writer.writerow([escape_formula(name) for name in result.columns])
    writer.writerows(_converted(result, _CSV))
    return buffer.getvalue().encode()


def write_arrow(result: SqlResult) -> bytes:
    """Return an Arrow stream. Decimals are double-precision; the rest is text where need be."""
    columns = list(zip(*result.rows, strict=True)) or [()] * len(result.columns)
    arrays = [_array(kind, values) for kind, values in zip(result.kinds, columns, strict=True)]
    table = pa.Table.from_arrays(arrays, names=list(result.columns))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    written: bytes = sink.getvalue().to_pybytes()
    return written


def _converted(
    result: SqlResult, by_kind: Mapping[str, Callable[[str], Any]]
) -> Iterator[list[Any]]:
    """Yield the rows with values as a format has them, by the kinds of their columns."""
    converters = [by_kind.get(kind, _as_it_is) for kind in result.kinds]
    for row in result.rows:
        yield [
            None if value is None else convert(value)
            for convert, value in zip(converters, row, strict=True)
        ]


def _array(kind: str, values: tuple[str | None, ...]) -> Any:
    arrow_type, convert = _ARROW.get(kind, (pa.string(), _as_it_is))
    try:
        return pa.array([one and convert(one) for one in values], arrow_type)
    except ValueError:
        # A date before year 1 or after 9999, or infinity. pyarrow's errors are ValueErrors too.
        return pa.array(values, pa.string())


def _as_it_is(value: str) -> Any:
    return value


def _raw(value: str) -> Any:
    return None if value in _NO_NUMBERS else msgspec.Raw(value.encode())


def _timestamp(value: str) -> str:
    """Return a timestamp of PostgreSQL in ISO 8601; one that Python does not know stays."""
    try:
        return datetime.fromisoformat(value).isoformat()
    except ValueError:
        return value


def _boolean(value: str) -> bool:
    return value == "t"


_JSON: dict[str, Callable[[str], Any]] = {
    "boolean": _boolean,
    "timestamp": _timestamp,
    "integer": _raw,
    "number": _raw,
    "decimal": _raw,
    "json": lambda value: msgspec.Raw(value.encode()),
}
_CSV: dict[str, Callable[[str], Any]] = {
    "boolean": lambda value: "true" if value == "t" else "false",
    "timestamp": _timestamp,
    "text": escape_formula,
}
_ARROW: dict[str, tuple[Any, Callable[[str], Any]]] = {
    "boolean": (pa.bool_(), _boolean),
    "integer": (pa.int64(), int),
    "number": (pa.float64(), float),
    "decimal": (pa.float64(), float),
    "date": (pa.date32(), date.fromisoformat),
    "timestamp": (pa.timestamp("us", tz="UTC"), datetime.fromisoformat),
}
