"""Errors in the words of PostHog's SDKs."""

from __future__ import annotations

import msgspec
from flask import Response


def name_the_detail(response: Response) -> Response:
    """Say what was wrong under the name that these SDKs look for, and log."""
    if response.status_code >= 400:
        content = response.get_json(silent=True)
        if isinstance(content, dict) and "message" in content:
            response.set_data(msgspec.json.encode({**content, "detail": content["message"]}))
    return response
