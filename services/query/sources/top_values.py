"""The most frequent values of a breakdown's property, and the index of a row's value among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, func, select

from services.query.execution.context import QueryContext
from services.query.parsing.breakdown import Breakdown
from services.query.sources.conditions import matches_query
from services.query.sources.event_columns import WEIGHT, each_value, event_values
from services.query.sources.postgres import array_position


@dataclass(frozen=True, slots=True)
class BreakdownValues:
    """The values of a breakdown with their indexes: 0 is all others, 1 … are ``values``."""

    breakdown: Breakdown
    values: tuple[str | None, ...]
    """None: the rows without the property."""

    def value(self, index: int) -> str | None:
        """Return the value of an index; None for index 0, too."""
        return self.values[index - 1] if index else None

    @property
    def reported_indexes(self) -> list[int]:
        """The indexes in the order in which values are reported: all others last."""
        return [*range(1, len(self.values) + 1), 0]

    def indexes(self) -> ColumnElement[Any]:
        """Return the index of each of a row's values, in rows of their own."""
        return each_value(self.breakdown.property, self.index)

    def index(self, text: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return the index of a value. Null has its own index only if it is frequent."""
        known = [value for value in self.values if value is not None]
        rank = {value: index for index, value in enumerate(self.values, 1)}
        # Positions among the known values; those after null move up by one.
        index: Any = func.coalesce(array_position(text, known), 0, type_=Integer())
        if None in rank:
            index = case(
                (text.is_(None), rank[None]), (index >= rank[None], index + 1), else_=index
            )
        return index if known else case((text.is_(None), rank.get(None, 0)), else_=0)


def find_top_values(
    context: QueryContext,
    breakdown: Breakdown,
    tests: Sequence[ColumnElement[bool]] = (),
    first: Sequence[str | None] = (),
) -> BreakdownValues:
    """Return the most frequent values among the rows that pass; ties in order of the value.

    Args:
        context: the query.
        breakdown: the property and the number of values.
        tests: the rows that pass.
        first: values that come first, whether rows have them or not.
    """
    found = (
        select(event_values(breakdown.property).label("value"), WEIGHT.label("weight"))
        .where(*matches_query(context.query), *tests)
        .subquery("rows")
    )
    size = func.sum(found.c.weight) if context.query.weighted else func.count()
    rows = context.session.execute(
        select(found.c.value)
        .group_by(found.c.value)
        .order_by(size.desc(), found.c.value)
        .limit(breakdown.limit)
    )
    others = [row[0] for row in rows if row[0] not in first]
    return BreakdownValues(breakdown, (*first, *others)[: max(breakdown.limit, len(first))])
