"""Test filters on the columns of files.

PostgreSQL tests each different value once, with the very expression that it tests raw rows with. So
files and rows cannot differ in what a missing value, a number as a text, letter case or a regular
expression means. Tests of the rows are then looked up by the number of their value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import literal_column, select

from services.query.execution.context import QueryContext
from services.query.parsing.events import EventSelector
from services.query.parsing.filters import Condition, Filter, Group, filter_conditions
from services.query.sources.conditions import matches_filter
from services.query.sources.copy_columns import Array
from services.query.sources.event_columns import EVENT_COLUMNS, is_own_property
from services.query.sources.file_columns import DayColumns, TooManyValues
from services.query.sources.postgres import json_object, unnest_with_index
from shared.events.dimensions import DIMENSIONS, PROPERTY_PREFIX
from shared.models import Event

_MAX_VALUES = 50_000
"""Of a range."""
_NOT_IN_FILES = {"session_id", "timestamp"}


@dataclass(frozen=True, slots=True)
class Tests:
    """The values that pass each condition."""

    passing: dict[Condition, set[str | None]]

    def rows(self, part: Filter, columns: DayColumns) -> Array:
        """Return for each row of a day whether it passes a filter."""
        if isinstance(part, Condition):
            column = columns.texts[str(column_of(part.property))]
            passing = self.passing[part]
            return column.among([value in passing for value in column.values])
        found = np.full(len(columns.person), part.every or not part.parts)
        for one in part.parts:
            if part.every:
                found &= self.rows(one, columns)
            else:
                found |= self.rows(one, columns)
        return found

    def selected(self, selector: EventSelector, columns: DayColumns) -> Array:
        """Return for each row of a day whether it is selected."""
        found = self.rows(selector.filters, columns)
        if selector.event is not None:
            names = columns.texts["event_name"]
            found &= names.among([name == selector.event for name in names.values])
        return found


def column_of(name: str) -> str | None:
    """Return the column of files that alone decides a property; None: there is none."""
    if is_own_property(name):
        return PROPERTY_PREFIX + name.removeprefix(PROPERTY_PREFIX)
    dimension = DIMENSIONS.get(name)
    if dimension is not None:
        return dimension.column if dimension.unless_same_as is None else None
    return name if name in EVENT_COLUMNS and name not in _NOT_IN_FILES else None


def columns_of(filters: Iterable[Group]) -> set[str] | None:
    """Return the columns that filters test; None: files cannot test them."""
    found: set[str] = set()
    for condition in filter_conditions(list(filters)):
        column = column_of(condition.property) if condition.scope == "event" else None
        if column is None:
            return None
        found.add(column)
    return found


def find_passing(
    context: QueryContext, filters: Sequence[Group], days: Iterable[DayColumns]
) -> Tests:
    """Test the different values of the days, each once.

    Raises:
        TooManyValues: a column has too many different values.
    """
    by_column: dict[str, dict[Condition, None]] = {}
    for condition in filter_conditions(list(filters)):
        by_column.setdefault(str(column_of(condition.property)), {})[condition] = None
    days = list(days)
    passing: dict[Condition, set[str | None]] = {}
    for column, conditions in by_column.items():
        values = different_values(column, days)
        tests = [
            matches_filter(one, context.query.project_id, context.query.time_range)
            for one in conditions
        ]
        rows = evaluate(context, column, values, tests)
        for bit, condition in enumerate(conditions, 1):
            passing[condition] = {values[row[0] - 1] for row in rows if row[bit]}
    return Tests(passing)


def different_values(column: str, days: Iterable[DayColumns]) -> list[str | None]:
    """Return the different values of a column, among them None if any row has none.

    Raises:
        TooManyValues: there are too many.
    """
    found: dict[str | None, None] = {}
    for day in days:
        found.update(dict.fromkeys(day.texts[column].values))
    if len(found) > _MAX_VALUES:
        raise TooManyValues
    return list(found)


def evaluate(
    context: QueryContext, column: str, values: Sequence[str | None], expressions: Sequence[Any]
) -> Sequence[Any]:
    """Evaluate expressions over a row of ``events`` for each value of one of its columns.

    Args:
        context: the query.
        column: of the files; that of a property holds JSON.
        values: of the column.
        expressions: they read no other column.

    Returns:
        Rows of the position of the value, from 1, and the results.
    """
    given = unnest_with_index(values, "given")
    text: Any = given.c.text
    name = column
    if column.startswith(PROPERTY_PREFIX):
        text, name = json_object(column.removeprefix(PROPERTY_PREFIX), text), "properties"
    # The expressions name the table: a common table expression of its name takes its place.
    events = select(given.c.index, text.label(name)).offset(0).cte(Event.__tablename__)
    statement = select(literal_column("events.index"), *expressions)
    statement = statement.select_from(Event.__table__).add_cte(events)
    return context.session.execute(statement).all()
