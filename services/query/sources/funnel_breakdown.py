"""The breakdown of a funnel: each person is in one row, by the value of one of their events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Integer, TableValuedAlias, case, func, select

from services.query.execution.context import QueryContext
from services.query.parsing.breakdown import Breakdown
from services.query.sources.conditions import matches_query
from services.query.sources.copy_columns import Array
from services.query.sources.event_columns import event_text
from services.query.sources.funnel_plan import FunnelPlan, Reached
from services.query.sources.postgres import unnest_with_index

MAX_KNOWN_VALUES = 10_000
"""Only these values, the most frequent ones of the steps' events, can have a row of their own."""
MAX_VALUE_CHARACTERS = 1_000
"""Longer values have no row of their own: 10,000 of the longest would be 320 MB of text."""
_MISSING = -1
_UNKNOWN = 0


@dataclass(frozen=True, slots=True)
class BreakdownRow:
    """The persons of one value, or of all values that have no row of their own."""

    value: str | None
    """None: persons without the property, or all others."""
    is_other: bool
    reached: Reached


@dataclass(frozen=True, slots=True)
class KnownValues:
    """The values that rows are numbered by, from 1; 0 is any other value, and -1 is none."""

    breakdown: Breakdown
    values: list[str]
    table: TableValuedAlias

    def code(self) -> ColumnElement[int]:
        """Return the number of a row's value, given that ``table`` is joined."""
        is_missing = self._text().is_(None)
        code = case((is_missing, _MISSING), else_=func.coalesce(self.table.c.index, _UNKNOWN))
        return func.cast(code, Integer)

    def joins(self) -> ColumnElement[bool]:
        """Return the condition by which ``table`` is joined."""
        return self._text() == self.table.c.text

    def _text(self) -> ColumnElement[Any]:
        return event_text(self.breakdown.property)


def find_known_values(
    context: QueryContext, breakdown: Breakdown, condition: ColumnElement[bool]
) -> KnownValues:
    """Return the most frequent values among the rows that pass."""
    text = event_text(breakdown.property)
    label = text.label("value")
    rows = context.session.execute(
        select(label)
        .where(*matches_query(context.query), condition, func.length(text) <= MAX_VALUE_CHARACTERS)
        .group_by(label)
        .order_by(func.count().desc(), label)
        .limit(MAX_KNOWN_VALUES)
    )
    values = [value for (value,) in rows]
    return KnownValues(breakdown, values, unnest_with_index(values, "known"))


def break_down(
    plan: FunnelPlan, rows: dict[str, Array], known: KnownValues, reached: Reached
) -> list[BreakdownRow]:
    """Divide the persons of a funnel: rows with the most persons first, all others last.

    Every person who entered is in exactly one row, so that each step's rows add up to it.
    """
    touched, codes = _attribute(plan, rows)
    codes_by_step = [_codes_of(persons, touched, codes) for persons in reached.persons]
    found, persons = np.unique(codes_by_step[0], return_counts=True)
    size = dict(zip(found.tolist(), persons.tolist(), strict=True))

    def value_of(code: int) -> str | None:
        return None if code == _MISSING else known.values[code - 1]

    def key(code: int) -> tuple[int, bool, str]:
        value = value_of(code)
        return -size[code], value is None, value or ""

    ranked = sorted(size.keys() - {_UNKNOWN}, key=key)[: known.breakdown.limit]
    parts = [
        BreakdownRow(value_of(code), is_other=False, reached=_only(reached, codes_by_step, [code]))
        for code in ranked
    ]
    others = sorted(size.keys() - set(ranked))
    if others:
        parts.append(
            BreakdownRow(None, is_other=True, reached=_only(reached, codes_by_step, others))
        )
    return parts


def _only(reached: Reached, codes_by_step: Sequence[Array], codes: list[int]) -> Reached:
    chosen = [
        found == codes[0] if len(codes) == 1 else np.isin(found, codes) for found in codes_by_step
    ]
    return Reached(
        [persons[which] for persons, which in zip(reached.persons, chosen, strict=True)],
        [durations[which] for durations, which in zip(reached.durations, chosen, strict=True)],
    )


def _attribute(plan: FunnelPlan, rows: dict[str, Array]) -> tuple[Array, Array]:
    """Return the persons who have a value, ascending, and the number of each one's value.

    It is the value of the first or last event of the steps (or of one step) that has one, from the
    person's first event of the first step on; in any order, from their first event on.
    """
    person, mask, code = rows["person"], rows["mask"], rows["value"]
    steps = (1 << len(plan.steps)) - 1
    if plan.attribution == "step":
        steps = 1 << plan.attribution_step
    touches = ((mask & steps) != 0) & (code != _MISSING)
    if plan.order != "any":
        entries = np.where(mask & 1 == 1, np.arange(len(person)), -1)
        begins = np.searchsorted(person, person)
        touches &= np.maximum.accumulate(entries) >= begins if len(person) else False
    person, code = person[touches], code[touches]
    changes = person[1:] != person[:-1]
    edge = [True] if len(person) else []
    is_last = plan.attribution == "last_touch"
    chosen = np.concatenate((changes, edge) if is_last else (edge, changes)).astype(bool)
    return person[chosen], code[chosen]


def _codes_of(persons: Array, touched: Array, codes: Array) -> Array:
    """Return the number of each person's value; persons who are not among ``touched`` have none."""
    if not len(touched):
        return np.full(len(persons), _MISSING)
    index = np.minimum(np.searchsorted(touched, persons), len(touched) - 1)
    return np.where(touched[index] == persons, codes[index], _MISSING)
