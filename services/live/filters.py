"""Which events a reader gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from shared.errors import Unprocessable
from shared.events.live import LiveEvent

_PROPERTY = "property."
_MAX_VALUES = 50
_MAX_PROPERTIES = 10
"""More conditions of properties than that would cost the other readers time."""


class DecodedProperties:
    """The properties of the events of one tick, each decoded once for all filters."""

    def __init__(self) -> None:
        self._of_event: dict[int, dict[str, Any]] = {}

    def of(self, event: LiveEvent) -> dict[str, Any]:
        """Return the properties of an event, which must stay alive as long as this."""
        found = self._of_event.get(id(event))
        if found is None:
            found = self._of_event[id(event)] = msgspec.json.decode(event.json)["properties"]
        return found


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Conditions that all have to hold; of several values of one field, any."""

    event_names: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    person_ids: frozenset[int] = frozenset()
    distinct_ids: frozenset[str] = frozenset()
    properties: frozenset[tuple[str, str]] = frozenset()
    """Names and values; a number as JSON writes it, `true`, `false` or `null`."""

    def passes(self, event: LiveEvent, decoded: DecodedProperties) -> bool:
        """Return whether a reader with this filter gets the event."""
        return (
            (not self.event_names or event.event_name in self.event_names)
            and (not self.sources or event.source in self.sources)
            and (not self.person_ids or event.person_id in self.person_ids)
            and (not self.distinct_ids or event.distinct_id in self.distinct_ids)
            and (not self.properties or self._fits(decoded.of(event)))
        )

    def _fits(self, properties: Mapping[str, Any]) -> bool:
        return all(
            name in properties and _text(properties[name]) == value
            for name, value in self.properties
        )


EVERYTHING = EventFilter()


def parse_filter(parameters: Sequence[tuple[str, str]]) -> EventFilter:
    """Parse a filter of query parameters: ``event_name``, ``source``, ``person_id``,
    ``distinct_id``, ``property.NAME``. Others are not looked at.

    Raises:
        Unprocessable: names the invalid parameter.
    """  # noqa: D205
    if len(parameters) > _MAX_VALUES:
        raise Unprocessable(f"There are more than {_MAX_VALUES} parameters. Send fewer.")
    values: Mapping[str, frozenset[str]] = {
        name: frozenset(value for key, value in parameters if key == name)
        for name in ("event_name", "source", "person_id", "distinct_id")
    }
    try:
        person_ids = frozenset(map(int, values["person_id"]))
    except ValueError as error:
        raise Unprocessable(
            "The field person_id is invalid. Send the number of a person.",
            errors={"person_id": ["Is not a number."]},
        ) from error
    properties = frozenset(
        (key.removeprefix(_PROPERTY), value)
        for key, value in parameters
        if key.startswith(_PROPERTY)
    )
    if len(properties) > _MAX_PROPERTIES:
        raise Unprocessable(
            f"There are more than {_MAX_PROPERTIES} conditions of properties. Send fewer."
        )
    return EventFilter(
        values["event_name"], values["source"], person_ids, values["distinct_id"], properties
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
