"""How often code asked for each feature flag, and what it was answered.

Events of SDKs say it, and the flags service counts what it evaluates.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import func, select

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import QueryContext, open_query
from services.query.execution.query_cache import Content
from services.query.execution.read_session import limited_session
from services.query.execution.responses import QueryResponse
from services.query.parsing.events import EventQuery
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import parse_day_range
from services.query.sources.conditions import matches_query
from services.query.sources.event_columns import PERSON, event_text
from services.query.sources.experiment_exposures import EXPOSURE
from services.query.sources.flag_evaluations import FlagEvaluations, read_evaluations
from shared.flags.evaluation_counts import Request
from shared.models import Event
from shared.responses import Doc, Timestamp, to_json

DAYS = 30
_FLAG, _ANSWER = "$feature_flag", "$feature_flag_response"
EVALUATED: tuple[Request, ...] = ("used", "loaded")
"""The kinds of requests whose answer has the value of a flag."""
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


@dataclass(frozen=True, slots=True)
class EvaluatedValue:
    """A value that the flags service answered."""

    value: Annotated[
        str,
        Doc(
            "true, false or a variant; *: further values of a project with too many.",
            example="test",
        ),
    ]
    evaluations: int


@dataclass(frozen=True, slots=True)
class EvaluatedFlag:
    """A flag that the flags service evaluated."""

    key: str
    evaluations: Annotated[
        int, Doc("For SDKs and apps that ask the server. Every request counts, unlike calls.")
    ]
    used: Annotated[
        int,
        Doc(
            "Of these: requests that name the flag, and requests for all flags over OFREP and "
            "for_user, whose clients send no event when code asks for a flag."
        ),
    ]
    last_evaluated_at: Annotated[
        Timestamp, Doc("The start of the hour, UTC; of the day, if that is before yesterday.")
    ]
    values: Annotated[list[EvaluatedValue], Doc("Most frequent first.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagCallsResponse(QueryResponse):
    """The flags that code asked for in the last 30 days, by key, as events of SDKs say."""

    items: list[FlagUsage]
    has_more: Annotated[bool, Doc(f"Whether the rarest are left out: beyond {_MAX_ROWS:,} values.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagUsageResponse(FlagCallsResponse):
    """The flags that code asked for in the last 30 days, by key."""

    evaluated: Annotated[
        list[EvaluatedFlag], Doc("What the flags service evaluated, known after a minute.")
    ]
    definitions_requests: Annotated[
        int, Doc("Requests for the definitions of all flags, to evaluate them elsewhere.")
    ]
    definitions_requested_at: Annotated[
        Timestamp | None,
        Doc("The start of the hour, or day, of the last such request; null: none."),
    ]


def parse_flag_usage(request: UntypedRequest) -> EventQuery:
    """Return the query for the last 30 days of a project."""
    days = parse_day_range(request.timezone, request.now, None, None, DAYS)
    return EventQuery(request.project_id, days)


def run_flag_usage(query: EventQuery) -> FlagCallsResponse:
    """Count the exposures of each flag by value."""
    with open_query(query) as context:
        rows = _count(context)
    return FlagCallsResponse(
        **context.meta.fields(), items=_by_flag(rows[:_MAX_ROWS]), has_more=len(rows) > _MAX_ROWS
    )


FLAG_CALLS = CachedQuery("flag usage", parse_flag_usage, run_flag_usage, FlagCallsResponse)


def flag_usage(request: UntypedRequest) -> Content:
    """Return the JSON of a ``FlagUsageResponse``: what events say, and what was evaluated.

    Raises:
        Unprocessable: counting the events took too long.
        Unavailable: too many queries of the project are running.
    """
    calls = FLAG_CALLS.answer(request)
    # Not cached: no event says when there are more.
    with limited_session(request.project_id) as session:
        flags, definitions = read_evaluations(session, request.project_id, first_instant(calls))
    return {
        **calls,
        "evaluated": [to_json(_evaluated(key, one)) for key, one in sorted(flags.items())],
        "definitions_requests": sum(definitions.of(["definitions"]).values()),
        "definitions_requested_at": definitions.last_at and definitions.last_at.isoformat(),
    }


def first_instant(calls: Content) -> datetime:
    """Return the start of the range that an answer of ``FLAG_CALLS`` is of."""
    return datetime.fromisoformat(calls["from"])


def _evaluated(key: str, one: FlagEvaluations) -> EvaluatedFlag:
    assert one.last_at is not None  # there is a row of it
    values = one.of(EVALUATED)
    return EvaluatedFlag(
        key,
        sum(values.values()),
        sum(one.of(["used"]).values()),
        one.last_at.isoformat(),
        [
            EvaluatedValue(value, count)
            for value, count in sorted(values.items(), key=lambda of: (-of[1], of[0]))
        ],
    )


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
