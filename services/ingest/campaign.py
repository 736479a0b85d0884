"""How a visitor came: the ``utm_`` parameters, named by the client or read from the page's URL."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from services.ingest.properties import clean
from shared.events.envelope import Campaign

MOST_CHARACTERS = 200
_PARTS = {
    "utm_source": "source",
    "utm_medium": "medium",
    "utm_campaign": "name",
    "utm_term": "term",
    "utm_content": "content",
}
_MOST_PARAMETERS = 100


def campaign_of(given: object, page_url: str | None) -> Campaign | None:
    """The campaign the client names; else the one in the URL; None when there is neither.

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
        parameters = parse_qsl(query, max_num_fields=_MOST_PARAMETERS)
    except ValueError:  # more parameters than anybody means
        return None
    return _campaign({_PARTS[name]: value for name, value in parameters if name in _PARTS})


def _campaign(parts: dict[str, Any]) -> Campaign | None:
    known = {
        name: clean(value)[:MOST_CHARACTERS]
        for name in _PARTS.values()
        if isinstance(value := parts.get(name), str) and value
    }
    return Campaign(**known) if known else None
