"""SQL of people: right figures, one project alone, and within its limits."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta, timezone
from typing import Any

import psycopg2
import pytest
import sqlalchemy
from psycopg2.extensions import connection as Connection

from deploy.local.backends import Backends
from services.processor.storing.partitions import table_name
from services.query.execution.read_session import read_only_session
from services.query.parsing.sql_statement import SqlStatement, parse_statement
from services.query.records import sql_query
from services.query.records.sql_formats import write_json
from services.query.records.sql_query import SqlResult, run_statement
from shared.errors import Unprocessable
from shared.runtime.database_roles import Role
from shared.runtime.settings import get_settings
from shared.runtime.sql_role import create_sql_role, grant_views
from tests.conftest import plain_url
from tests.support.hostile_sql import HOSTILE, MARKER
from tests.support.insights import Sample, put

NOW = datetime(2026, 3, 29, 12, tzinfo=timezone.utc)
VALUES: list[Any] = ["it's", 'a"b', "$x.y", "", " ", "ü€", None, 1, 1.50, True, ["a"], {"b": 1}]
NAMES = ["plan", "$browser", "a.b", "it's", 'q"q', "a[0]", "*"]


@pytest.fixture(scope="module", autouse=True)
def sql_role(backends: Backends) -> None:
    """The role that statements run as, beside the one role of these tests."""
    url = plain_url(backends.database_url)
    with closing(psycopg2.connect(url)) as admin, admin, admin.cursor() as cursor:
        create_sql_role(cursor, Role.of(url).name)
        grant_views(cursor, Role.of(url).name)


@pytest.fixture(scope="module")
def projects(backends: Backends) -> tuple[int, int]:
    """A project, and one of somebody else whose every text is the marker."""
    own = [
        Sample(NOW - timedelta(hours=7 * n), f"event {n % 3}", n % 5 + 1, session=f"s{n % 7}",
               source=["web", None, "it's"][n % 3],
               properties={NAMES[n % len(NAMES)]: VALUES[n % len(VALUES)], "n": n})
        for n in range(90)
    ]  # fmt: skip
    theirs = [
        Sample(NOW - timedelta(hours=n), MARKER, n + 1, session=MARKER, source=MARKER, page=MARKER,
               country="XX", properties={MARKER: MARKER})
        for n in range(50)
    ]  # fmt: skip
    with closing(psycopg2.connect(plain_url(backends.database_url))) as connection:
        return put(connection, "Europe/Berlin", own), put(connection, "UTC", theirs)


@pytest.fixture
def short_time() -> Iterator[None]:
    """A time limit of a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUERY_TIMEOUT_MS", "1000")
        get_settings.cache_clear()
        yield
    get_settings.cache_clear()


def run(project_id: int, text: str, limit: int = 1_000) -> SqlResult:
    """Run a statement as the route does."""
    return run_statement(project_id, "Europe/Berlin", parse_statement(text), limit)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_statement_shows_nothing_of_another_project(
    projects: tuple[int, int], text: str, short_time: None
) -> None:
    try:
        result = run(projects[0], text)
    except Unprocessable as error:
        said = error.message + json.dumps(error.errors)
    else:
        said = repr(result.rows)
    assert MARKER not in said.replace(text, "")


