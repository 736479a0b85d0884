"""Schemas and JSON of response dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
import pytest
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from shared.responses import Doc, Timestamp, to_json
from shared.web.response_schemas import list_schema, response_schema


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a line."""

    at: Timestamp
    value: int | float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineResponse:
    """A line."""

    from_: str
    kind: Literal["solid", "dotted"]
    unit: Annotated[str, Doc("What is measured.", choices=("m", "km"))]
    points: list[Point]
    properties: dict[str, Any]
    previous: Point | None
    note: Annotated[str | msgspec.UnsetType, Doc("Only of drawn lines.")] = msgspec.UNSET


LINE = LineResponse(
    from_="2026-03-10",
    kind="solid",
    unit="m",
    points=[Point("2026-03-10T00:00:00+00:00", 1.5)],
    properties={"a": [1, None]},
    previous=None,
)


def document(schema: Any) -> dict[str, Any]:
    spec = APISpec("t", "1", "3.0.3", plugins=[MarshmallowPlugin()])
    spec.components.schema("Root", schema=schema)
    schemas: dict[str, Any] = spec.to_dict()["components"]["schemas"]
    return schemas


def test_a_schema_says_what_the_class_says() -> None:
    schemas = document(response_schema(LineResponse))
    line, point = schemas["Root"], schemas["Point"]
    assert line["description"] == "A line."
    assert line["required"] == ["from", "kind", "points", "previous", "properties", "unit"]
    assert line["properties"]["kind"]["enum"] == ["solid", "dotted"]
    assert line["properties"]["unit"] == {
        "type": "string", "enum": ["m", "km"], "description": "What is measured.",
    }  # fmt: skip
    assert line["properties"]["points"]["items"] == {"$ref": "#/components/schemas/Point"}
    assert line["properties"]["properties"]["additionalProperties"] == {}
    assert line["properties"]["note"] == {"type": "string", "description": "Only of drawn lines."}
    assert point["properties"]["value"] == {"type": "number", "nullable": True}
    assert point["properties"]["at"]["format"] == "date-time"


def test_a_page_is_named_after_its_items() -> None:
    schema = list_schema(LineResponse)
    assert schema.__name__ == "LineListResponse"
    assert set(document(schema)["Root"]["properties"]) == {"items", "next_cursor"}


def test_json_has_the_fields_of_the_document_and_leaves_out_what_is_unset() -> None:
    assert to_json(LINE) == {
        "from": "2026-03-10",
        "kind": "solid",
        "unit": "m",
        "points": [{"at": "2026-03-10T00:00:00+00:00", "value": 1.5}],
        "properties": {"a": [1, None]},
        "previous": None,
    }


def test_a_type_that_has_no_schema_is_refused() -> None:
    @dataclass(frozen=True)
    class Odd:
        """An odd response."""

        value: complex

    with pytest.raises(TypeError, match="complex"):
        response_schema(Odd)


@dataclass(frozen=True, slots=True)
class DrawingResponse:
    """Lines, in every place that a field may have them."""

    main: LineResponse
    lines: list[LineResponse]
    by_name: dict[str, LineResponse]
    none: LineResponse | None = None


def test_a_field_is_renamed_at_every_depth() -> None:
    line = to_json(LINE)
    drawing = DrawingResponse(LINE, [LINE], {"a": LINE})
    expected = {"main": line, "lines": [line], "by_name": {"a": line}, "none": None}
    assert to_json(drawing) == expected
    assert to_json([drawing]) == [expected]
