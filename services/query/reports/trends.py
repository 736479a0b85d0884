"""Trends: one or more series over time, each counting in its own way; formulas over them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyroaring import BitMap
from sqlalchemy import ColumnElement, Float, Select, cast, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from services.query.execution.read_session import ResultMeta, read_only_session
from services.query.parsing.formulas import Formula
from services.query.parsing.time_range import Comparison, interval_starts
from services.query.sources.active_persons import active_persons
from services.query.sources.breakdown import BreakdownQuery, query_breakdown
from services.query.sources.conditions import event_number
from services.query.sources.event_counts import CountQuery, by_interval
from services.query.sources.event_query import (
    Breakdown,
    BreakdownValues,
    EventQuery,
    EventSelector,
    interval_index,
    top_values,
)
from services.query.sources.person_identity import PERSON
from services.query.sources.postgres import percentile
from services.query.sources.session_counts import count_sessions
from shared.models import Event

METRICS = (
    "count",
    "unique_persons",
    "unique_sessions",
    "per_session",
    "sum",
    "average",
    "median",
    "p90",
    "min",
    "max",
)
PROPERTY_METRICS = frozenset({"sum", "average", "median", "p90", "min", "max"})
Number = float | int | None
Lines = dict[int, tuple[list[Number], Number]]
"""Values by interval and the total, by number of the breakdown's value."""


@dataclass(frozen=True, slots=True)
class Series:
    """What one line shows."""

    selector: EventSelector
    metric: str = "count"
    property: str | None = None
    """For the metrics of a property: whose numbers; rows without one are left out."""


@dataclass(frozen=True, slots=True)
class TrendsPlan:
    """The question."""

    query: EventQuery
    series: tuple[Series, ...]
    interval: str
    breakdown: Breakdown | None = None
    formula: Formula | None = None
    compare: Comparison | None = None


def run_trends(plan: TrendsPlan) -> dict[str, Any]:
    """Every series with its dates, values and total; totals of uniques are uniques, not sums."""
    meta = ResultMeta(plan.query.time_range)
    with read_only_session() as session:
        lines = _lines(session, plan, plan.query, meta)
        before = (
            _lines(session, plan, plan.query.within(plan.compare.previous), meta)
            if plan.compare is not None
            else None
        )
    content: dict[str, Any] = {"interval": plan.interval, "series": lines}
    if before is not None:
        content["previous"] = before
    return meta.wrap(content)


def _lines(
    session: Session, plan: TrendsPlan, query: EventQuery, meta: ResultMeta
) -> list[dict[str, Any]]:
    starts = interval_starts(query.time_range, plan.interval)
    values, found = _sealed_values(session, plan, query, starts, meta)
    if plan.breakdown is not None and values is None:
        # The same values for every series, or their lines could not be set against each other.
        tests = [func.coalesce(_any_pick(query, plan.series), False)]
        values = top_values(session, query, plan.breakdown, tests)
    if not found:
        found = [_Line(session, query, one, starts, values, meta).read() for one in plan.series]
    labels = values.labels[1:] + values.labels[:1] if values is not None else [None]
    codes = [*range(1, len(labels)), 0]
    dates = [start.isoformat() for start in starts]
    lines = []
    for code, value in zip(codes, labels, strict=True):
        columns = [one.get(code, ([0] * len(starts), 0)) for one in found]
        if values is not None and code == 0 and not any(one.get(0) for one in found):
            continue
        shown = [
            {
                "label": series.selector.label,
                "event": series.selector.event,
                "metric": series.metric,
                "values": column[0],
                "total": column[1],
            }
            for series, column in zip(plan.series, columns, strict=True)
        ]  # fmt: skip
        if plan.formula is not None:
            shown = [_calculated(plan.formula, columns, len(starts))]
        lines += [{**line, "breakdown": value, "dates": dates} for line in shown]
    return lines


def _sealed_values(
    session: Session, plan: TrendsPlan, query: EventQuery, starts: list[datetime], meta: ResultMeta
) -> tuple[BreakdownValues | None, list[Lines]]:
    """One series by value, out of sealed days; nothing when they do not help."""
    [series, *others] = plan.series
    metric = series.metric
    if plan.breakdown is None or others or metric not in {"count", "unique_persons"}:
        return None, []
    breakdown = plan.breakdown
    question = BreakdownQuery(
        query, series.selector, breakdown.property, breakdown.limit, starts, with_rest=True
    )
    found = query_breakdown(session, question, meta)
    if found is None:
        return None, []
    cells = dict(enumerate((line for _, line in found.ranked), 1))
    if found.rest:
        cells[0] = found.rest
    lines: Lines = {}
    for code, line in cells.items():
        if metric == "count":
            sizes = [_plain(one.size(weighted=query.weighted), 0) for one in line]
            lines[code] = ([*sizes], _plain(sum(one or 0 for one in sizes), 0))
        else:
            union = BitMap.union(BitMap(), *(one.persons for one in line))
            lines[code] = ([len(one.persons) for one in line], len(union))
    return BreakdownValues(breakdown, tuple(value for value, _ in found.ranked)), [lines]


