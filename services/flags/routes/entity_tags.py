"""JSON answers with an entity tag, which clients send to learn that nothing has changed."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
from flask import Response, request


def tagged_response(content: Any) -> Response:
    """Return the content as JSON, or 304 to a client that has it; equal content has equal tags."""
    body = msgspec.json.encode(content)
    tag = hashlib.sha256(body).hexdigest()[:32]
    # Compared as weak tags, because the gateway weakens those of bodies that it compresses. By
    # hand, because werkzeug answers conditions of GET only.
    if request.if_none_match.contains_weak(tag):
        response = Response(status=304)
    else:
        response = Response(body, content_type="application/json")
    response.set_etag(tag)
    return response
