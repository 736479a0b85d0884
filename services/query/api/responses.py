"""JSON responses of the routes."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from shared.responses import to_json


def json_response(body: Any, status: int = 200) -> Response:
    """Return a response dataclass as a JSON response."""
    response = jsonify(to_json(body))
    response.status_code = status
    return response
