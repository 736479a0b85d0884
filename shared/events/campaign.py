"""A visit's campaign: the ``utm_`` parameters, sent by the client or read from the page URL."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from shared.events.dimensions import fold
from shared.events.envelope import Campaign
from shared.events.properties import sanitise_text

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

    Values are in lower case and without needless blanks, so that one campaign has one name.

    Args:
        given: an object with ``source``, ``medium``, ``name``, ``term`` and ``content``, or None.
        page_url: the page's full address, before it is cut.
    """
    if isinstance(given, dict):
        return _campaign(given)
    if page_url is None or "utm_" not in page_url:
        return None
    query = page_url.partition("?")[2].partition("#")[0]
    named = [part for part in query.split("&") if part.startswith("utm_")]
    parameters = parse_qsl("&".join(named[:_MAX_PARAMETERS]))
    return _campaign({UTM_FIELDS[name]: value for name, value in parameters if name in UTM_FIELDS})


def campaign_text(value: str) -> str:
    """Return a value of a ``utm_`` parameter as it is stored."""
    return sanitise_text(fold(value))[:MAX_CHARACTERS]


def _campaign(parts: dict[str, Any]) -> Campaign | None:
    known = {
        name: value
        for name in UTM_FIELDS.values()
        if isinstance(given := parts.get(name), str) and (value := campaign_text(given))
    }
    return Campaign(**known) if known else None
