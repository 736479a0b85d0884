"""The lists of the web report: by what visitors are divided, and where that is read from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shared.events.dimensions import PAGE_EVENTS


@dataclass(frozen=True, slots=True)
class WebDimension:
    """What visitors are divided by.

    A property of the visit is read from rows of ``sessions``, which have its bounces and duration.
    A property of events is read from events, of which a visit may have several.
    """

    property: str
    scope: str = "session"
    """Whose property it is in a filter for one of its values: ``session`` or ``event``. What a
    visit takes over from its first event is filtered by as a property of events."""
    is_of_visits: bool = True
    """Whether it is read from rows of ``sessions``."""
    with_null: bool = True
    """Whether visitors without a value are a row, too."""
    events: tuple[str, ...] = ()
    """Of a property of events: the events that count; none: all of them."""
    group: Callable[[str | None], str | None] | None = None
    """Turns a stored value into that of a row, which is then no value to filter by."""


SCREEN_WIDTHS = ((576, "Phone"), (992, "Tablet"), (1_440, "Laptop"))
"""Widths of screens in pixels below which a size ends."""


def screen_size(width: str | None) -> str | None:
    """Return the size of a screen of a width in pixels; None: it is unknown."""
    try:
        pixels = float(width or "")
    except ValueError:
        return None
    return next((name for below, name in SCREEN_WIDTHS if pixels < below), "Desktop")


def _of_events(name: str, events: tuple[str, ...] = (), *, with_null: bool = True) -> WebDimension:
    return WebDimension(name, "event", is_of_visits=False, with_null=with_null, events=events)


WEB_DIMENSIONS: dict[str, WebDimension] = {
    "source": WebDimension("visit_source"),
    "channel": WebDimension("channel"),
    "referrer": WebDimension("referrer_page", with_null=False),
    "utm_source": WebDimension("utm_source", "event", with_null=False),
    "utm_medium": WebDimension("utm_medium", "event", with_null=False),
    "utm_campaign": WebDimension("utm_campaign", "event", with_null=False),
    "utm_term": _of_events("utm_term", with_null=False),
    "utm_content": _of_events("utm_content", with_null=False),
    "page": _of_events("page_path", PAGE_EVENTS, with_null=False),
    "entry_page": WebDimension("entry_path", with_null=False),
    "exit_page": WebDimension("exit_path", with_null=False),
    "country": WebDimension("country", "event"),
    "region": _of_events("region", with_null=False),
    "city": _of_events("city", with_null=False),
    "browser": WebDimension("browser", "event"),
    "os": WebDimension("os_name", "event"),
    "device": WebDimension("device_type", "event"),
    "screen": WebDimension(
        "screen_width", "event", is_of_visits=False, with_null=False, group=screen_size
    ),
    "language": _of_events("language", with_null=False),
    "app_version": _of_events("app_version", with_null=False),
    "event": _of_events("event_name"),
}
"""By the name in the path of the API."""
