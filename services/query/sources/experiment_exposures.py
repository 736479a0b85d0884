"""Who takes part in an experiment: first exposures, their variants, and their segments."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    Select,
    Text,
    case,
    cast,
    func,
    literal,
    null,
    select,
)
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from services.query.parsing.events import EventQuery, EventSelector
from services.query.parsing.experiments import ExperimentPlan
from services.query.sources.conditions import in_range, matches_filter, matches_selector
from services.query.sources.copy_columns import (
    Array,
    TooManyRows,
    fetch,
    fetch_packed,
    order_by_person,
)
from services.query.sources.event_columns import PERSON, event_text
from services.query.sources.postgres import (
    array_position,
    first_value,
    hash_text,
    plain_json_text,
)
from shared.models import Event

EXPOSURE = "$feature_flag_called"
_KINDS = {
    "person": "integer",
    "first_at": "instant",
    "variant": "integer",
    "last_variant": "integer",
    "segment": "integer",
}
Exposures = Select[int, datetime, int, int, int]
"""Person, first exposure, variant, another variant if there was one, and index of the segment.
Variants count from 1, segments from 0; a person of no segment is left out."""
EveryExposure = Select[int, datetime, int]
"""Person, instant, variant from 1, 0 for another answer of the flag: a row for each exposure."""


@dataclass(frozen=True, slots=True)
class Exposed:
    """Persons who were exposed to one variant, by ascending number."""

    person: Array
    first_at: Array
    """Microseconds since 1970."""
    variant: Array
    """From 0."""
    segment: Array
    excluded: Array
    """The segment of each person who was exposed to several variants."""


def read_exposed(session: Session, who: Exposures, every: EveryExposure | None = None) -> Exposed:
    """Return who was exposed, of a session whose transaction sees what the metrics are read from.

    Args:
        session: of a ``read_only_session()`` block.
        who: the persons.
        every: all exposures of the same persons; ``who`` is asked if these are too many rows.

    Raises:
        TooManyRows: there are more persons than one query may read.
    """
    rows = None
    if every is not None:
        with suppress(TooManyRows):
            rows = _read_every(session, every)
    if rows is None:
        rows = fetch(session, who, _KINDS)
    order = order_by_person(rows["person"])
    person = rows["person"][order]
    begins = np.flatnonzero(np.diff(person, prepend=-1))
    if not len(begins):
        return Exposed(*(rows[name] for name in ("person", "first_at", *["segment"] * 3)))
    variant = np.minimum.reduceat(rows["variant"][order], begins)
    last_variant = np.maximum.reduceat(rows["last_variant"][order], begins)
    segment = rows["segment"][order][begins].astype(np.int64)
    is_one = variant == last_variant
    return Exposed(
        person[begins][is_one],
        np.minimum.reduceat(rows["first_at"][order], begins)[is_one],
        variant[is_one].astype(np.int64) - 1,
        segment[is_one],
        segment[~is_one],
    )


def _read_every(session: Session, every: EveryExposure) -> dict[str, Array]:
    """Return rows as of ``Exposures``, of which a person may have several."""
    kinds = {name: _KINDS[name] for name in ("person", "first_at", "variant")}
    rows = fetch_packed(session, every, kinds)
    is_exposure = rows["variant"] > 0
    found = {name: one[is_exposure] for name, one in rows.items()}
    nothing = np.zeros(len(found["person"]), np.int32)
    return {**found, "last_variant": found["variant"], "segment": nothing}


def every_exposure(plan: ExperimentPlan) -> EveryExposure:
    """Return all exposures of an experiment without filters, a row each.

    Grouping a million persons in PostgreSQL takes as long as reading them. The answer of the flag
    is read once a row; as a condition, too, it would take a third of the time again.
    """
    variant = func.coalesce(_variant(plan), literal(0, Integer()))
    return select(PERSON, Event.timestamp, variant).where(*_is_of_flag(plan))


def exposures(
    plan: ExperimentPlan, name: str | None = None, values: Sequence[str | None] = ()
) -> Exposures:
    """Return the first exposure of each person whose first exposure passes the plan's filters.

    Args:
        plan: the experiment.
        name: the property of the first exposure that divides persons into segments.
        values: of the property; the segment is the index among them. None: without the property.
    """
    found = _first(plan, name).subquery("first_exposures")
    segment: ColumnElement[Any] = literal(0, Integer())
    if name is not None:
        known = [value for value in values if value is not None]
        positions = [values.index(value) for value in known]
        at = array_position(found.c.value, known)
        segment = case(
            *((at == number + 1, literal(index)) for number, index in enumerate(positions)),
            (
                found.c.value.is_(None),
                literal(values.index(None)) if None in values else null(),
            ),
            else_=null(),
        )
    of = found.c
    return select(
        of.person, of.first_at, of.variant, of.last_variant, cast(segment, Integer).label("segment")
    ).where(of.is_in, segment.is_not(None))


def frequent_values(plan: ExperimentPlan, name: str, limit: int) -> Select[str | None]:
    """Return the values of a property that most persons had in their first exposure."""
    found = _first(plan, name).subquery("first_exposures")
    return (
        select(found.c.value)
        .where(found.c.is_in, found.c.variant == found.c.last_variant)
        .group_by(found.c.value)
        .order_by(func.count().desc(), found.c.value)
        .limit(limit)
    )


def everybody(query: EventQuery, entry: EventSelector, limit: int) -> Exposures:
    """Return the first selected event of persons as their exposure, all to one variant.

    Args:
        query: the project and the range.
        entry: which events count as exposures.
        limit: of so many persons, the same ones each time.
    """
    return (
        select(
            PERSON.label("person"),
            func.min(Event.timestamp).label("first_at"),
            literal(1, Integer()).label("variant"),
            literal(1, Integer()).label("last_variant"),
            literal(0, Integer()).label("segment"),
        )
        .where(*in_range(query.project_id, query.time_range), matches_selector(query, entry))
        .group_by(PERSON)
        .order_by(hash_text(cast(PERSON, Text)))
        .limit(limit)
    )


def _first(plan: ExperimentPlan, name: str | None) -> Select[Any]:
    """Return the first exposure of each person, whether it passes, and a value that it had."""
    query = plan.query
    variant = _variant(plan)
    is_in: ColumnElement[Any] = literal(True)
    value: ColumnElement[Any] = cast(null(), Text)
    if query.is_filtered:
        passes = matches_filter(query.filters, query.project_id, query.time_range)
        is_in = _at_first(passes, Boolean())
    if name is not None:
        value = _at_first(event_text(name), Text())
    return (
        select(
            PERSON.label("person"),
            func.min(Event.timestamp).label("first_at"),
            func.min(variant).label("variant"),
            func.max(variant).label("last_variant"),
            is_in.label("is_in"),
            value.label("value"),
        )
        .where(*_is_exposure(plan))
        .group_by(PERSON)
    )


def _variant(plan: ExperimentPlan) -> ColumnElement[int]:
    response = plain_json_text(Event.properties, "$feature_flag_response")
    return array_position(response, plan.keys)


def _is_exposure(plan: ExperimentPlan) -> list[ColumnElement[bool]]:
    return [*_is_of_flag(plan), _variant(plan).is_not(None)]


def _is_of_flag(plan: ExperimentPlan) -> list[ColumnElement[bool]]:
    return [
        *in_range(plan.query.project_id, plan.query.time_range),
        Event.event_name == EXPOSURE,
        plain_json_text(Event.properties, "$feature_flag") == plan.flag_key,
    ]


def _at_first(value: ColumnElement[Any], kind: TypeEngine[Any]) -> ColumnElement[Any]:
    """Return the value of a person's first exposure; of two at the same instant, the lower id's."""
    of = Event.__table__.c
    return first_value(value, kind, of.timestamp, of.id)
