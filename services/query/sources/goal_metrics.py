"""Goals as key metrics: who reached one, or the sum of its property, by interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pyroaring import BitMap

from services.query.execution.context import QueryContext
from services.query.parsing.events import EventSelector
from services.query.sources.active_persons import active_persons
from services.query.sources.series import Series, read_series


@dataclass(frozen=True, slots=True)
class GoalMetric:
    """The visitors who reached a goal, or the sum of its property."""

    name: str
    """As a request names it: ``goal:3`` or ``goal_value:3``."""
    selector: EventSelector
    value_property: str | None
    """The property that is added up; None: the visitors are counted."""


class GoalLine(NamedTuple):
    """The values by interval, and the value of the whole range; of visitors that is no sum."""

    values: Sequence[float]
    total: float


def read_goal_metric(context: QueryContext, metric: GoalMetric) -> GoalLine:
    """Return a goal's metric of a query's range, by interval and in total."""
    if metric.value_property is None:
        [persons] = active_persons(context, [metric.selector])
        return GoalLine([len(one) for one in persons], len(BitMap.union(BitMap(), *persons)))
    series = Series(metric.selector, "sum", metric.value_property)
    line = read_series(context, series, None)[0]
    return GoalLine([value or 0 for value in line.values], line.total or 0)
