"""What fits a schema of an event's properties, and which schemas are refused."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import Unprocessable
from shared.events.property_schemas import PropertySchema, compile_schema

PURCHASE: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "A purchase",
    "type": "object",
    "required": ["price", "currency"],
    "properties": {
        "price": {"type": "number", "minimum": 0, "exclusiveMaximum": 1000},
        "currency": {"enum": ["EUR", "USD"]},
        "items": {"type": "array", "maxItems": 2, "items": {"type": "string", "minLength": 1}},
        "gift": {"type": ["boolean", "null"]},
        "buyer": {"type": "object", "properties": {"age": {"type": "integer"}}},
        "version": {"const": 2},
    },
    "additionalProperties": False,
}
GOOD: dict[str, Any] = {"price": 10, "currency": "EUR"}


def problem(schema: dict[str, Any], properties: Any) -> str | None:
    return PropertySchema("warn", msgspec.json.encode(schema).decode()).problem(properties)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, None),
        ({"price": 999.99, "items": ["a", "b"], "gift": None, "buyer": {"age": 3.0}}, None),
        ({"price": "10"}, "price must be of the type number."),
        ({"price": True}, "price must be of the type number."),
        ({"price": -1}, "price must be at least 0."),
        ({"price": 1000}, "price must be below 1000."),
        ({"currency": "eur"}, 'currency must be one of ["EUR","USD"].'),
        ({"items": ["a", "b", "c"]}, "items must have, in items, at most 2."),
        ({"items": ["a", ""]}, "items must have, in characters, at least 1."),
        ({"items": "a"}, "items must be of the type array."),
        ({"gift": 0}, "gift must be of the type boolean or null."),
        ({"buyer": {"age": 3.5}}, "buyer.age must be of the type integer."),
        ({"version": 2.0}, None),
        ({"version": True}, "version must be one of [2]."),
        ({"prise": 1}, "prise is not in the schema."),
    ],
)
def test_the_first_problem_is_named(change: dict[str, Any], expected: str | None) -> None:
    assert problem(PURCHASE, {**GOOD, **change}) == expected


def test_what_is_required_must_be_there() -> None:
    assert problem(PURCHASE, {"price": 1}) == "currency is missing."
    assert problem(PURCHASE, None) == "price is missing."
    assert problem({}, {"anything": [1]}) is None


@pytest.mark.parametrize(
    ("schema", "field"),
    [
        ({"properties": {"a": {"pattern": "(a+)+$"}}}, "json_schema.properties.a.pattern"),
        ({"$ref": "https://example.org/other.json"}, "json_schema.$ref"),
        ({"anyOf": [{"type": "string"}]}, "json_schema.anyOf"),
        ({"properties": {"a": {"type": "text"}}}, "json_schema.properties.a.type"),
        ({"properties": ["a"]}, "json_schema.properties"),
        ({"required": "a"}, "json_schema.required"),
        ({"properties": {"a": {"minimum": "1"}}}, "json_schema.properties.a.minimum"),
        ({"properties": {"a": {"enum": []}}}, "json_schema.properties.a.enum"),
        ({"properties": {"a": True}}, "json_schema.properties.a"),
        ({"additionalProperties": {}}, "json_schema.additionalProperties"),
        ({"description": "x" * 9000}, "json_schema"),
    ],
)
def test_a_schema_that_is_not_checked_is_refused_by_name(schema: Any, field: str) -> None:
    with pytest.raises(Unprocessable) as refused:
        compile_schema(schema)
    assert list(refused.value.errors) == [field]


def test_a_schema_is_at_most_eight_levels_deep() -> None:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(8):
        schema = {"items": schema}
    with pytest.raises(Unprocessable):
        compile_schema(schema)


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["type", "properties", "items", "enum", "minimum", "a", "required"]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(schema=st.dictionaries(st.text(max_size=5), _JSON) | _JSON, value=_JSON)
def test_any_schema_is_refused_or_checks_anything(schema: Any, value: Any) -> None:
    try:
        check = compile_schema(schema)
    except Unprocessable:
        return
    found = check(value)
    assert found is None or all(isinstance(part, str) for part in found)