def _any_pick(query: EventQuery, series: tuple[Series, ...]) -> ColumnElement[bool]:
    return or_(*(query.test(one.selector) for one in series))


def _calculated(
    formula: Formula, columns: list[tuple[list[Number], Number]], length: int
) -> dict[str, Any]:
    values = [formula.value([line[index] for line, _ in columns]) for index in range(length)]
    total = formula.value([total for _, total in columns])
    return {
        "label": formula.text, "event": None, "metric": "formula", "values": values, "total": total
    }  # fmt: skip


@dataclass(slots=True)
class _Line:
    """One series over the range, for every value of the breakdown."""

    session: Session
    query: EventQuery
    series: Series
    starts: list[datetime]
    values: BreakdownValues | None
    meta: ResultMeta

    def read(self) -> Lines:
        """Values by interval, and the total, by number of the breakdown's value (0 without)."""
        if self._is_plain_count():
            return self._from_counts()
        if self.series.metric == "unique_persons" and self.values is None:
            return self._from_presence()
        if self.series.metric == "unique_sessions" and self._is_about_all():
            return self._from_sessions()
        self.meta.add_source("raw")
        empty: Number = None if self.series.metric in _UNKNOWN_WHEN_EMPTY else 0
        lines: Lines = {}
        if self.values is None:
            lines[0] = ([empty] * len(self.starts), empty)
        for is_total, bucket, code, figure in self.session.execute(self._statement()):
            line, total = lines.get(code, ([empty] * len(self.starts), empty))
            shown = _plain(figure, empty)
            if is_total:
                total = shown
            else:
                line[bucket] = shown
            lines[code] = (line, total)
        return lines

    def _statement(self) -> Select[Any]:
        """By interval and value, and by value over the whole range, in one pass."""
        rows = (
            select(
                interval_index(self.starts).label("bucket"),
                (self.values.code() if self.values is not None else literal(0)).label("code"),
                *self._needed(),
            )
            .where(*self.query.conditions(), self.query.test(self.series.selector))
            .subquery("rows")
        )
        return select(
            func.grouping(rows.c.bucket),
            func.coalesce(rows.c.bucket, 0),
            rows.c.code,
            self._metric(rows.c),
        ).group_by(func.grouping_sets(tuple_(rows.c.bucket, rows.c.code), tuple_(rows.c.code)))

    def _needed(self) -> list[Any]:
        weight = func.coalesce(Event.sample_weight, 1.0).label("weight")
        metric = self.series.metric
        if metric == "count":
            return [weight] if self.query.weighted else []
        if metric == "unique_persons":
            return [PERSON.label("person")]
        if metric in {"unique_sessions", "per_session"}:
            return [Event.session_id.label("session")]
        return [event_number(self.series.property or "").label("number"), weight]

    def _metric(self, rows: Any) -> ColumnElement[Any]:
        metric, weighted = self.series.metric, self.query.weighted
        found: dict[str, Callable[[], Any]] = {
            "count": lambda: func.sum(rows.weight) if weighted else func.count(),
            "unique_persons": lambda: func.count(rows.person.distinct()),
            "unique_sessions": lambda: func.count(rows.session.distinct()),
            "per_session": lambda: (
                cast(func.count(rows.session), Float)
                / func.nullif(func.count(rows.session.distinct()), 0)
            ),
            "sum": lambda: func.sum(rows.number * rows.weight if weighted else rows.number),
            "average": lambda: func.avg(rows.number),
            "median": lambda: percentile(rows.number, 0.5),
            "p90": lambda: percentile(rows.number, 0.9),
            "min": lambda: func.min(rows.number),
            "max": lambda: func.max(rows.number),
        }
        element: ColumnElement[Any] = found[metric]()
        return element

    def _is_plain_count(self) -> bool:
        """Counts without conditions."""
        series, query = self.series, self.query
        return (
            series.metric == "count"
            and not query.weighted
            and not query.filters.parts
            and not series.selector.filters.parts
            and self.values is None
        )

    def _is_about_all(self) -> bool:
        """Every event there is."""
        selector = self.series.selector
        conditions = (selector.event, self.values)
        return not (selector.filters.parts or self.query.filters.parts or any(conditions))

    def _from_counts(self) -> Lines:
        names = (self.series.selector.event,) if self.series.selector.event is not None else ()
        query = CountQuery(self.query.project_id, self.query.time_range, names)
        line = by_interval(self.session, query, self.starts, self.meta)[""]
        return {0: ([*line], sum(line))}

    def _from_sessions(self) -> Lines:
        line = count_sessions(
            self.session, self.query.project_id, self.query.time_range, self.starts, self.meta
        )
        return {0: ([*line], sum(line))}

    def _from_presence(self) -> Lines:
        [persons] = active_persons(
            self.session, self.query, [self.series.selector], self.starts, self.meta
        )
        return {0: ([len(one) for one in persons], len(BitMap.union(BitMap(), *persons)))}


_UNKNOWN_WHEN_EMPTY = frozenset({"per_session", "average", "median", "p90", "min", "max"})


def _plain(figure: Any, empty: Number) -> Number:
    if figure is None:
        return empty
    return figure if isinstance(figure, int) else round(float(figure), 6)
