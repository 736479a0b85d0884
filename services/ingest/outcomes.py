"""What the edge says about the events of a request."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from shared.events.envelope import EdgeWarning, Event
from shared.events.outcomes import DropReason, WarningReason

_MOST_WARNINGS = 20

POLICY_REASONS = frozenset(
    {
        DropReason.SAMPLED_OUT,
        DropReason.BOT,
        DropReason.DO_NOT_TRACK,
        DropReason.NO_CONSENT,
    }
)
"""Reasons that are the project's wish and nobody's mistake."""


class Dropped(Exception):
    """Raised by a step that refuses the event; its neighbours go on."""

    def __init__(self, reason: DropReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


class Warnings:
    """What had to be changed or refused in one request, alike ones counted together."""

    __slots__ = ("_seen",)

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], EdgeWarning] = {}

    def add(self, reason: DropReason | WarningReason, event_name: str, detail: str) -> None:
        """Note one; beyond a bound only kinds that were noted before."""
        known = self._seen.get((reason.value, event_name))
        if known is not None:
            known.events += 1
        elif len(self._seen) < _MOST_WARNINGS:
            self._seen[reason.value, event_name] = EdgeWarning(reason.value, event_name, detail)

    def all(self) -> list[EdgeWarning]:
        """In the order they were first noted."""
        return list(self._seen.values())


@dataclass(slots=True)
class Intake:
    """The result of one request: what to hold, and what to tell the client, in order sent."""

    events: list[Event] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    drops: Counter[str] = field(default_factory=Counter)
    warnings: Warnings = field(default_factory=Warnings)

    def accept(self, event: Event, shown_id: str) -> None:
        """An event that will be held."""
        self.events.append(event)
        self.results.append({"event_id": shown_id, "status": "accepted"})

    def drop(self, fields: dict[str, Any] | None, dropped: Dropped) -> None:
        """An event that will not. ``fields``: as far as it was understood."""
        given = fields or {}
        shown_id = given.get("event_id")
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
                "event_id": str(shown_id) if isinstance(shown_id, str | int) else None,
                "status": "dropped",
                "reason": dropped.reason.value,
                "message": dropped.message,
            }
        )

    def dropped(self) -> list[dict[str, Any]]:
        """The results of the events that were not taken."""
        return [result for result in self.results if result["status"] == "dropped"]

    def refusal(self) -> str | None:
        """Why the client did something wrong with all it sent; None when it did not."""
        if self.events or any(result["reason"] in POLICY_REASONS for result in self.results):
            return None
        message: str = self.results[0]["message"]
        return message
