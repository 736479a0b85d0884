"""The values that most persons had last, such as the page that each viewed last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyroaring import BitMap
from sqlalchemy import ColumnElement, Subquery, func, select

from services.query.execution.context import QueryContext
from services.query.sources.conditions import matches_query
from services.query.sources.event_columns import PERSON
from shared.models import Event


def last_values(
    context: QueryContext,
    value: ColumnElement[Any],
    limit: int,
    conditions: Sequence[ColumnElement[bool]] = (),
) -> list[tuple[str | None, int]]:
    """Return the most frequent of the values that each person had last, with their persons.

    Args:
        context: the query, whose range is short: raw rows are read.
        value: of an event; that of a later event counts, unless it is null.
        limit: how many values.
        conditions: which events count.
    """
    rows = _rows(context, value, conditions)
    statement = (
        select(rows.c.value, func.count().label("persons"))
        .where(rows.c.position == 1)
        .group_by(rows.c.value)
        .order_by(func.count().desc(), rows.c.value)
        .limit(limit)
    )
    return [(found, persons) for found, persons in context.session.execute(statement)]


def persons_of_last_value(
    context: QueryContext,
    value: ColumnElement[Any],
    wanted: str | None,
    conditions: Sequence[ColumnElement[bool]] = (),
) -> BitMap:
    """Return the persons whose last value is the wanted one, as ``last_values`` counts them.

    Args:
        context: the query, whose range is short: raw rows are read.
        value: of an event; that of a later event counts, unless it is null.
        wanted: the value; None: the persons without one.
        conditions: which events count.
    """
    rows = _rows(context, value, conditions)
    is_wanted = rows.c.value.is_(None) if wanted is None else rows.c.value == wanted
    statement = select(rows.c.person).where(rows.c.position == 1, is_wanted)
    return BitMap(context.session.scalars(statement))


def _rows(
    context: QueryContext, value: ColumnElement[Any], conditions: Sequence[ColumnElement[bool]]
) -> Subquery:
    """Return the events with their persons and values; the last of each person is at 1."""
    position = func.row_number().over(
        partition_by=PERSON, order_by=(value.is_(None), Event.timestamp.desc(), Event.id.desc())
    )
    return (
        select(PERSON.label("person"), value.label("value"), position.label("position"))
        .where(*matches_query(context.query), *conditions)
        .subquery("rows")
    )
