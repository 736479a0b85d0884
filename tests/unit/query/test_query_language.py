"""Filters, event selectors and cohort queries: what the parsers take fits the documents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.query.api.schemas.query_language import COMPONENTS
from services.query.parsing.events import parse_event_selector
from services.query.parsing.filters import OPERATORS, SCOPES, parse_filter
from services.query.saved.cohorts import parse_cohort_query
from shared.errors import Unprocessable
from tests.support.documented import strict
from tools.openapi import committed_document

NOW = datetime(2026, 3, 10, tzinfo=timezone.utc)
TEXT_VALUES = (
    ["", "a", "country", "12", "-1e3", "inf", "2026-03-10", "2026-03-10T12:00:00+01:00", "7d",
     "20260310", "x" * 100, "x" * 200, "x" * 201, "x" * 1_001, "9" * 2_000, r"(a)\1", "\x00"]
)  # fmt: skip
OTHER_VALUES = [None, True, False, 0, 1, 3.0, 2.5, -7, 20_260_310, 10**400]
TEXTS = st.sampled_from(TEXT_VALUES)
SCALARS = TEXTS | st.sampled_from(OTHER_VALUES)
VALUES = SCALARS | st.lists(SCALARS, max_size=3) | st.just(["a"] * 200) | st.just({"a": [1]})
# Mostly right, so that the parser takes many of them.
RIGHT_CONDITIONS = st.fixed_dictionaries(
    {
        "property": st.sampled_from(["a", "country", "x" * 200]),
        "operator": st.sampled_from(OPERATORS),
        "value": VALUES | st.sampled_from(["12", 1, 2.5, [1, "2"], ["2026-03-10"]]),
    },
    optional={"scope": st.sampled_from(SCOPES)},
)
WRONG_CONDITIONS = st.fixed_dictionaries(
    {},
    optional={
        "property": TEXTS | st.none(),
        "scope": st.sampled_from([*SCOPES, "group", None]),
        "operator": st.sampled_from([*OPERATORS, "sounds_like", None]),
        "value": VALUES,
        "more": st.just(1),
    },
)
CONDITIONS = st.one_of(RIGHT_CONDITIONS, RIGHT_CONDITIONS, RIGHT_CONDITIONS, WRONG_CONDITIONS)
PARTS = st.recursive(
    CONDITIONS,
    lambda parts: st.one_of(
        *(st.fixed_dictionaries({word: st.lists(parts, max_size=2)}) for word in ("and", "or")),
        st.fixed_dictionaries({"and": st.lists(parts, max_size=2), "or": st.just([])}),
    ),
    max_leaves=4,
)
FILTERS = PARTS | st.lists(PARTS, max_size=3) | st.sampled_from([{}, [], "a", 1, [[]]])
NAMES = st.sampled_from(["a", "x" * 100, None]) | SCALARS
SELECTORS = SCALARS | st.fixed_dictionaries(
    {}, optional={"event": NAMES, "filters": FILTERS | st.none(), "label": TEXTS | st.none()}
)
RANGES = st.sampled_from(
    [{}, {"period": "7d"}, {"period": None}, {"from": "2026-03-01"}, {"period": ""}, {"to": "a"},
     {"from": "2026-03-01T00:00:00Z", "to": "2026-03-10"}, {"from": ""}, {"more": 1}]
)  # fmt: skip
COHORTS = st.builds(
    lambda query, time_range: {**query, **time_range},
    st.fixed_dictionaries(
        {},
        optional={
            "event": NAMES,
            "filters": FILTERS | st.none(),
            "at_least": st.sampled_from([1, 1_000_000, True, 0, 1_000_001, 2.0, "1", None]),
        },
    ),
    RANGES,
)
thorough = settings(max_examples=1_500, deadline=None)


@cache
def validator(name: str) -> Any:
    schemas = strict(committed_document("query")["components"]["schemas"])
    return jsonschema_rs.Draft7Validator(
        {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
    )


def fits(name: str, value: Any) -> bool:
    return bool(validator(name).is_valid(value))


def takes(parse: Callable[[Any], object], value: Any) -> bool:
    try:
        parse(value)
    except Unprocessable:
        return False
    return True


def parse_selector(raw: Any) -> object:
    return parse_event_selector(raw, "event")


def parse_cohort(raw: Any) -> object:
    return parse_cohort_query(1, "UTC", raw, NOW)


@thorough
@given(FILTERS)
def test_every_filter_that_is_taken_is_documented(raw: Any) -> None:
    assert fits("Filter", raw) or not takes(parse_filter, raw)


@thorough
@given(SELECTORS)
def test_every_event_selector_that_is_taken_is_documented(raw: Any) -> None:
    assert fits("EventSelector", raw) or not takes(parse_selector, raw)


@thorough
@given(COHORTS)
def test_every_cohort_query_that_is_taken_is_documented(raw: dict[str, Any]) -> None:
    assert fits("CohortQuery", raw) or not takes(parse_cohort, raw)


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_condition_that_is_taken_is_documented(operator: str) -> None:
    one = [*TEXT_VALUES, *OTHER_VALUES]
    several: list[Any] = [[], [1, "2"], [1, 2, 3], ["a"] * 200, ["a"] * 201, {"a": 1}, [["a"]]]
    taken = 0
    for value in [*one, *([item] for item in one), *several]:
        for scope in (*SCOPES, None):
            raw = {"property": "a", "operator": operator, "value": value}
            raw |= {} if scope is None else {"scope": scope}
            is_taken = takes(parse_filter, raw)
            assert fits("Filter", raw) or not is_taken, raw
            taken += is_taken
    assert taken


@pytest.mark.parametrize(
    "raw",
    [
        "a",
        {"property": "a"},
        {"property": "a", "operator": "sounds_like", "value": "a"},
        {"property": "a", "value": [], "operator": "is"},
        {"property": "a", "operator": "between", "value": 1},
        {"property": "a", "operator": "gt", "value": [1, 2]},
        {"property": "a", "scope": "cohort", "value": "players"},
        {"property": "a", "value": "b", "more": 1},
        {"and": [{"property": "a", "value": "b"}], "or": []},
        {"and": [{}]},
        {"or": {"property": "a", "value": "b"}},
    ],
)
def test_what_is_documented_as_wrong_is_refused(raw: Any) -> None:
    assert not fits("Filter", raw)
    assert not takes(parse_filter, raw)


def test_every_schema_of_the_language_is_used() -> None:
    schemas = committed_document("query")
    text = str(schemas)
    for name in COMPONENTS:
        assert f"'#/components/schemas/{name}'" in text, name
