"""What has changed: the values whose events rose or fell most against the period before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import QueryContext, open_query
from services.query.execution.ratios import change_in_percent
from services.query.execution.responses import InsightResponse
from services.query.parsing.events import EventQuery
from services.query.parsing.filters import Condition, Group
from services.query.parsing.previous_period import Comparison
from services.query.parsing.request import UntypedRequest
from services.query.sources.event_counts import count_by_name, first_event
from services.query.sources.value_totals import (
    Totals,
    count_by_value,
    count_matching_by_value,
)
from shared.events.dimensions import PAGE_EVENTS
from shared.responses import Doc, Timestamp

MoverProperty = Literal["event_name", "page_path", "referrer_domain", "country", "app_version"]
MIN_SCORE = 9.0
"""(b - a)² ÷ (a + b): about three standard deviations, were all events independent."""
MIN_CHANGE = 0.1
MAX_PER_PROPERTY = 2
MAX_EVENTS_FOR_REASONS = 1_000_000
"""Finding out what a change comes from reads the rows of both periods."""
_CAUSES: dict[MoverProperty, MoverProperty] = {
    "event_name": "country",
    "page_path": "referrer_domain",
    "referrer_domain": "page_path",
    "country": "referrer_domain",
    "app_version": "country",
}
"""Which property is looked at for the cause of a change."""


@dataclass(frozen=True, slots=True)
class MoversPlan:
    """Which events, compared with which period, and how many changes."""

    query: EventQuery
    compare: Comparison
    limit: int


@dataclass(frozen=True, slots=True)
class Cause:
    """The value that most of a change comes from."""

    property: str
    value: Annotated[str | None, Doc("Null: the events have no value.")]
    share: Annotated[
        float, Doc("Its part of the change, from 0.5; above 1 if others went against.")
    ]


@dataclass(frozen=True, slots=True)
class Mover:
    """A value whose number of events has changed."""

    property: Annotated[str, Doc(choices=tuple(_CAUSES))]
    value: str
    current: Annotated[int, Doc("Number of events; of a page its views.")]
    previous: int
    change: Annotated[float | None, Doc("In percent; null: there was none in the previous period.")]
    cause: Annotated[
        Cause | None,
        Doc(
            "Null: no single value explains half of the change, or both periods together have more "
            "than a million events."
        ),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class MoversResponse(InsightResponse):
    """The largest changes against the previous period, most remarkable first."""

    previous_from: Timestamp
    previous_to: Timestamp
    first_event: Annotated[
        Timestamp | None,
        Doc(
            "Quarter hour of the project's first event, whatever the filters; null: it has none. "
            "If it is within the previous period or later, that period is incomplete."
        ),
    ]
    items: list[Mover]


class _Change(NamedTuple):
    property: MoverProperty
    value: str
    current: int
    previous: int


def _score(change: _Change) -> float:
    return (change.current - change.previous) ** 2 / (change.current + change.previous)


def parse_movers(request: UntypedRequest) -> MoversPlan:
    """Parse a request for the largest changes.

    Raises:
        Unprocessable: names the invalid field.
    """
    query = request.event_query_of_url()
    return MoversPlan(query, request.comparison(query.time_range), request.data["limit"])


def run_movers(plan: MoversPlan) -> MoversResponse:
    """Return the values with the most remarkable changes, two of a property at most."""
    previous = plan.compare.previous
    with open_query(plan.query) as context:
        before = context.over(previous)
        changes = sorted(_changes(context, before), key=lambda one: (-_score(one), one[:2]))
        chosen: list[_Change] = []
        taken: Counter[str] = Counter()
        for change in changes:
            taken[change.property] += 1
            if taken[change.property] <= MAX_PER_PROPERTY:
                chosen.append(change)
        chosen = chosen[: plan.limit]
        events = sum(count for one in (context, before) for _, count in count_by_name(one))
        causes: list[Cause | None] = [None] * len(chosen)
        if events <= MAX_EVENTS_FOR_REASONS:
            causes = _causes(context, before, chosen)
        begun = first_event(context.session, plan.query.project_id)
    items = [
        Mover(
            change.property,
            change.value,
            change.current,
            change.previous,
            change_in_percent(change.current, change.previous),
            cause,
        )
        for change, cause in zip(chosen, causes, strict=True)
    ]
    return MoversResponse(
        **context.meta.fields(),
        previous_from=previous.start.isoformat(),
        previous_to=previous.end.isoformat(),
        first_event=None if begun is None else begun.astimezone(previous.start.tzinfo).isoformat(),
        items=items,
    )


MOVERS = CachedQuery("movers", parse_movers, run_movers, MoversResponse)


def _changes(context: QueryContext, before: QueryContext) -> Iterator[_Change]:
    for name in _CAUSES:
        current, previous = _totals(context, name), _totals(before, name)
        for value in current.keys() | previous.keys():
            if value is None:
                continue
            change = _Change(name, value, current[value], previous[value])
            enough = abs(change.current - change.previous) >= MIN_CHANGE * change.previous
            if enough and _score(change) >= MIN_SCORE:
                yield change


def _totals(context: QueryContext, name: MoverProperty) -> Totals:
    if name == "event_name":
        totals: Totals = Counter(dict(count_by_name(context)))
        return totals
    return count_by_value(context, name, PAGE_EVENTS if name == "page_path" else ())


def _causes(
    context: QueryContext, before: QueryContext, changes: Sequence[_Change]
) -> list[Cause | None]:
    """Return the value that at least half of each change comes from, if there is one."""
    if not changes:
        return []
    parts = [(Group(_conditions(change)), _CAUSES[change.property]) for change in changes]
    current, previous = (count_matching_by_value(one, parts) for one in (context, before))
    return [_cause(*one) for one in zip(changes, current, previous, strict=True)]


def _conditions(change: _Change) -> tuple[Condition, ...]:
    """Return the conditions for the events that have changed."""
    conditions = [Condition(change.property, "is", (change.value,))]
    if "page_path" in {change.property, _CAUSES[change.property]}:
        conditions.append(Condition("event_name", "is", PAGE_EVENTS))
    return tuple(conditions)


def _cause(change: _Change, current: Totals, previous: Totals) -> Cause | None:
    whole = change.current - change.previous
    parts = {value: current[value] - previous[value] for value in current.keys() | previous.keys()}
    value, part = min(
        parts.items(),
        key=lambda one: (-one[1] / whole, one[0] is None, one[0] or ""),
        default=(None, 0),
    )
    share = part / whole
    name = _CAUSES[change.property]
    return Cause(name, value, round(share, 4)) if share >= 0.5 else None
