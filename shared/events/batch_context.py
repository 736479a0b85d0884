"""What the events of a request, or the rows of an import, have in common while normalised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from shared.events.drops import Warnings


@dataclass(slots=True)
class BatchContext:
    """Values that all events of a request share."""

    received_at_us: int
    oldest_us: int
    """Events before this time are dropped: they are older than the deduplication window."""
    clock_offset_us: int
    """Added to the client's times; 0 unless its clock is wrong."""
    visitor_id: Callable[[], str]
    """Returns the distinct id for events without one."""
    warnings: Warnings = field(default_factory=Warnings)
    retained_since_us: int = 0
    """Events before this time are dropped: the project does not keep events so old."""
    sent_at_us: int | None = None
    """When the request was sent, by the corrected clock; None when the client did not say."""
