"""Compare answers from files of sealed days with raw rows and ClickHouse: ``make bench-files``.

The events are those of ``make bench-query``. Each question is asked of the query service over HTTP,
from raw rows and from files (``DAY_FILES``), and of the ClickHouse engine (chDB) in this process,
whose table holds the same rows with typed columns. Answers that differ end the benchmark. The ratio
is that of files to ClickHouse's time plus 10 ms, which HTTP, parsing and formatting may take. The
processor time is that of this process, so it leaves out PostgreSQL.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg2
from alembic import command
from alembic.config import Config
from chdb.session import Session as ClickHouse

from benchmarks.query import FIRST_DAY, Answer, asker, fill, write_files
from deploy.local.backends import running_backends
from services.query.sources.file_columns import process_cache
from shared.runtime.settings import get_settings

_ALLOWED_MS = 10
_FUNNEL = ["login", "add_to_cart", "purchase"]
_TABLE = """
CREATE TABLE events (event_name LowCardinality(String), person_id UInt32, at UInt64,
    page LowCardinality(String), country LowCardinality(String), plan LowCardinality(String),
    revenue Float64, level UInt16)
ENGINE = MergeTree ORDER BY (event_name, toDate(fromUnixTimestamp64Micro(at)), person_id, at)
"""
_ROWS = """
COPY (SELECT event_name, person_id, (extract(epoch FROM timestamp) * 1000000)::int8, page_url,
    country, properties ->> 'plan', properties ->> 'revenue', properties ->> 'level'
    FROM events WHERE project_id = %s) TO STDOUT (FORMAT csv)
"""


@dataclass(frozen=True, slots=True)
class Question:
    """A question to the query service, and the SQL statement that asks ClickHouse for the same."""

    name: str
    kind: str
    query: dict[str, Any]
    result: Callable[[dict[str, Any]], Any]
    """What of an answer over HTTP has to be that of the statement."""
    statement: str


def main() -> None:
    """Fill, write files, ask, and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=10_000_000)
    options.add_argument("--persons", type=int, default=200_000)
    options.add_argument("--days", type=int, default=90)
    options.add_argument("--times", type=int, default=9)
    options.add_argument("--folder", type=Path, default=Path(".bench-files"))
    options.add_argument("--keep", action="store_true")
    chosen = options.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    try:
        with running_backends(chosen.folder) as servers:
            os.environ.update(
                servers.environment, SECRET_KEY=secrets.token_hex(32), LOG_FORMAT="text"
            )
            command.upgrade(Config("alembic.ini"), "head")
            url = servers.database_url.replace("+psycopg2", "", 1)
            project_id = fill(url, chosen.events, chosen.persons, chosen.days)
            files = str((chosen.folder / "files").resolve())
            _use_files(files)
            write_files(url, project_id)
            engine = _load(url, project_id, chosen.folder)
            with asker(project_id) as ask:
                _compare(ask, engine, files, questions(chosen.days), chosen.times)
    finally:
        if not chosen.keep:
            shutil.rmtree(chosen.folder)


def questions(days: int) -> list[Question]:
    """Return the questions over the last 30 days, or over all days."""
    last = FIRST_DAY + timedelta(days=days - 1)
    whole = {"from": FIRST_DAY.date().isoformat(), "to": last.date().isoformat()}
    first = last - timedelta(days=29)
    month = {**whole, "from": first.date().isoformat()}
    in_month = f"at >= {round(first.timestamp() * 1_000_000)}"
    filters = {
        "and": [
            {"property": "country", "value": ["CA", "US"]},
            {"property": "plan", "value": "pro"},
            {"property": "level", "operator": "gte", "value": 10},
        ]
    }
    passes = "country IN ('CA', 'US') AND plan = 'pro' AND level >= 10"
    steps = ", ".join(f"event_name = '{step}'" for step in _FUNNEL)
    names = ", ".join(f"'{step}'" for step in _FUNNEL)
    median = {"event": None, "metric": "median", "property": "revenue"}
    return [
        Question(
            "ordered funnel, 30 d",
            "funnel",
            {**month, "steps": _FUNNEL, "window": {"value": 7, "unit": "day"}},
            lambda body: [[str(step["persons"]) for step in body["steps"]]],
            "SELECT countIf(n >= 1), countIf(n >= 2), countIf(n >= 3) FROM (SELECT "
            f"windowFunnel(604800000000)(at, {steps}) n FROM events WHERE {in_month} "
            f"AND event_name IN ({names}) GROUP BY person_id)",
        ),
        Question(
            "filtered breakdown, 30 d",
            "breakdown",
            {**month, "filters": filters, "breakdown": {"property": "page_url", "limit": 100}},
            _rows,
            _by_value("page", f"{in_month} AND {passes}"),
        ),
        Question(
            "one property, 90 d",
            "breakdown",
            {**whole, "breakdown": {"property": "level", "limit": 100}},
            _rows,
            _by_value("toString(level)", "1"),
        ),
        Question(
            "one property of one event, 90 d",
            "breakdown",
            {**whole, "event": "purchase", "breakdown": {"property": "level", "limit": 100}},
            _rows,
            _by_value("toString(level)", "event_name = 'purchase'"),
        ),
        Question(
            "pages, 30 d",
            "breakdown",
            {**month, "event": "$pageview", "breakdown": {"property": "page_url", "limit": 100}},
            _rows,
            _by_value("page", f"{in_month} AND event_name = '$pageview'"),
        ),
        Question(
            "median by day, 30 d",
            "trends",
            {**month, "interval": "day", "series": [median]},
            _values,
            "SELECT toDate(fromUnixTimestamp64Micro(at), 'UTC') day, "
            f"quantileExactInclusive(revenue) FROM events WHERE {in_month} GROUP BY day",
        ),
    ]


