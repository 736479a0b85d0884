"""How often code asked for each feature flag, and what it was answered, by events of SDKs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from sqlalchemy import func, select

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import QueryContext, open_query
from services.query.execution.responses import QueryResponse
from services.query.parsing.events import EventQuery
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import parse_day_range
from services.query.sources.conditions import matches_query
from services.query.sources.event_columns import PERSON, event_text
from services.query.sources.experiment_exposures import EXPOSURE
from shared.models import Event
from shared.responses import Doc, Timestamp

DAYS = 30
_FLAG, _ANSWER = "$feature_flag", "$feature_flag_response"
_MAX_ROWS = 5_000
"""Pairs of a flag and a value: a project has at most 500 flags with 50 variants, but a client can
send any names."""


@dataclass(frozen=True, slots=True)
class FlagAnswerCount:
    """A value that code was answered."""

    value: Annotated[
        str | None, Doc("true, false or a variant. Null: the SDK had no answer.", example="test")
    ]
    calls: Annotated[int, Doc("Events. SDKs send one for each person, flag and value at a time.")]
    persons: int


@dataclass(frozen=True, slots=True)
class FlagUsage:
    """A flag that code asked for."""

    key: Annotated[str, Doc("As code asked for it; the flag may not exist.")]
    calls: int
    last_called_at: Timestamp
    values: Annotated[list[FlagAnswerCount], Doc("Most frequent first.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagUsageResponse(QueryResponse):
    """The flags that code asked for in the last 30 days, by key."""

    items: list[FlagUsage]
    has_more: Annotated[bool, Doc(f"Whether the rarest are left out: beyond {_MAX_ROWS:,} values.")]


def parse_flag_usage(request: UntypedRequest) -> EventQuery:
    """Return the query for the last 30 days of a project."""
    days = parse_day_range(request.timezone, request.now, None, None, DAYS)
    return EventQuery(request.project_id, days)


def run_flag_usage(query: EventQuery) -> FlagUsageResponse:
    """Count the exposures of each flag by value."""
    with open_query(query) as context:
        rows = _count(context)
    return FlagUsageResponse(
        **context.meta.fields(), items=_by_flag(rows[:_MAX_ROWS]), has_more=len(rows) > _MAX_ROWS
    )


FLAG_USAGE = CachedQuery("flag usage", parse_flag_usage, run_flag_usage, FlagUsageResponse)


def _count(context: QueryContext) -> list[Any]:
    context.note_raw_rows()
    key, value = event_text(_FLAG).label("key"), event_text(_ANSWER).label("value")
    statement = (
        select(
            key,
            value,
            func.count().label("calls"),
            func.count(PERSON.distinct()).label("persons"),
            func.max(Event.timestamp).label("last"),
        )
        .where(*matches_query(context.query), Event.event_name == EXPOSURE, key.is_not(None))
        .group_by(key, value)
        .order_by(func.count().desc(), key, value)
        .limit(_MAX_ROWS + 1)
    )
    return list(context.session.execute(statement))


def _by_flag(rows: Iterable[Any]) -> list[FlagUsage]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.key, []).append(row)
    return [
        FlagUsage(
            key,
            sum(row.calls for row in of_flag),
            max(row.last for row in of_flag).isoformat(),
            [FlagAnswerCount(row.value, row.calls, row.persons) for row in of_flag],
        )
        for key, of_flag in sorted(found.items())
    ]
