"""What can become of an event at the edge: the closed set of reasons, and the answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from shared.envelope import Event


class DropReason(StrEnum):
    """Why an event was not taken. Clients and dashboards rely on these words."""

    NOT_AN_OBJECT = "not_an_object"
    MISSING_NAME = "missing_name"
    INVALID_NAME = "invalid_name"
    INVALID_FIELD = "invalid_field"
    INVALID_PROPERTIES = "invalid_properties"
    PROPERTIES_TOO_LARGE = "properties_too_large"
    INVALID_TIMESTAMP = "invalid_timestamp"
    TOO_OLD = "too_old"
    SOURCE_NOT_ALLOWED = "source_not_allowed"


class Dropped(Exception):
    """Raised by a step that refuses the event; its neighbours go on."""

    def __init__(self, reason: DropReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


@dataclass(slots=True)
class Intake:
    """The result of one request: what to hold, and what to tell the client, in order sent."""

    events: list[Event] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)

    def accept(self, event: Event, shown_id: str) -> None:
        """An event that will be held."""
        self.events.append(event)
        self.results.append({"event_id": shown_id, "status": "accepted"})

    def drop(self, shown_id: str | None, dropped: Dropped) -> None:
        """An event that will not."""
        self.results.append(
            {
                "event_id": shown_id,
                "status": "dropped",
                "reason": dropped.reason.value,
                "message": dropped.message,
            }
        )
