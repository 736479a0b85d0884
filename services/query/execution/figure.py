"""A figure of a report: the persons behind one number of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, TypedDict, TypeVar

from pyroaring import BitMap, FrozenBitMap

from services.query.execution.concurrency_limit import concurrency_limiter
from services.query.execution.context import ResultMeta
from services.query.execution.filter_checks import check_filters
from services.query.execution.responses import ResponseMeta
from services.query.execution.segments import with_segments
from services.query.parsing.errors import invalid_field
from services.query.parsing.insight_kind import FigureKind
from services.query.parsing.request import QueryRequest
from services.query.parsing.time_range import TimeRange
from shared.requests import Param

MAX_PERSONS = 200
Plan = TypeVar("Plan")


class PersonsPage(TypedDict):
    """The page of persons."""

    limit: Annotated[int, Param(default=50, minimum=1, maximum=MAX_PERSONS)]
    cursor: Annotated[str | None, Param("`next_cursor` of the previous page.", default=None)]


class RowOfBreakdown(TypedDict):
    """The row of a breakdown that the figure stands in."""

    value: Annotated[str | None, Param("The persons with this value.", default=None)]
    is_missing: Annotated[bool, Param("The persons without the property.", default=False)]
    is_other: Annotated[bool, Param("The persons with any other value.", default=False)]


PointDate = Annotated[
    str | None,
    Param("An interval, by its start as the insight states it. Null: the whole range.",
          default=None, maximum=40),
]  # fmt: skip
Row = tuple[str | None, bool]
"""The value, and whether it is all other values together, as in the response."""


@dataclass(frozen=True, slots=True)
class FoundPersons:
    """The persons behind a figure, and how they were found."""

    persons: BitMap | FrozenBitMap
    meta: ResponseMeta


@dataclass(frozen=True, slots=True)
class Figure(Generic[Plan]):
    """The figures of one kind of insight, of the web report, or of the live report."""

    kind: FigureKind
    request: type
    """A ``TypedDict``: the insight's request and the point."""
    parse: Callable[[QueryRequest[Any]], Plan]
    """Returns frozen dataclasses all the way down; see ``query_cache.cached``."""
    find: Callable[[Plan], FoundPersons]

    def persons(self, request: QueryRequest[Any]) -> FoundPersons:
        """Return the persons behind the figure that a request names.

        Raises:
            Unavailable: too many queries of the project are running.
            Unprocessable: names the invalid field.
        """
        plan = with_segments(request.project_id, self.parse(request))
        check_filters(request.project_id, plan)
        with concurrency_limiter().slot(request.project_id):
            return self.find(plan)


def parse_row(data: RowOfBreakdown, *, is_broken_down: bool) -> Row | None:
    """Parse the row of a breakdown; None: everybody.

    Raises:
        Unprocessable: several rows are named, or the query has no breakdown.
    """
    has_value = data["value"] is not None
    given = [has_value, data["is_missing"], data["is_other"]]
    if not any(given):
        return None
    if sum(given) > 1:
        raise invalid_field("value", "Use one of value, is_missing and is_other.")
    if not is_broken_down:
        raise invalid_field("breakdown", "A row needs a breakdown: name its property.")
    return data["value"], data["is_other"]


def find_interval(starts: list[datetime], date: str | None) -> int | None:
    """Return the index of the interval that starts at a date; None: no interval is named.

    Raises:
        Unprocessable: no interval of the range starts then.
    """
    if date is None:
        return None
    try:
        # The + of an offset is a space where a URL does not encode it.
        instant = datetime.fromisoformat(date.replace(" ", "+"))
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=starts[0].tzinfo)
        # Not by equality of local times: an hour may come twice.
        return [start.timestamp() for start in starts].index(instant.timestamp())
    except (ValueError, OverflowError) as error:
        raise invalid_field(
            "date", "Use the start of an interval, as the response of the insight has it."
        ) from error


def interval_range(starts: list[datetime], index: int | None, time_range: TimeRange) -> TimeRange:
    """Return the part of a range that is one of its intervals; None: all of it."""
    if index is None:
        return time_range
    start = max(starts[index], time_range.start, key=datetime.timestamp)
    end = starts[index + 1] if index + 1 < len(starts) else time_range.end
    return TimeRange(start, end, time_range.zone)


def found(meta: ResultMeta, persons: BitMap | FrozenBitMap) -> FoundPersons:
    """Return the persons with the metadata of the query that found them."""
    return FoundPersons(persons, meta.fields())
