"""A question sent over HTTP, the answer it ought to get, and how the two are compared."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.processor.sessions.joining import BOUNDARY_EVENTS
from shared.events.dimensions import PAGE_EVENTS
from shared.events.local_days import midnight
from tests.support.insights import Sample

Compare = Callable[[Any], tuple[Any, Any]]
"""From an answer: what it says of interest, and what it ought to say."""


@dataclass(frozen=True)
class Question:
    """One call of the query service."""

    title: str
    path: str
    """Below ``/api/``; ``{id}`` stands for the project."""
    compare: Compare
    body: dict[str, Any] | None = None
    """None: GET with ``parameters``."""
    parameters: dict[str, Any] | None = None
    within: float = 0.0
    """How far figures may be off, as answers of seconds have three decimals."""


@dataclass(frozen=True)
class Days:
    """A range of whole local days, both included."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def fields(self) -> dict[str, str]:
        """Return the range as a request names it."""
        return {"from": self.first.isoformat(), "to": self.last.isoformat()}

    @property
    def dates(self) -> list[date]:
        """Return every day."""
        return [self.first + timedelta(n) for n in range((self.last - self.first).days + 1)]

    @property
    def start(self) -> datetime:
        """Return the first instant."""
        return midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """Return the first instant after the range."""
        return midnight(self.last + timedelta(1), self.zone)

    def day_of(self, row: Sample) -> date:
        """Return the local day of an event."""
        return row.at.astimezone(self.zone).date()

    def inside(self, rows: list[Sample]) -> list[Sample]:
        """Return the events of the range."""
        return [row for row in rows if self.start <= row.at < self.end]


@dataclass(frozen=True)
class Visit:
    """One session: its events in order of time, without those of the system."""

    rows: list[Sample]

    @property
    def person(self) -> int:
        """Return the person of the first event."""
        return self.rows[0].person

    @property
    def seconds(self) -> float:
        """Return the time from the first event to the last."""
        return (self.rows[-1].at - self.rows[0].at).total_seconds()

    @property
    def events(self) -> int:
        """Return the number of events that do not only mark its ends."""
        return sum(row.name not in BOUNDARY_EVENTS for row in self.rows)

    @property
    def views(self) -> list[Sample]:
        """Return the page views."""
        return [row for row in self.rows if row.name in PAGE_EVENTS]

    def page(self, index: int) -> str | None:
        """Return the page of the first (0) or the last (-1) page view."""
        return self.views[index].page if self.views else None


def visits_of(rows: list[Sample]) -> list[Visit]:
    """Return the sessions of all events of a project, in order of their starts."""
    found: dict[str, list[Sample]] = {}
    for row in sorted(rows, key=lambda row: row.at):
        if row.session is not None:
            found.setdefault(row.session, []).append(row)
    return [Visit(own) for own in found.values()]


def is_same(found: Any, expected: Any, within: float = 0.0) -> bool:
    """Return whether two answers are equal; numbers as they are rounded, or ``within`` so much."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return found.keys() == expected.keys() and all(
            is_same(found[key], value, within) for key, value in expected.items()
        )
    if isinstance(expected, list | tuple) and isinstance(found, list | tuple):
        return len(found) == len(expected) and all(
            is_same(one, other, within) for one, other in zip(found, expected, strict=True)
        )
    if isinstance(expected, bool) or isinstance(found, bool):
        return found is expected
    if isinstance(expected, int | float) and isinstance(found, int | float):
        return math.isclose(found, expected, rel_tol=1e-9, abs_tol=max(within, 2e-6))
    return bool(found == expected)


def only_different(found: Any, expected: Any, within: float) -> tuple[Any, Any]:
    """Return the parts of two answers that differ, to be shown."""
    if isinstance(found, dict) and isinstance(expected, dict):
        names = [
            name
            for name in {**found, **expected}
            if name not in found
            or name not in expected
            or not is_same(found[name], expected[name], within)
        ]
        return {name: found.get(name) for name in names}, {
            name: expected.get(name) for name in names
        }
    if isinstance(found, list | tuple) and isinstance(expected, list | tuple):
        pairs = [
            only_different(one, other, within)
            for one, other in zip(found, expected, strict=False)
            if not is_same(one, other, within)
        ]
        if pairs:
            return [one for one, _ in pairs], [other for _, other in pairs]
    return found, expected
