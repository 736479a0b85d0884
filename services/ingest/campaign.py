"""A visit's campaign: the ``utm_`` parameters, sent by the client or read from the page URL."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from services.ingest.properties import sanitise_text
from shared.events.envelope import Campaign

MAX_CHARACTERS = 200
UTM_FIELDS = {
    "utm_source": "source",
    "utm_medium": "medium",
    "utm_campaign": "name",
    "utm_term": "term",
    "utm_content": "content",
}
"""Field of ``Campaign`` by ``utm_`` parameter."""
_MAX_PARAMETERS = 100


def campaign_of(given: object, page_url: str | None) -> Campaign | None:
    """Return the campaign that the client sent, else the one in the URL, else None.

    Args:
        given: an object with ``source``, ``medium``, ``name``, ``term`` and ``content``, or None.
        page_url: the page's full address.
    """
    if isinstance(given, dict):
        return _campaign(given)
    if page_url is None or "utm_" not in page_url:
        return None
    query = page_url.partition("?")[2].partition("#")[0]
    try:
        parameters = parse_qsl(query, max_num_fields=_MAX_PARAMETERS)
    except ValueError:  # too many parameters
        return None
    return _campaign({UTM_FIELDS[name]: value for name, value in parameters if name in UTM_FIELDS})


def _campaign(parts: dict[str, Any]) -> Campaign | None:
    known = {
        name: sanitise_text(value)[:MAX_CHARACTERS]
        for name in UTM_FIELDS.values()
        if isinstance(value := parts.get(name), str) and value
    }
    return Campaign(**known) if known else None
