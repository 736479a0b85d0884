"""Trends: one or more series over time, each with its own metric; formulas over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_

from services.query.execution.context import QueryContext, open_query
from services.query.parsing.breakdown import Breakdown
from services.query.parsing.events import EventQuery
from services.query.parsing.formulas import Formula
from services.query.parsing.time_range import Comparison, interval_starts
from services.query.sources.conditions import matches_selector
from services.query.sources.series import Line, Lines, Series, read_sealed_breakdown, read_series
from services.query.sources.top_values import BreakdownValues, find_top_values


@dataclass(frozen=True, slots=True)
class TrendsPlan:
    """Which series, in which interval, broken down by what, compared with what."""

    query: EventQuery
    series: tuple[Series, ...]
    interval: str
    breakdown: Breakdown | None = None
    formula: Formula | None = None
    compare: Comparison | None = None


def run_trends(plan: TrendsPlan) -> dict[str, Any]:
    """Return every series with its dates, values and total; totals of uniques are uniques."""
    with open_query(plan.query) as context:
        content: dict[str, Any] = {
            "interval": plan.interval,
            "series": _lines(context, plan),
        }
        if plan.compare is not None:
            content["previous"] = _lines(context.over(plan.compare.previous), plan)
    return context.meta.wrap(content)


def _lines(whole: QueryContext, plan: TrendsPlan) -> list[dict[str, Any]]:
    time_range = whole.query.time_range
    starts = interval_starts(time_range, plan.interval)
    values, found = _read(whole.over(time_range, starts), plan)
    dates = [start.isoformat() for start in starts]
    lines = []
    for index, label in _reported(values):
        if values is not None and index == 0 and not any(one.get(0) for one in found):
            continue
        columns = [one.get(index, ([0] * len(starts), 0)) for one in found]
        if plan.formula is not None:
            shown = [_formula_line(plan.formula, columns)]
        else:
            shown = [
                {
                    "label": series.selector.label,
                    "event": series.selector.event,
                    "metric": series.metric,
                    "values": line,
                    "total": total,
                }
                for series, (line, total) in zip(plan.series, columns, strict=True)
            ]
        lines += [{**line, "breakdown": label, "dates": dates} for line in shown]
    return lines


def _read(context: QueryContext, plan: TrendsPlan) -> tuple[BreakdownValues | None, list[Lines]]:
    values: BreakdownValues | None = None
    if plan.breakdown is not None:
        if len(plan.series) == 1:
            sealed = read_sealed_breakdown(context, plan.series[0], plan.breakdown)
            if sealed is not None:
                return sealed[0], [sealed[1]]
        # The same values for every series, so that their lines can be compared.
        any_series = or_(*(matches_selector(context.query, one.selector) for one in plan.series))
        values = find_top_values(context, plan.breakdown, [func.coalesce(any_series, False)])
    return values, [read_series(context, series, values) for series in plan.series]


def _reported(values: BreakdownValues | None) -> list[tuple[int, str | None]]:
    """Return the index and label of each value in the order of the result."""
    if values is None:
        return [(0, None)]
    return [(index, values.labels[index]) for index in values.reported_indexes]


def _formula_line(formula: Formula, columns: list[Line]) -> dict[str, Any]:
    by_interval = zip(*(line for line, _ in columns), strict=True)
    return {
        "label": formula.text,
        "event": None,
        "metric": "formula",
        "values": [formula.value(values) for values in by_interval],
        "total": formula.value([total for _, total in columns]),
    }
