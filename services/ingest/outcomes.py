"""Outcomes of a request's events: accepted, or dropped with a reason; and warnings."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from shared.events.envelope import EdgeWarning, Event
from shared.events.outcomes import POLICY_REASONS, DropReason, WarningReason

_MAX_WARNINGS = 20


class Dropped(Exception):
    """Raised by a step to drop the event; the other events of the request go on."""

    def __init__(self, reason: DropReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


class Warnings:
    """Repairs and drops of one request, counted by reason and event name."""

    __slots__ = ("_seen",)

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], EdgeWarning] = {}

    def add(self, reason: DropReason | WarningReason, event_name: str, detail: str) -> None:
        """Record a warning; after 20 different ones only repeats of known ones are counted."""
        known = self._seen.get((reason.value, event_name))
        if known is not None:
            known.events += 1
        elif len(self._seen) < _MAX_WARNINGS:
            self._seen[reason.value, event_name] = EdgeWarning(reason.value, event_name, detail)

    def all(self) -> list[EdgeWarning]:
        """Return all warnings in the order they were first recorded."""
        return list(self._seen.values())


@dataclass(slots=True)
class EventOutcomes:
    """Outcome of each event of a request in the order sent, and the events to hold."""

    events: list[Event] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    drops: Counter[str] = field(default_factory=Counter)
    warnings: Warnings = field(default_factory=Warnings)

    def accept(self, event: Event, id_for_response: str, warning: str | None = None) -> None:
        """Record an accepted event; ``warning`` says which of its fields are unknown."""
        self.events.append(event)
        result = {"event_id": id_for_response, "status": "accepted"}
        if warning is not None:
            self.warnings.add(WarningReason.UNKNOWN_FIELD, event.event_name, warning)
            result["warning"] = warning
        self.results.append(result)

    def drop(self, fields: dict[str, Any] | None, dropped: Dropped) -> None:
        """Record a dropped event; ``fields`` holds what could be read of it."""
        given = fields or {}
        id_for_response = given.get("event_id")
        name = given.get("event_name")
        self.drops[dropped.reason.value] += 1
        if dropped.reason not in POLICY_REASONS:
            self.warnings.add(
                dropped.reason,
                name.replace("\x00", "")[:100] if isinstance(name, str) else "",
                dropped.message,
            )
        self.results.append(
            {
                "event_id": str(id_for_response)
                if isinstance(id_for_response, str | int)
                else None,
                "status": "dropped",
                "reason": dropped.reason.value,
                "message": dropped.message,
            }
        )

    def dropped(self) -> list[dict[str, Any]]:
        """Return the results of the dropped events."""
        return [result for result in self.results if result["status"] == "dropped"]

    def refusal(self) -> str | None:
        """Return the first error message if every event was invalid, else None."""
        if self.events or any(result["reason"] in POLICY_REASONS for result in self.results):
            return None
        message: str = self.results[0]["message"]
        return message
