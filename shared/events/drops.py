"""What normalising an event can end in: a drop with its reason, and warnings about repairs."""

from __future__ import annotations

from shared.events.envelope import CrawlerEvent, EdgeWarning
from shared.events.outcomes import DropReason, WarningReason

_MAX_WARNINGS = 20


class Dropped(Exception):
    """Raised by a step to drop the event; the other events of the request go on."""

    def __init__(
        self, reason: DropReason, message: str, crawler: CrawlerEvent | None = None
    ) -> None:
        super().__init__(message)
        self.crawler = crawler
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
