"""The lists of the live report: which value of a person's events each is of."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import ColumnElement

from services.query.sources.event_columns import event_text
from shared.events.dimensions import PAGE_EVENTS
from shared.models import Event

LiveList = Literal["pages", "sources", "countries"]
_PROPERTIES: dict[LiveList, str] = {
    "pages": "page_path",
    "sources": "referrer_domain",
    "countries": "country",
}


def live_value(name: LiveList) -> tuple[ColumnElement[Any], list[ColumnElement[bool]]]:
    """Return the value of an event that a list shows, and which events have one."""
    conditions: list[ColumnElement[bool]] = []
    if name == "pages":
        conditions.append(Event.event_name.in_(PAGE_EVENTS))
    return event_text(_PROPERTIES[name]), conditions
