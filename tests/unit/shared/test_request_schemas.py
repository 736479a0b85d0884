"""Schemas of typed requests."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypedDict

import pytest
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import ValidationError

from shared.requests import Param
from shared.web.request_schemas import request_schema


class PointRequest(TypedDict):
    """A point."""

    x: int
    label: Annotated[str | None, Param(default=None, maximum=5)]


class LineRequest(TypedDict):
    """A line."""

    points: Annotated[list[PointRequest], Param(minimum=1, maximum=2)]
    tags: Annotated[list[str], Param(default=[])]
    start: Annotated[str | None, Param("First day.", default=None, json_name="from")]
    kind: Annotated[Literal["solid", "dotted"], Param(default="solid")]
    width: Annotated[int, Param(default=1, minimum=1, maximum=9)]
    anything: Annotated[object, Param(default=None)]


def load(**raw: Any) -> dict[str, Any]:
    loaded: dict[str, Any] = request_schema(LineRequest)().load({"points": [{"x": 1}], **raw})
    return loaded


def test_what_is_left_out_has_its_default_which_no_request_shares() -> None:
    first = load()
    assert first == {
        "points": [{"x": 1, "label": None}],
        "tags": [],
        "start": None,
        "kind": "solid",
        "width": 1,
        "anything": None,
    }
    first["tags"].append("mine")
    assert load()["tags"] == []


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ({"points": []}, "points"),
        ({"points": [{"x": 1}] * 3}, "points"),
        ({"points": [{}]}, "points"),
        ({"points": [{"x": 1, "label": "a label"}]}, "points"),
        ({"tags": None}, "tags"),
        ({"tags": ["\x00"]}, "tags"),
        ({"kind": "wavy"}, "kind"),
        ({"width": 0}, "width"),
        ({"width": 10}, "width"),
        ({"start": "2026-01-01"}, "start"),
    ],
)
def test_a_field_that_breaks_its_limits_is_named(raw: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        load(**raw)
    assert isinstance(refused.value.messages, dict)
    assert list(refused.value.messages) == [field]


def test_a_field_is_loaded_under_its_name_in_code() -> None:
    assert load(**{"from": "2026-01-01"})["start"] == "2026-01-01"


def test_the_document_states_names_limits_and_defaults() -> None:
    spec = APISpec("t", "1", "3.0.3", plugins=[MarshmallowPlugin()])
    spec.components.schema("Root", schema=request_schema(LineRequest))
    line = spec.to_dict()["components"]["schemas"]["Root"]
    assert line["required"] == ["points"]
    points = line["properties"]["points"]
    assert (points["minItems"], points["maxItems"]) == (1, 2)
    assert points["items"] == {"$ref": "#/components/schemas/PointRequest"}
    assert line["properties"]["from"]["description"] == "First day."
    assert line["properties"]["kind"]["enum"] == ["solid", "dotted"]
    assert line["properties"]["width"]["default"] == 1


def test_a_type_that_has_no_schema_is_refused() -> None:
    class OddRequest(TypedDict):
        """An odd request."""

        value: complex

    with pytest.raises(TypeError, match="complex"):
        request_schema(OddRequest)