STATEMENTS = [
    "SELECT count(*), count(DISTINCT person_id) FROM {events}",
    "SELECT event_name, count(*) FROM {events} GROUP BY 1 ORDER BY 2 DESC, 1",
    "SELECT date_trunc('day', timestamp) AS day, count(*) FROM {events} GROUP BY 1 ORDER BY 1",
    "SELECT extract(dow FROM timestamp) AS d, count(*) FROM {events} GROUP BY 1 ORDER BY 1",
    *(
        f"SELECT properties ->> '{name}', properties -> '{name}' FROM {{events}} ORDER BY event_id"
        for name in ["plan", "$browser", "a.b", "it''s", 'q"q', "a[0]", "*", "missing"]
    ),
    "SELECT sum((properties ->> 'n')::numeric), avg((properties ->> 'n')::int) FROM {events}",
    "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY (properties ->> 'n')::int) FROM {events}",
    "SELECT count(*) FILTER (WHERE source IS NULL), count(source) FROM {events}",
    "SELECT count(*) FROM {events} WHERE source = 'it''s' OR source LIKE '%e_'",
    "SELECT count(*) FROM {events} WHERE timestamp >= timestamptz '2026-03-20 00:00' AND"
    " timestamp < timestamptz '2026-03-20 00:00' + interval '1 day 2 hours'",
    "SELECT count(*) FROM {events} WHERE source IS DISTINCT FROM 'web'",
    "WITH firsts AS (SELECT person_id, min(timestamp) AS at FROM {events} GROUP BY 1)"
    " SELECT count(*) FROM firsts JOIN {events} e USING (person_id) WHERE e.timestamp = firsts.at",
    "SELECT person_id, rank() OVER (PARTITION BY event_name ORDER BY timestamp) FROM {events}"
    " ORDER BY 1, 2",
    "SELECT DISTINCT ON (person_id) person_id, event_name FROM {events}"
    " ORDER BY person_id, timestamp",
    "SELECT person_id FROM {persons} UNION ALL SELECT person_id FROM {sessions} ORDER BY 1",
    "SELECT count(*) FROM {sessions} s WHERE EXISTS (SELECT 1 FROM {events} e"
    " WHERE e.person_id = s.person_id AND e.timestamp > s.started_at)",
    "SELECT 7 / 2, 7 % 4, - -1, 5 - -1, round(2.345, 2), coalesce(NULL, 'x'), upper('ß') || 'a'",
    "SELECT CASE WHEN source = 'web' THEN 1 ELSE 0 END AS w, count(*) FROM {events}"
    " GROUP BY 1 ORDER BY 1",
]


@pytest.mark.parametrize("text", STATEMENTS)
def test_the_figures_are_those_of_the_statement_as_it_was_written(
    projects: tuple[int, int], database: Connection, text: str
) -> None:
    own = projects[0]
    given = json.loads(write_json(run(own, re.sub(r"[{}]", "", text)), "Europe/Berlin"))
    names = [f"c{number}" for number in range(len(given["columns"]))]
    with database.cursor() as cursor:
        cursor.execute("SET timezone = 'Europe/Berlin'")
        cursor.execute(
            f"SELECT coalesce(jsonb_agg(to_jsonb(t)), '[]') FROM ({_by_hand(text, own)})"
            f" AS t({', '.join(names)})"
        )
        ((expected,),) = cursor.fetchall()
    assert given["truncated"] is False
    assert given["rows"] == [[row[name] for name in names] for row in expected]


def _by_hand(text: str, project_id: int) -> str:
    """Return the statement with subqueries in place of views, by replacing text alone."""

    def rows(match: re.Match[str]) -> str:
        name, alias = match["name"], match["alias"]
        return f"(SELECT * FROM {name} WHERE project_id = {project_id}) AS {alias or name}"

    return re.sub(r"\{(?P<name>\w+)\}(?: (?P<alias>[es])\b)?", rows, text)


def test_a_statement_that_nobody_checked_reads_the_projects_rows_of_the_views_alone(
    projects: tuple[int, int],
) -> None:
    own, theirs = projects
    for sql in (
        "SELECT count(*) FROM events",
        f"SELECT count(*) FROM events WHERE project_id = {own}",
        "SELECT * FROM users",
        "SELECT * FROM projects",
        "SELECT count(*) FROM event_counts",
        "SELECT pg_read_file('/etc/passwd')",
    ):
        with pytest.raises(Unprocessable) as refused:
            run_statement(own, "UTC", SqlStatement(sql, ""), 10)
        assert "may not" in str(refused.value.errors), sql
    for project_id, events in ((own, "90"), (theirs, "50")):
        rows = run_statement(
            project_id, "UTC", SqlStatement("SELECT count(*) FROM sql_events", ""), 10
        ).rows
        assert rows == [(events,)]


