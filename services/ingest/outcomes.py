"""What the edge says about the events of a request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from shared.envelope import Event
from shared.outcomes import DropReason


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
