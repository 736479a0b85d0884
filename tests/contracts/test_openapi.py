"""The published contracts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from apispec import APISpec

from services.query.app import create_app
from tests.support.documented import problems
from tools.openapi import DOCUMENTED, committed_document, document


@pytest.mark.parametrize("service", DOCUMENTED)
def test_the_document_is_what_the_service_publishes(backends: object, service: str) -> None:
    assert committed_document(service) == json.loads(json.dumps(document(service))), (
        "run: make openapi"
    )


def test_a_document_is_made_once(backends: object, monkeypatch: pytest.MonkeyPatch) -> None:
    assert backends
    made = []
    to_dict = APISpec.to_dict

    def count(spec: APISpec) -> Any:
        made.append(spec)
        return to_dict(spec)

    monkeypatch.setattr(APISpec, "to_dict", count)
    client = create_app().test_client()
    first, second = (client.get("/api/v1/openapi/query.json") for _ in range(2))
    assert first.data == second.data
    assert first.mimetype == "application/json"
    assert len(made) == 1


@pytest.mark.parametrize("service", DOCUMENTED)
def test_a_document_has_no_internal_path_and_no_unused_schema(service: str) -> None:
    published = committed_document(service)
    assert [path for path in published["paths"] if path.startswith("/internal")] == []
    text, names = json.dumps(published), set(published["components"]["schemas"]) - {"Error"}
    assert {name for name in names if f'"#/components/schemas/{name}"' not in text} == set()


@pytest.mark.parametrize("service", DOCUMENTED)
def test_every_successful_answer_has_a_described_body(service: str) -> None:
    published = committed_document(service)
    vague = []
    for path, operations in published["paths"].items():
        for method, operation in operations.items():
            if method == "parameters":
                continue
            for status, response in operation["responses"].items():
                if status.startswith("2") and not is_described(published, status, response):
                    vague.append(f"{method.upper()} {path} {status}")
    assert vague == []


def is_described(published: dict[str, Any], status: str, response: dict[str, Any]) -> bool:
    """Whether a response says what its body is like, down to the last field."""
    content = response.get("content", {})
    if status == "204":
        return not content
    return bool(content) and all(
        not kind.startswith("application/json")
        or is_specific(one.get("schema", {}), published["components"]["schemas"])
        for kind, one in content.items()
    )


ANY_JSON = "Any JSON"


def is_specific(
    schema: dict[str, Any], named: dict[str, Any], within: tuple[str, ...] = ()
) -> bool:
    """Whether a schema says more than "some JSON"; free objects say so by their values' schema."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return name in within or is_specific(named[name], named, (*within, name))
    parts = [*schema.get("allOf", []), *schema.get("anyOf", []), *schema.get("oneOf", [])]
    if parts:
        return all(is_specific(part, named, within) for part in parts)
    if schema.get("type") == "array":
        return is_specific(schema.get("items", {}), named, within)
    if schema.get("maxProperties") == 0:
        return True
    if schema.get("type") == "object":
        fields = schema.get("properties", {})
        is_free = schema.get("additionalProperties", False) is not False
        if not fields:
            return is_free and bool(within)
        return not is_free and all(is_specific(one, named, within) for one in fields.values())
    # What is free on purpose says so.
    return "type" in schema or (bool(within) and schema.get("description", "").startswith(ANY_JSON))


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "object"},
        {"type": "object", "additionalProperties": {}},
        {"type": "array"},
        {"type": "array", "items": {"type": "object"}},
        {"type": "object", "properties": {"a": {}}},
        {"type": "object", "properties": {"a": {"description": "Whatever it is."}}},
        {"description": "Any JSON. It is ignored."},
        {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": True},
        {"$ref": "#/components/schemas/Vague"},
    ],
)
def test_a_body_that_is_only_some_json_is_noticed(schema: dict[str, Any]) -> None:
    assert not is_specific(schema, {"Vague": {"type": "object", "properties": {"a": {}}}})


COHORT = {
    "id": 1,
    "name": "Buyers",
    "description": "",
    "kind": "upload",
    "query": None,
    "size": 3,
    "counted_at": None,
    "created_at": "2026-03-10T12:00:00+00:00",
    "updated_at": "2026-03-10T12:00:00+00:00",
}


@pytest.mark.parametrize(
    ("change", "is_documented"),
    [
        ({}, True),
        ({"query": {"event": "bought"}}, True),
        ({"kind": "guess"}, False),
        ({"size": None}, False),
        ({"size": "3"}, False),
        ({"created_at": "yesterday"}, False),
        ({"more": 1}, False),
    ],
)
def test_an_answer_that_is_not_as_documented_is_noticed(
    change: dict[str, Any], is_documented: bool
) -> None:
    path = "/api/v1/analytics/{project_id}/cohorts/{cohort_id}"
    found = problems("query", "GET", path, 200, {**COHORT, **change})
    assert (found == []) == is_documented
    missing = {name: value for name, value in COHORT.items() if name != "name"}
    assert problems("query", "GET", path, 200, missing)
