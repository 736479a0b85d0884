"""Which events a query is about: of a project and a time range, by name and by filter."""

from __future__ import annotations

from dataclasses import dataclass, replace

from services.query.parsing.errors import invalid_field
from services.query.parsing.filters import NO_FILTER, Group, parse_filter, require_text
from services.query.parsing.time_range import TimeRange


@dataclass(frozen=True, slots=True)
class EventQuery:
    """The events of a project in a time range that pass a filter."""

    project_id: int
    time_range: TimeRange
    filters: Group = NO_FILTER
    weighted: bool = False
    """Whether a sampled event counts as the number of events that it stands for."""

    @property
    def is_filtered(self) -> bool:
        """Whether the filter can exclude an event."""
        return bool(self.filters.parts)

    def within(self, time_range: TimeRange) -> EventQuery:
        """Return the same query for another time range."""
        return replace(self, time_range=time_range)


@dataclass(frozen=True, slots=True)
class EventSelector:
    """Events of one name (None: any name) that pass a filter."""

    event: str | None
    filters: Group = NO_FILTER
    label: str = ""

    @property
    def is_filtered(self) -> bool:
        """Whether the filter can exclude an event of that name."""
        return bool(self.filters.parts)


ANY_SELECTOR = EventSelector(None, label="Any event")


def parse_event_selector(raw: object, field: str) -> EventSelector:
    """Parse ``{"event": name, "filters"?, "label"?}``, or a bare event name.

    Raises:
        Unprocessable: names the invalid field.
    """
    if isinstance(raw, str):
        raw = {"event": raw}
    if not isinstance(raw, dict):
        raise invalid_field(field, "Use an object with event and, optionally, filters and label.")
    unknown = set(raw) - {"event", "filters", "label"}
    if unknown:
        raise invalid_field(
            f"{field}.{min(map(str, unknown))}", "Unknown field. Use event, filters or label."
        )
    event, label = raw.get("event"), raw.get("label", "")
    if event is not None and (not isinstance(event, str) or not 0 < len(event) <= 100):
        raise invalid_field(
            f"{field}.event", "Name an event, in at most 100 characters; null is any event."
        )
    if not isinstance(label, str) or len(label) > 200:
        raise invalid_field(f"{field}.label", "Use a text of at most 200 characters.")
    if event is not None:
        require_text(event, f"{field}.event")
    filters = parse_filter(raw.get("filters"), f"{field}.filters")
    return EventSelector(event, filters, label or event or ANY_SELECTOR.label)
