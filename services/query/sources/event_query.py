"""The parts that questions are made of: events picked by name and filter, breakdowns, intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, case, func, literal, select, true
from sqlalchemy.orm import Session

from services.query.parsing.filters import (
    NO_FILTER,
    Group,
    invalid_field,
    parse_filter,
    require_text,
)
from services.query.parsing.time_range import TimeRange
from services.query.sources.conditions import event_text, filter_condition
from services.query.sources.postgres import array_position, bucket_index
from shared.models import Event

OTHER = "Other"
NONE = "(none)"
MAX_BREAKDOWN_VALUES = 100


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Whose events, of which time, and which of them at all."""

    project_id: int
    time_range: TimeRange
    filters: Group = NO_FILTER
    weighted: bool = False
    """Whether an event counts as the events that it stands for after sampling."""

    def within(self, time_range: TimeRange) -> EventQuery:
        """The same question of another time."""
        return EventQuery(self.project_id, time_range, self.filters, self.weighted)

    def conditions(self) -> list[ColumnElement[bool]]:
        """The rows of ``events`` that are in question."""
        return [
            Event.project_id == self.project_id,
            Event.timestamp >= self.time_range.start,
            Event.timestamp < self.time_range.end,
            *(
                [filter_condition(self.filters, self.project_id, self.time_range)]
                if self.filters.parts
                else []
            ),
        ]

    def test(self, selector: EventSelector) -> ColumnElement[bool]:
        """Whether a row is one of the picked events."""
        parts = [Event.event_name == selector.event] if selector.event is not None else []
        if selector.filters.parts:
            parts.append(filter_condition(selector.filters, self.project_id, self.time_range))
        return and_(*parts) if parts else true()


@dataclass(frozen=True, slots=True)
class EventSelector:
    """Events of one name (None: any) that pass a filter."""

    event: str | None
    filters: Group = NO_FILTER
    label: str = ""


def parse_event_selector(raw: object, field: str) -> EventSelector:
    """``{"event": name, "filters": …, "label"?}``, or only a name.

    Raises:
        Unprocessable: names the part that is wrong.
    """
    if isinstance(raw, str):
        raw = {"event": raw}
    if not isinstance(raw, dict):
        raise invalid_field(field, "Use an object with event and, if you like, filters and label.")
    unknown = set(raw) - {"event", "filters", "label"}
    if unknown:
        raise invalid_field(f"{field}.{min(map(str, unknown))}", "Unknown field.")
    event, label = raw.get("event"), raw.get("label", "")
    if event is not None and (not isinstance(event, str) or not 0 < len(event) <= 100):
        raise invalid_field(
            f"{field}.event", "Name an event, in at most 100 characters; null is any."
        )
    if not isinstance(label, str) or len(label) > 200:
        raise invalid_field(f"{field}.label", "Use a text of at most 200 characters.")
    if event is not None:
        require_text(event, f"{field}.event")
    filters = parse_filter(raw.get("filters"), f"{field}.filters")
    return EventSelector(event, filters, label or event or "Any event")


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A breakdown: by the most frequent values of a property; the rest together."""

    property: str
    limit: int = 10


def parse_breakdown(raw: Mapping[str, Any] | None) -> Breakdown | None:
    """``{"property", "limit"?}``."""
    return None if raw is None else Breakdown(raw["property"], raw["limit"])


@dataclass(frozen=True, slots=True)
class BreakdownValues:
    """The values of a breakdown, numbered: 0 is the rest, 1 … are ``labels[1:]``."""

    breakdown: Breakdown
    values: tuple[str | None, ...]

    @property
    def labels(self) -> list[str]:
        """A label by number."""
        return [OTHER, *(NONE if value is None else value for value in self.values)]

    def code(self) -> ColumnElement[Any]:
        """The number of a row's value; null values have a number only if they are frequent."""
        text = event_text(self.breakdown.property)
        known = [value for value in self.values if value is not None]
        rank = {value: index for index, value in enumerate(self.values, 1)}
        # Places among the known values; those behind "none" move up by one.
        code: Any = func.coalesce(array_position(text, known), 0, type_=Integer())
        if None in rank:
            code = case((text.is_(None), rank[None]), (code >= rank[None], code + 1), else_=code)
        return code if known else case((text.is_(None), rank.get(None, 0)), else_=0)


def top_values(
    session: Session,
    query: EventQuery,
    breakdown: Breakdown,
    tests: Sequence[ColumnElement[bool]] = (),
) -> BreakdownValues:
    """The most frequent values among the rows in question; ties in order of the value."""
    text = event_text(breakdown.property)
    label = text.label("value")
    rows = session.execute(
        select(label)
        .where(*query.conditions(), *tests)
        .group_by(label)
        .order_by(func.count().desc(), label)
        .limit(breakdown.limit)
    )
    return BreakdownValues(breakdown, tuple(row[0] for row in rows))


def interval_index(starts: Sequence[datetime], moment: Any = None) -> ColumnElement[int]:
    """The number, from 0, of the interval that a row (or another moment) falls in.

    By searching the very starts that are answered, so that days of 23 and 25 hours, and zones off
    by half an hour, are exactly as Python has them.
    """
    if len(starts) == 1:
        return literal(0, Integer())
    return bucket_index(Event.timestamp if moment is None else moment, starts)
