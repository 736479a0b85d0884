"""What a funnel asks for, and how far persons got in it."""

from __future__ import annotations

from dataclasses import dataclass

from services.query.parsing.breakdown import Breakdown
from services.query.parsing.events import EventQuery, EventSelector
from services.query.sources.copy_columns import Array, microseconds

ORDERS = ("ordered", "strict", "any")
MAX_STEPS = 20
ATTRIBUTIONS = ("first_touch", "last_touch", "step")
"""Which event of a person has the value that the breakdown counts the person under."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """An event that ends every attempt that is between two steps (counted from 0)."""

    selector: EventSelector
    after: int
    before: int


@dataclass(frozen=True, slots=True)
class FunnelPlan:
    """Which steps, in which order, within which time."""

    query: EventQuery
    steps: tuple[EventSelector, ...]
    window_us: int
    """Longest time from the first step to the last, inclusive; both are within the range."""
    order: str = "ordered"
    exclusions: tuple[Exclusion, ...] = ()
    breakdown: Breakdown | None = None
    attribution: str = "first_touch"
    attribution_step: int = 0
    """Counted from 0. Of the attribution ``step``."""
    with_durations: bool = True
    """Whether durations are wanted even where sealed days could answer, which do not have them."""

    @property
    def needs_only_persons(self) -> bool:
        """Whether the persons of each step, whenever they did it, are all that is needed.

        Steps that one event can match need the number of events of a person, which sealed days do
        not have.
        """
        length = microseconds(self.query.time_range.end) - microseconds(self.query.time_range.start)
        names = {selector.event for selector in self.steps}
        return (
            self.order == "any"
            and self.window_us >= length
            and not self.exclusions
            and self.breakdown is None
            and not self.with_durations
            and None not in names
            and len(names) == len(self.steps)
        )


@dataclass(frozen=True, slots=True)
class Reached:
    """By step: the persons (ascending) who reached it, and their shortest times in microseconds."""

    persons: list[Array]
    durations: list[Array]
