"""The fields that the responses of all queries share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, TypedDict

import msgspec

from services.query.parsing.time_range import INTERVALS
from shared.responses import Doc, Timestamp

Source = Literal["rollup", "sealed", "raw", "mixed"]
IntervalName = Annotated[str, Doc(choices=INTERVALS)]
Share = Annotated[float, Doc("From 0 to 1.")]
PropertyValue = Annotated[
    str | None,
    Doc("The value of the property. Null: without the property, or all other values together."),
]
IsOther = Annotated[
    bool, Doc("Whether these are all values beyond the most frequent ones, together.")
]


@dataclass(frozen=True, slots=True)
class ExpiredPart:
    """A part of a range whose events retention has removed."""

    from_: Timestamp
    to: Timestamp


ExpiredParts = Annotated[
    list[ExpiredPart] | msgspec.UnsetType,
    Doc(
        "Times whose events retention has removed, so that the list lacks them. Only if there are "
        "any."
    ),
]
"""Of a list of stored rows, which says nothing else of its range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryResponse:
    """The range, the time zone, the duration and the source of a query's response."""

    from_: Annotated[Timestamp, Doc("Start of the range.")]
    to: Annotated[Timestamp, Doc("End of the range, which is not part of it.")]
    timezone: Annotated[str, Doc("IANA name of the project's time zone.")]
    took_ms: Annotated[float, Doc("Milliseconds that answering took.")]
    as_of: Annotated[Timestamp, Doc("The answer has every event that was stored by this time.")]
    source: Annotated[
        Source, Doc("Read from quarter-hour counts, sealed days, raw rows, or several of them.")
    ]
    sealed_days: Annotated[int, Doc("Days of the range that were read as sealed.")]
    expired: Annotated[
        list[ExpiredPart] | msgspec.UnsetType,
        Doc(
            "What this answer lacks: it needs events of this time, and retention has removed them. "
            "Only if there is such a time. It may begin before the range where earlier events "
            "decide."
        ),
    ] = msgspec.UNSET
    partial: Annotated[
        list[int] | msgspec.UnsetType,
        Doc("Indexes of the intervals that the range has only a part of. Only if there are any."),
    ] = msgspec.UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class InsightResponse(QueryResponse):
    """A query's response that states whether it was cached."""

    cached: Annotated[bool, Doc("Whether the response was cached.")] = False


class ResponseMeta(TypedDict):
    """The fields of ``QueryResponse``."""

    from_: str
    to: str
    timezone: str
    took_ms: float
    as_of: str
    source: Source
    sealed_days: int
    expired: list[ExpiredPart] | msgspec.UnsetType
    partial: list[int] | msgspec.UnsetType
