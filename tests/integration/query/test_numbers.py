"""What counts as a number: one rule in SQL, in requests and in the oracle."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection
from sqlalchemy import func, select, text
from sqlalchemy.dialects import postgresql

from services.processor.sealing.day import seal_day
from services.processor.sealing.day_files import keep_file
from services.query.execution.read_session import read_only_session
from services.query.parsing.breakdown import Breakdown
from services.query.parsing.events import EventQuery, EventSelector
from services.query.parsing.filters import parse_filter
from services.query.parsing.numbers import number_text, parse_number
from services.query.parsing.time_range import TimeRange
from services.query.reports.breakdown import BreakdownPlan, run_breakdown
from services.query.reports.game import GamePlan, run_game
from services.query.reports.trends import TrendsPlan, run_trends
from services.query.sources.conditions import matches_filter
from services.query.sources.event_columns import as_number, has_number
from services.query.sources.postgres import unnest_with_index
from services.query.sources.series import Series
from shared.models import Event
from tests.support.insights import Sample, put
from tests.support.number_oracle import ODD_VALUES, number

BEGIN = datetime(2026, 3, 10, tzinfo=timezone.utc)
DAY = TimeRange(BEGIN, BEGIN + timedelta(days=1), ZoneInfo("UTC"))
ANY = EventSelector(None)
DIALECT = postgresql.psycopg2.dialect()  # type: ignore[no-untyped-call]
TEXTS = st.one_of(
    st.text(alphabet="0123456789+-.eE \t\n_x", max_size=12),
    st.floats(allow_nan=False).map(repr),
    st.decimals(allow_nan=False, allow_infinity=False).map(str),
    st.sampled_from([str(value) for value in ODD_VALUES]),
)


def amounts(database: Connection, *values: Any) -> int:
    """A project with one event of one person for each amount."""
    rows = [
        Sample(BEGIN, "bought", person, properties={"amount": value})
        for person, value in enumerate(values, 1)
    ]
    return put(database, "UTC", rows)


def metric(project_id: int, name: str, filters: Any = None) -> Any:
    query = EventQuery(project_id, DAY, parse_filter(filters))
    [line] = run_trends(TrendsPlan(query, (Series(ANY, name, "amount"),), "day")).series
    return line.total


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(written=TEXTS)
@example("9" * 309)
@example("9" * 308)
@example("0." + "0" * 400 + "1")
def test_sql_requests_and_oracle_agree_on_what_a_number_is(
    database: Connection, written: str
) -> None:
    wanted = number(written) if len(written) <= 400 else None
    parsed = parse_number(written)
    with read_only_session() as session:
        # From a row, as PostgreSQL evaluates constants even where CASE leaves them out.
        row = unnest_with_index([written], "row")
        found = session.scalar(select(as_number(row.c.text)))
        test = "@ == @" if parsed is None else f"@ == {number_text(parsed)}"
        for value in (row.c.text, func.jsonb_build_array("x", row.c.text)):
            field = func.jsonb_build_object("amount", value)
            is_number = session.scalar(select(has_number(field, "amount", test)))
            assert is_number is (wanted is not None)
    assert found == wanted
    assert parsed == wanted


@pytest.mark.parametrize(
    "condition",
    [
        {"value": 5},
        {"operator": "gte", "value": 5},
        {"operator": "between", "value": [1, 5]},
        {"operator": "is_not", "value": [5, "five"]},
    ],
)
def test_filters_by_number_may_be_tested_by_parallel_workers(
    database: Connection, condition: dict[str, Any]
) -> None:
    # A subquery over the elements of an array would have to be run by one process.
    filters = parse_filter({"property": "amount", **condition})
    counted = select(func.count()).select_from(Event).where(matches_filter(filters, 1, DAY))
    sql = counted.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True})
    with read_only_session() as session:
        # Has every plan run by a worker that can be.
        session.execute(text("SET LOCAL debug_parallel_query = on"))
        plan = session.scalars(text("EXPLAIN " + str(sql).replace(":", r"\:"))).all()
    assert any("Gather" in line for line in plan), plan


def test_numbers_with_many_decimals_are_in_every_metric(database: Connection) -> None:
    project_id = amounts(database, 0.1 + 0.2, 1.1 * 3, 0.7 + 0.1, 59.97, "5")
    assert metric(project_id, "sum") == 69.37
    assert metric(project_id, "average") == 13.874
    assert metric(project_id, "min") == 0.3
    assert metric(project_id, "median") == 3.3
    assert metric(project_id, "count", {"property": "amount", "operator": "gt", "value": 0}) == 5
    assert metric(project_id, "count", {"property": "amount", "value": 0.1 + 0.2}) == 1


@pytest.mark.parametrize("name", ["sum", "average", "median", "p90", "min", "max"])
def test_the_largest_doubles_have_every_metric(database: Connection, name: str) -> None:
    project_id = amounts(database, 1.7e308, 1.7e308, 1.6e308, -1.7e308, 5e-324)
    of_rows = metric(project_id, name)
    assert abs(of_rows) <= 1.7976931348623157e308
    assert seal_day(database, project_id, BEGIN.date(), ZoneInfo("UTC")).is_clean
    keep_file(database, project_id, BEGIN.date())
    assert metric(project_id, name) == of_rows


@pytest.mark.parametrize("name", ["sum", "average", "median", "p90", "min", "max"])
def test_metrics_of_a_thousand_odd_numbers_are_the_same_from_a_file(
    database: Connection, name: str
) -> None:
    chance = random.Random(name)
    odd = [*ODD_VALUES, "1e3", 0.1, "0.10", None, True]
    project_id = amounts(
        database, *(chance.choice([*odd, chance.randrange(100) / 7]) for _ in range(1_000))
    )
    of_rows = metric(project_id, name)
    assert seal_day(database, project_id, BEGIN.date(), ZoneInfo("UTC")).is_clean
    keep_file(database, project_id, BEGIN.date())
    assert metric(project_id, name) == of_rows


def test_large_integers_are_not_rounded(database: Connection) -> None:
    project_id = amounts(database, 2**53, 2**53 + 1, str(2**53 + 1), 123456789012345678901234)
    assert metric(project_id, "count", {"property": "amount", "value": 2**53 + 1}) == 2
    assert metric(project_id, "count", {"property": "amount", "value": str(2**53)}) == 1
    above = {"property": "amount", "operator": "gt", "value": str(2**53)}
    assert metric(project_id, "count", above) == 3
    digits = {"property": "amount", "value": json.loads("123456789012345678901234")}
    assert metric(project_id, "count", digits) == 1


@pytest.mark.parametrize("is_sealed", [False, True])
def test_equal_numbers_are_one_value(database: Connection, is_sealed: bool) -> None:
    project_id = amounts(database, 10, 10.0, 1e1, "10", "10.0", "1.10", 1.1)
    if is_sealed:
        assert seal_day(database, project_id, BEGIN.date(), ZoneInfo("UTC")).is_clean
    query = EventQuery(project_id, DAY)
    answer = run_breakdown(BreakdownPlan(query, ANY, Breakdown("amount", 10)))
    assert answer.source == ("sealed" if is_sealed else "raw")
    assert [(item.value, item.events) for item in answer.items] == [
        ("10", 4), ("1.1", 1), ("1.10", 1), ("10.0", 1)
    ]  # fmt: skip
    for item in answer.items:
        shown = {"property": "amount", "value": item.value}
        assert metric(project_id, "count", shown) == item.events
    assert metric(project_id, "count", {"property": "amount", "value": 10}) == 5


def test_amounts_of_a_game_are_numbers_by_the_same_rule(database: Connection) -> None:
    rows = [
        Sample(
            BEGIN, "resource", 1, properties={"flow": flow, "currency": "gold", "amount": amount}
        )
        for flow, amount in [
            ("source", 0.1 + 0.2), ("source", "1e1"), ("sink", 2.0), ("sink", "2,5"), ("sink", None)
        ]
    ]  # fmt: skip
    answer = run_game(GamePlan(EventQuery(put(database, "UTC", rows), DAY), now=BEGIN))
    [gold] = answer.resources
    assert (gold.source, gold.sink, gold.ignored_amounts) == (10.3, 2.0, 1)


@pytest.mark.parametrize("given", ["12,50", "nan", True, None, "1e400", 10**400, [1], "1e-400"])
def test_what_is_no_number_is_none(given: Any) -> None:
    assert parse_number(given) is None


def test_a_request_keeps_every_digit() -> None:
    assert parse_number(0.1 + 0.2) == Decimal("0.30000000000000004")
    assert parse_number(" +1.50e3 ") == 1500
