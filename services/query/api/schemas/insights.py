"""Requests for insights: their schemas, and queries in the URL."""

from __future__ import annotations

import json
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.query.execution.insight import Insight
from shared.web.request_schemas import request_schema


class InsightUrlRequest(Schema):
    """A query in the URL."""

    query = fields.String(
        load_default="{}",
        validate=validate.Length(max=20_000),
        metadata={"description": "The body of the POST, as JSON."},
    )


def load_request(insight: Insight[Any, Any], raw: dict[str, Any]) -> dict[str, Any]:
    """Load the request for an insight from parsed JSON.

    Raises:
        ValidationError: it is no such request.
    """
    loaded: dict[str, Any] = request_schema(insight.request)().load(raw)
    return loaded


def load_from_url(insight: Insight[Any, Any], text: str) -> dict[str, Any]:
    """Load the request for an insight from the URL.

    Raises:
        ValidationError: it is no JSON, or no such request.
    """
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValidationError(
            {
                "query": [
                    "This is not JSON. Use the JSON object that a POST request has as its body."
                ]
            }
        ) from error
    if not isinstance(raw, dict):
        raise ValidationError({"query": ["Use a JSON object."]})
    return load_request(insight, raw)
