"""The parts that questions are made of: events picked by name and filter, breakdowns, intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, case, func, literal, select, true
from sqlalchemy.orm import Session

from services.query.parsing.filters import NO_FILTER, Group, parse_filter, require_text, wrong
from services.query.parsing.time_range import Range
from services.query.sources.conditions import event_text, where
from services.query.sources.postgres import interval_number, place_among
from shared.models import Event

OTHER = "Other"
NONE = "(none)"
MOST_BREAKDOWN_VALUES = 100


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose events, of which time, and which of them at all."""

    project_id: int
    span: Range
    filters: Group = NO_FILTER
    weighted: bool = False
    """Whether an event counts as the events that it stands for after sampling."""

    def within(self, span: Range) -> Scope:
        """The same question of another time."""
        return Scope(self.project_id, span, self.filters, self.weighted)

    def conditions(self) -> list[ColumnElement[bool]]:
        """The rows of ``events`` that are in question."""
        return [
            Event.project_id == self.project_id,
            Event.timestamp >= self.span.start,
            Event.timestamp < self.span.end,
            *([where(self.filters, self.project_id, self.span)] if self.filters.parts else []),
        ]

    def test(self, pick: Pick) -> ColumnElement[bool]:
        """Whether a row is one of the picked events."""
        parts = [Event.event_name == pick.event] if pick.event is not None else []
        if pick.filters.parts:
            parts.append(where(pick.filters, self.project_id, self.span))
        return and_(*parts) if parts else true()


@dataclass(frozen=True, slots=True)
class Pick:
    """Events of one name (None: any) that pass a filter."""

    event: str | None
    filters: Group = NO_FILTER
    label: str = ""


def parse_pick(raw: object, field: str) -> Pick:
    """``{"event": name, "filters": …, "label"?}``, or only a name.

    Raises:
        Unprocessable: names the part that is wrong.
    """
    if isinstance(raw, str):
        raw = {"event": raw}
    if not isinstance(raw, dict):
        raise wrong(field, "Use an object with event and, if you like, filters and label.")
    unknown = set(raw) - {"event", "filters", "label"}
    if unknown:
        raise wrong(f"{field}.{min(map(str, unknown))}", "Unknown field.")
    event, label = raw.get("event"), raw.get("label", "")
    if event is not None and (not isinstance(event, str) or not 0 < len(event) <= 100):
        raise wrong(f"{field}.event", "Name an event, in at most 100 characters; null is any.")
    if not isinstance(label, str) or len(label) > 200:
        raise wrong(f"{field}.label", "Use a text of at most 200 characters.")
    if event is not None:
        require_text(event, f"{field}.event")
    filters = parse_filter(raw.get("filters"), f"{field}.filters")
    return Pick(event, filters, label or event or "Any event")


@dataclass(frozen=True, slots=True)
class Split:
    """A breakdown: by the most frequent values of a property; the rest together."""

    property: str
    limit: int = 10


def parse_split(raw: Mapping[str, Any] | None) -> Split | None:
    """``{"property", "limit"?}``."""
    return None if raw is None else Split(raw["property"], raw["limit"])


@dataclass(frozen=True, slots=True)
class Values:
    """The values of a breakdown, numbered: 0 is the rest, 1 … are ``labels[1:]``."""

    split: Split
    values: tuple[str | None, ...]

    @property
    def labels(self) -> list[str]:
        """A label by number."""
        return [OTHER, *(NONE if value is None else value for value in self.values)]

    def code(self) -> ColumnElement[Any]:
        """The number of a row's value; null values have a number only if they are frequent."""
        text = event_text(self.split.property)
        known = [value for value in self.values if value is not None]
        rank = {value: place for place, value in enumerate(self.values, 1)}
        # Places among the known values; those behind "none" move up by one.
        code: Any = func.coalesce(place_among(text, known), 0, type_=Integer())
        if None in rank:
            code = case((text.is_(None), rank[None]), (code >= rank[None], code + 1), else_=code)
        return code if known else case((text.is_(None), rank.get(None, 0)), else_=0)


def frequent_values(
    session: Session, scope: Scope, split: Split, tests: Sequence[ColumnElement[bool]] = ()
) -> Values:
    """The most frequent values among the rows in question; ties in order of the value."""
    text = event_text(split.property)
    label = text.label("value")
    rows = session.execute(
        select(label)
        .where(*scope.conditions(), *tests)
        .group_by(label)
        .order_by(func.count().desc(), label)
        .limit(split.limit)
    )
    return Values(split, tuple(row[0] for row in rows))


def bucket_number(starts: Sequence[datetime], moment: Any = None) -> ColumnElement[int]:
    """The number, from 0, of the interval that a row (or another moment) falls in.

    By searching the very starts that are answered, so that days of 23 and 25 hours, and zones off
    by half an hour, are exactly as Python has them.
    """
    if len(starts) == 1:
        return literal(0, Integer())
    return interval_number(Event.timestamp if moment is None else moment, starts)
