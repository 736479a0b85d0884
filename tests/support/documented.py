"""Checks JSON answers against the OpenAPI documents, more strictly than the documents say.

An object has no fields beside the documented ones, unless its document has none or says what others
are like.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import jsonschema_rs
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tools.openapi import committed_document


def problems(service: str, method: str, path: str, status: int, body: Any) -> list[str]:
    """Return what is wrong with a JSON answer.

    Args:
        service: whose document it is.
        method: the request's, upper case.
        path: as the document writes it, such as ``/persons/{person_id}``.
        status: the answer's.
        body: the answer's, parsed.
    """
    schema = documented_schema(committed_document(service), method, path, status)
    if schema is None:
        return [f"{method} {path} documents no JSON body with status {status}"]
    validator = _validator(service, method, path, status)
    return [
        f"{method} {path}: {'/'.join(map(str, error.instance_path))}: {error.message}"
        for error in validator.iter_errors(body)
    ]


def documented_schema(
    document: dict[str, Any], method: str, path: str, status: int
) -> dict[str, Any] | None:
    """Return the schema of an operation's JSON answers with a status, or None."""
    operation = document["paths"].get(path, {}).get(method.lower(), {})
    responses = operation.get("responses", {})
    response = responses.get(str(status)) or responses.get("default") or {}
    name = response.get("$ref", "").rpartition("/")[2]
    if name:
        response = document["components"]["responses"][name]
    schema: dict[str, Any] | None = (
        response.get("content", {}).get("application/json", {}).get("schema")
    )
    return schema


@cache
def _validator(service: str, method: str, path: str, status: int) -> Any:
    document = committed_document(service)
    schema = documented_schema(document, method, path, status)
    return jsonschema_rs.Draft7Validator(
        {
            "allOf": [strict(schema)],
            "components": {"schemas": strict(document["components"]["schemas"])},
        },
        validate_formats=True,
    )


def strict(schema: Any) -> Any:
    """Return a schema of OpenAPI 3.0 as JSON Schema, with objects closed."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: strict(one) for name, one in schema.items() if name != "example"}
    if found.get("type") == "object" and isinstance(found.get("properties"), dict):
        found.setdefault("additionalProperties", False)
    if found.pop("nullable", False) is True:
        return {"anyOf": [found, {"type": "null"}]}
    return found


_ARGUMENT = re.compile(r"<(?:[^<>]*:)?([^<>]+)>")


class DocumentedClient(FlaskClient):
    """A test client of the query service that fails when a JSON answer is not as documented."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Make a request, and check its answer."""
        answer = super().open(*args, **kwargs)
        request = answer.request
        if answer.is_json and answer.data and answer.status_code < 300:
            adapter = self.application.url_map.bind("localhost")
            rule, _ = adapter.match(request.path, request.method, return_rule=True)
            path = _ARGUMENT.sub(r"{\1}", rule.rule)
            found = problems("query", request.method, path, answer.status_code, answer.json)
            assert not found, found
        return answer