def _rows(body: dict[str, Any]) -> list[list[Any]]:
    return [[row["value"], str(row["events"]), str(row["persons"])] for row in body["items"]]


def _values(body: dict[str, Any]) -> list[list[Any]]:
    [series] = body["series"]
    pairs = zip(series["dates"], series["values"], strict=True)
    return [[date[:10], f"{value:g}"] for date, value in pairs]


def _by_value(value: str, condition: str) -> str:
    return (
        f"SELECT {value} value, count(), uniqExact(person_id) FROM events WHERE {condition} "
        "GROUP BY value"
    )


def _use_files(folder: str) -> None:
    os.environ["DAY_FILES"] = folder
    get_settings.cache_clear()


def _load(url: str, project_id: int, folder: Path) -> ClickHouse:
    """Load the events into a table of ClickHouse."""
    rows = (folder / "rows.csv").resolve()
    with psycopg2.connect(url) as connection, connection.cursor() as cursor, rows.open("w") as to:
        cursor.copy_expert(cursor.mogrify(_ROWS, (project_id,)), to)
    connection.close()
    engine = ClickHouse()
    engine.query(_TABLE)
    engine.query(f"INSERT INTO events FROM INFILE '{rows}' FORMAT CSV")
    engine.query("OPTIMIZE TABLE events FINAL")
    rows.unlink()
    return engine


def _compare(
    ask: Callable[[str, dict[str, Any]], Answer],
    engine: ClickHouse,
    files: str,
    asked: list[Question],
    times: int,
) -> None:
    print(
        f"{'question':<34}{'rows':>9}{'files':>9}{'first':>9}{'chDB':>9}{'ratio':>7}"
        f"{'cpu files':>11}{'cpu chDB':>10}  source (times in ms, medians)"
    )
    for one in asked:
        _use_files("")
        rows = [ask(one.kind, one.query) for _ in range(max(2, times // 3))]
        _use_files(files)
        process_cache.clear()
        first = ask(one.kind, one.query)
        found, theirs = [], []
        for _ in range(times):  # in turns, so that load of the machine meets both
            found.append(ask(one.kind, one.query))
            theirs.append(_ask_engine(engine, one.statement))
        expected = sorted(theirs[0].body["rows"])
        for answer in (rows[-1], first, found[-1]):
            if sorted(one.result(answer.body)) != expected:
                raise SystemExit(f"{one.name}: {one.result(answer.body)} is not {expected}")
        mine, chdb = _median(found), _median(theirs)
        cpu = [statistics.median(answer.cpu_ms for answer in some) for some in (found, theirs)]
        print(
            f"{one.name:<34}{_median(rows):>9.1f}{mine:>9.1f}{first.ms:>9.1f}{chdb:>9.1f}"
            f"{mine / (chdb + _ALLOWED_MS):>7.2f}{cpu[0]:>11.1f}{cpu[1]:>10.1f}  "
            f"{found[-1].body['source']}",
            flush=True,
        )


def _median(answers: list[Answer]) -> float:
    return statistics.median(answer.ms for answer in answers)


def _ask_engine(engine: ClickHouse, statement: str) -> Answer:
    cpu, started = time.process_time(), time.perf_counter()
    text = str(engine.query(statement, "JSONCompactStrings"))
    seconds, used = time.perf_counter() - started, time.process_time() - cpu
    body = json.loads(text)
    return Answer({"rows": body["data"]}, seconds * 1000, used * 1000)


if __name__ == "__main__":
    main()
