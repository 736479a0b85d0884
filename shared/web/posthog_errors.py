"""Error bodies in the shape that PostHog's SDKs read."""

from __future__ import annotations

import msgspec
from flask import Response


def add_posthog_detail(response: Response) -> Response:
    """Add the error message as ``detail``, the field that these SDKs read and log."""
    if response.status_code >= 400:
        content = response.get_json(silent=True)
        if isinstance(content, dict) and "message" in content:
            response.set_data(msgspec.json.encode({**content, "detail": content["message"]}))
    return response