def test_the_planner_takes_no_estimate_from_values_of_other_projects(
    projects: tuple[int, int], database: Connection
) -> None:
    with database.cursor() as cursor:
        cursor.execute("ANALYZE events")
        database.commit()
        estimates = []
        for pattern in (f"{MARKER[:6]}%", "qqqqqq%"):
            cursor.execute("SET LOCAL tidemark.project_id = %s", (str(projects[0]),))
            cursor.execute(
                "SET LOCAL ROLE tidemark_sql; EXPLAIN (FORMAT JSON)"
                " SELECT * FROM sql_events WHERE event_name LIKE %s OR event_name ILIKE %s",
                (pattern, pattern),
            )
            ((plan,),) = cursor.fetchall()
            database.rollback()
            estimates.append(json.dumps(plan).replace(pattern, ""))
    assert estimates[0] == estimates[1]


@pytest.mark.parametrize(
    ("condition", "first_day", "is_pruned"),
    [
        (
            "timestamp >= '2026-03-28' AND timestamp < '2026-03-29'",
            datetime(2026, 3, 27, tzinfo=timezone.utc),  # its last hour, by the project's time zone
            True,
        ),
        (
            "timestamp > now() - interval '1 hour'",
            datetime.now(timezone.utc) - timedelta(days=1),
            True,
        ),
        ("timestamp >= current_date", datetime.now(timezone.utc) - timedelta(days=1), False),
    ],
    ids=["constants", "now", "current_date"],
)
def test_a_condition_on_time_reads_those_days_alone_as_documented(
    projects: tuple[int, int],
    database: Connection,
    condition: str,
    first_day: datetime,
    is_pruned: bool,
) -> None:
    sql = parse_statement(f"SELECT count(*) FROM events WHERE event_name = 'a' AND {condition}").sql
    with database.cursor() as cursor:
        cursor.execute("SET LOCAL tidemark.project_id = %s", (str(projects[0]),))
        cursor.execute(f"SET LOCAL ROLE tidemark_sql; EXPLAIN {sql}")
        lines = [line for (line,) in cursor.fetchall()]
    days = re.findall(r" on (events_\d{8})", "\n".join(lines))
    earlier = [day for day in days if day < table_name(first_day.date())]
    assert (not earlier) == is_pruned, lines


def test_without_a_project_the_views_show_nothing(database: Connection) -> None:
    with database.cursor() as cursor, pytest.raises(psycopg2.Error):
        cursor.execute("SELECT count(*) FROM sql_events")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SELECT event_name::int FROM events", "no value of the type"),
        ("SELECT 1 / 0", "divides by zero"),
        ("SELECT e.events FROM events e", "not there where it is used"),
        ("SELECT source, count(*) FROM events", "neither in GROUP BY"),
        ("SELECT person_id FROM events, persons", "name is that of several"),
        ("SELECT event_name + 1 FROM events", "no such function or operator"),
        ("SELECT timestamp AT TIME ZONE 'No/Where' FROM events", "does not take"),
        ("SELECT (SELECT event_id FROM events)", "several rows"),
    ],
)
def test_what_postgresql_refuses_is_said_in_own_words(
    projects: tuple[int, int], text: str, said: str
) -> None:
    with pytest.raises(Unprocessable) as refused:
        run(projects[0], text)
    assert said in str(refused.value.errors)


def test_without_the_role_in_the_database_sql_is_refused(
    projects: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql_query, "SQL_ROLE_ENDING", "_that_nobody_made")
    with pytest.raises(Unprocessable, match="not set up"):
        run(projects[0], "SELECT 1")


def test_rows_bytes_and_time_have_limits(
    projects: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    own = projects[0]
    some = run(own, "SELECT event_id FROM events", 10)
    assert (len(some.rows), some.truncated) == (10, True)
    assert run(own, "SELECT event_id FROM events", 90).truncated is False
    monkeypatch.setattr(sql_query, "MAX_BYTES", 36 * 5)
    few = run(own, "SELECT event_id FROM events", 90)
    assert (len(few.rows), few.truncated) == (5, True)


def test_nothing_of_the_limits_stays_in_the_connection(projects: tuple[int, int]) -> None:
    run(projects[0], "SELECT 1")
    with read_only_session() as session:
        settings = "current_setting('timezone'), current_setting('role')"
        found = session.execute(sqlalchemy.text(f"SELECT {settings}")).one()
    assert found == ("UTC", "none")
