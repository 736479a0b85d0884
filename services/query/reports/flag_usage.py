"""How often code asked for each feature flag, and what it was answered, by events of SDKs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from sqlalchemy import func, select

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import QueryContext, open_query
from services.query.execution.read_session import limited_session
from services.query.execution.responses import QueryResponse
from services.query.parsing.events import EventQuery
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import parse_day_range
from services.query.sources.conditions import matches_query
from services.query.sources.event_columns import PERSON, event_text
from services.query.sources.experiment_exposures import EXPOSURE
from shared.models import Event, FeatureFlag
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


StaleReason = Literal["not_asked", "same_answer"]


@dataclass(frozen=True, slots=True)
class StaleFlag:
    """A flag, and why code can probably do without it."""

    key: str
    reason: Annotated[
        StaleReason,
        Doc(
            f"not_asked: no event said in {DAYS} days that code asked for it. same_answer: all "
            "events said the same value."
        ),
    ]
    value: Annotated[str | None, Doc("That all were answered; null: nobody asked.", example="true")]
    last_called_at: Annotated[Timestamp | None, Doc(f"Null: not within {DAYS} days.")]


@dataclass(frozen=True, slots=True)
class StaleFlagsResponse:
    """The stale flags of a project, by key."""

    items: list[StaleFlag]
    is_complete: Annotated[
        bool,
        Doc(
            "False: events name so many flags and values that the rarest were not read. No flag "
            "is listed then, as any may have been asked for, or have had another value."
        ),
    ]


def stale_flags(request: UntypedRequest) -> StaleFlagsResponse:
    """Return the flags of a project that were not asked for, or had one value for everybody.

    A flag that was created less than 30 days ago is not unused yet, and one that was changed since
    may have another value for others.

    Raises:
        Unprocessable: counting the events took too long.
        Unavailable: too many queries of the project are running.
    """
    # Only the counts are cached: a flag that was just changed is not stale.
    usage = FLAG_USAGE.answer(request)
    if usage["has_more"]:
        return StaleFlagsResponse([], is_complete=False)
    asked = {item["key"]: item for item in usage["items"]}
    with limited_session(request.project_id) as session:
        flags = session.execute(
            select(FeatureFlag.key, FeatureFlag.created_at, FeatureFlag.updated_at)
            .where(FeatureFlag.project_id == request.project_id)
            .order_by(FeatureFlag.key)
        ).all()
    before = request.now - timedelta(days=DAYS)
    found = [_stale(row, asked.get(row.key), before) for row in flags]
    return StaleFlagsResponse([one for one in found if one is not None], is_complete=True)


def _stale(flag: Any, asked: dict[str, Any] | None, before: datetime) -> StaleFlag | None:
    if asked is None:
        is_old = flag.created_at <= before
        return StaleFlag(flag.key, "not_asked", None, None) if is_old else None
    values = [one["value"] for one in asked["values"]]
    if len(values) > 1 or values[0] is None or flag.updated_at > before:
        return None
    return StaleFlag(flag.key, "same_answer", values[0], asked["last_called_at"])
