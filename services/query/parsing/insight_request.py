"""What the requests for insights have in common."""

from __future__ import annotations

from typing import Annotated, TypedDict

from services.query.parsing.time_range import INTERVALS, PERIODS
from shared.requests import Param

MAX_SERIES = 10
EVENT_SELECTOR = 'An event name, or {"event", "filters"?, "label"?}; event null: any event.'
PropertyName = Annotated[str, Param(minimum=1, maximum=200)]
AnyEvent = Annotated[object, Param(EVENT_SELECTOR, default=None)]
"""An event selector; null: any event."""
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

    filters: Annotated[
        object,
        Param('For example {"and": [{"property": "country", "value": ["CA"]}]}.', default=None),
    ]
    weighted: Annotated[
        bool, Param("Count sampled events as the events that they stand for.", default=False)
    ]


class IntervalRequest(InsightRequest):
    """The range, the filters and the interval."""

    interval: Annotated[str | None, Param(default=None, choices=INTERVALS)]
