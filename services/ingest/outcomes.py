"""Outcomes of a request's events: accepted, or dropped with a reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from services.ingest.bots import Crawler
from shared.events.drops import Dropped, Warnings
from shared.events.envelope import CrawlerEvent, Event
from shared.events.outcomes import POLICY_REASONS, WarningReason


@dataclass(slots=True)
class EventOutcomes:
    """Outcome of each event of a request in the order sent, and the events to hold."""

    events: list[Event] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    drops: Counter[str] = field(default_factory=Counter)
    warnings: Warnings = field(default_factory=Warnings)
    crawlers: list[CrawlerEvent] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        """Return how many events are to be stored, those of crawlers included."""
        return len(self.events) + sum(one.event is not None for one in self.crawlers)

    def accept(
        self,
        event: Event,
        id_for_response: str,
        warning: str | None = None,
        crawler: Crawler | None = None,
    ) -> None:
        """Record an accepted event.

        Args:
            event: the event to hold.
            id_for_response: as the client knows the event.
            warning: says which of its fields are unknown.
            crawler: what sent the event; it is held apart from people's.
        """
        if crawler is None:
            self.events.append(event)
        else:
            self.crawlers.append(CrawlerEvent(crawler.crawler_class, crawler.operator, event))
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
        if dropped.crawler is not None:
            self.crawlers.append(dropped.crawler)
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
        if self.accepted or any(result["reason"] in POLICY_REASONS for result in self.results):
            return None
        message: str = self.results[0]["message"]
        return message
