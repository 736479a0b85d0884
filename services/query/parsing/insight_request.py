"""What the requests for insights have in common."""

from __future__ import annotations

from typing import Annotated, TypedDict

from services.query.parsing.time_range import INTERVALS, PERIODS
from shared.requests import Param

MAX_SERIES = 10
MAX_PROJECTS = 20
"""That one question may be asked of."""
COMBINE_PROJECTS = ("sum", "lines")
"""What is shown of several projects: their sum, or a line for each."""
PropertyName = Annotated[str, Param(minimum=1, maximum=200)]
Filters = Annotated[object, Param(default=None, schema="Filter")]
"""What ``parse_filter`` takes."""
Selector = Annotated[object, Param(schema="EventSelector")]
"""What ``parse_event_selector`` takes."""
AnyEvent = Annotated[object, Param("Null: any event.", default=None, schema="EventSelector")]
"""What ``parse_event_selector`` takes, or null."""
EventName = Annotated[str | None, Param(default=None, minimum=1, maximum=100)]
"""The name of an event; null: any event."""


class RangeParameters(TypedDict):
    """The time range: a named period, or from and to."""

    period: Annotated[str | None, Param("Default: 7d.", default=None, choices=PERIODS)]
    start: Annotated[
        str | None,
        Param(
            "ISO 8601 date in the project's time zone, or time with offset.",
            default=None,
            json_name="from",
        ),
    ]
    end: Annotated[
        str | None,
        Param(
            "ISO 8601 date (included), or time with offset (not included).",
            default=None,
            json_name="to",
        ),
    ]


class InsightRequest(RangeParameters):
    """The range and the filters that every insight takes."""

    filters: Filters
    weighted: Annotated[
        bool, Param("Count sampled events as the events that they stand for.", default=False)
    ]


class IntervalRequest(InsightRequest):
    """The range, the filters and the interval."""

    interval: Annotated[str | None, Param(default=None, choices=INTERVALS)]
