"""Which SQL is taken, and what PostgreSQL gets of it."""

from __future__ import annotations

import re

import pytest

from services.query.parsing import sql_statement
from services.query.parsing.sql_statement import parse_statement
from shared.errors import Unprocessable

_TEXT_LEVELS = ", ".join(f"c{n} AS (SELECT c || c AS c FROM c{n - 1})" for n in range(1, 9))
_SUM_LEVELS = ", ".join(f"c{n} AS (SELECT c + c AS c FROM c{n - 1})" for n in range(1, 18))
REFUSED = {
    "SELECT repeat('x', 1000000000)": "function repeat is not allowed",
    "SELECT pg_sleep(30)": "function pg_sleep is not allowed",
    "SELECT set_config('role', 'none', true)": "function set_config is not allowed",
    "SELECT count(*) FROM generate_series(1, 1000000000)": "views and subqueries only",
    "SELECT 9.9 ^ 99999": "not allowed",
    "WITH RECURSIVE x AS (SELECT 1 AS n UNION ALL SELECT n FROM x) SELECT n FROM x": "RECURSIVE",
    f"WITH c0 AS (SELECT person_id AS c FROM events), {_SUM_LEVELS} SELECT c FROM c17": "too large",
    f"WITH c0 AS (SELECT source AS c FROM events), {_TEXT_LEVELS} SELECT c FROM c8": "too large",
    "SELECT " + " || ".join(["source"] * 300) + " FROM events": "too large",
    "SELECT " + ", ".join(f"rank() OVER (ORDER BY {n})" for n in range(13)): "at most 12 of JOIN",
    "SELECT " + ", ".join(f"count(DISTINCT {n})" for n in range(13)): "at most 12 of JOIN",
    "SELECT * FROM users": "no view users",
    "SELECT * FROM public.events": "without a schema|no schema",
    "SELECT * FROM sql_events": "no view sql_events",
    "SELECT e.name FROM events e": "no column name",
    "SELECT e FROM events e": "no column e",
    "SELECT e.* FROM events AS e(a, b)": "no names of columns",
    "SELECT 1; SELECT 2": "exactly one SELECT",
    "DELETE FROM events": "exactly one SELECT",
    "SELECT 1 AS " + "a" * 61: "1 to 60 bytes",
    "SELECT extract(pg_sleep FROM timestamp) FROM events": "no unit of time",
    "SELECT 'users'::regclass": "ObjectIdentifier is not allowed",
    "SELECT '<a/>'::xml": "type that is not allowed",
    "SELECT (": "cannot be read",
    f"SELECT {'array[' * 12}1{']' * 12} AS a": "nested too deeply",
    f"SELECT 1::{'decimal(' * 12}1{')' * 12} AS a": "nested too deeply",
    f"SELECT 1::{'int[' * 12}1{']' * 12} AS a": "nested too deeply",
    f"SELECT {'date(' * 12}1{')' * 12} AS a": "nested too deeply",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_allowed_is_refused_before_it_reaches_the_database(text: str) -> None:
    with pytest.raises(Unprocessable) as refused:
        parse_statement(text)
    assert re.search(REFUSED[text], str(refused.value.errors))


@pytest.mark.parametrize(
    "text",
    [
        "SELECT e.name, 1 AS name FROM events e",
        "SELECT events, 1 AS events FROM events",
        "WITH x AS (SELECT 1 AS version) SELECT x.version, x.row_to_json FROM x, "
        "(SELECT 2 AS row_to_json) y ORDER BY version",
    ],
)
def test_no_name_can_be_read_as_a_function_or_as_a_row(text: str) -> None:
    names = re.findall(r'"([^"]*)"', parse_statement(text).sql)
    assert names
    assert all(name.startswith(("c ", "t ", "sql_")) for name in names)


def test_a_written_statement_is_checked_as_text_too() -> None:
    sql_statement._check_words('SELECT COUNT(*), \'pg_sleep(1); --\' AS "c pg_sleep(1)" FROM "t x"')
    for sql in (
        "SELECT pg_sleep(1)", "SELECT 1 FROM users", "SELECT 1; SELECT 2", "SELECT 1 -- x",
        "SELECT 1 /* x", "SELECT E'a'", "SELECT $$a$$", "SELECT 'a", "SELECT U&'a'", "SELECT ä",
        "SELECT \"t e\".pg_sleep", "SELECT 1::oid", "SELECT SET_CONFIG",
    ):  # fmt: skip
        with pytest.raises(Unprocessable):
            sql_statement._check_words(sql)


def test_a_fault_in_the_list_of_nodes_lets_no_function_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sql_statement, "check_nodes", lambda _tree: None)
    for text in ("SELECT pg_sleep(9)", "SELECT query_to_xml('SELECT 1', true, true, '')"):
        with pytest.raises(Unprocessable):
            parse_statement(text)


def test_every_function_that_the_documentation_names_is_taken() -> None:
    of_text = "lower upper length trim"
    of_numbers = "abs round floor ceil sum avg min max stddev variance"
    for call in (
        *[f"{name}(source)" for name in of_text.split()],
        *[f"{name}(sample_weight)" for name in of_numbers.split()],
        "count(*)", "count(DISTINCT source)", "bool_and(true)", "bool_or(true)",
        "percentile_cont(0.5) WITHIN GROUP (ORDER BY sample_weight)",
        "percentile_disc(0.5) WITHIN GROUP (ORDER BY sample_weight)",
        *[f"{name}() OVER (ORDER BY source)" for name in ("row_number", "rank", "dense_rank")],
        *[f"{name}(source) OVER ()" for name in ("lag", "lead", "first_value", "last_value")],
        "ntile(4) OVER (ORDER BY source)", "substring(source, 1, 2)", "left(source, 2)",
        "right(source, 2)", "split_part(source, 'a', 1)", "strpos(source, 'a')",
        "starts_with(source, 'a')", "concat(source, 'a')", "coalesce(source, 'a')",
        "nullif(source, 'a')", "greatest(1, 2)", "least(1, 2)", "date_trunc('week', timestamp)",
        "extract(isodow FROM timestamp)", "now()", "current_date", "ltrim(source)",
    ):  # fmt: skip
        assert parse_statement(f"SELECT {call} AS x FROM events").sql


def test_the_audit_log_gets_no_literal_value() -> None:
    statement = parse_statement(
        "SELECT properties ->> 'mail' AS mail FROM events WHERE properties ->> 'mail' = 'a@b.c'"
        " AND sample_weight > 17 AND timestamp > now() - interval '3 days' LIMIT 12"
    )
    assert statement.shape == (
        "SELECT properties ->> '?' AS mail FROM events WHERE properties ->> '?' = ?"
        " AND sample_weight > ? AND timestamp > CURRENT_TIMESTAMP - INTERVAL '? DAYS' LIMIT ?"
    )
