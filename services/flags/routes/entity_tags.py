"""JSON answers with an entity tag, which clients send to learn that nothing has changed."""

from __future__ import annotations

from flask import Response, request

from services.flags.tagged import Tagged


def tagged_response(content: Tagged) -> Response:
    """Return the content as JSON, or 304 to a client that has it."""
    # Compared as weak tags, because the gateway weakens those of bodies that it compresses. By
    # hand, because werkzeug answers conditions of GET only.
    if request.if_none_match.contains_weak(content.tag):
        response = Response(status=304)
    else:
        response = Response(content.body, content_type="application/json")
    response.set_etag(content.tag)
    return response
