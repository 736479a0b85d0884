"""Experiments: what is measured of the persons that a flag gave different variants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.query.execution.filter_checks import check_filters
from services.query.execution.segments import with_segments
from services.query.parsing.errors import invalid_field
from services.query.parsing.events import EventQuery
from services.query.parsing.experiments import (
    METRIC_KINDS,
    METRIC_ROLES,
    WORSE,
    ExperimentPlan,
    parse_metrics,
)
from services.query.parsing.filters import NO_FILTER, Group
from services.query.parsing.time_range import TimeRange, midnight, start_of_hour
from services.query.saved.objects import ObjectType, Values, find
from services.query.saved.store import list_after
from shared.events.local_days import day_of
from shared.flags.definition import from_json
from shared.flags.uses_lock import lock_for_use
from shared.models import Experiment, FeatureFlag
from shared.responses import Doc, Timestamp
from shared.runtime.database import session_scope

MAX_EXPERIMENTS = 500
"""Experiments of a project."""
MAX_DAYS = 184
"""Days of an experiment: each has an interval of every metric and variant."""
OUTCOMES = ("shipped", "rolled_back")
_CHECKED = ("flag_key", "variants", "metrics", "starts_at", "ends_at")


@dataclass(frozen=True, slots=True)
class ExperimentVariant:
    """A variant of the flag."""

    key: str
    share: Annotated[float, Doc("Planned; shares count relative to their sum.")]


@dataclass(frozen=True, slots=True)
class ExperimentMetricDefinition:
    """What is counted of each person, from the first exposure on."""

    name: str
    kind: Annotated[str, Doc(choices=METRIC_KINDS)]
    role: Annotated[str, Doc(choices=METRIC_ROLES)]
    event: Annotated[str | None, Doc("Event name; null: any event.")]
    filters: Annotated[dict[str, Any] | None, Doc("Null: none.", schema="Filter")]
    value_property: Annotated[str | None, Doc("Whose values are added up; null: events count.")]
    cap: Annotated[float | None, Doc("Of a mean: the largest value of a person.")]
    denominator: Annotated[dict[str, Any] | None, Doc("Of a ratio: event, filters and property.")]
    from_day: Annotated[int | None, Doc("Of retention: when it begins after the exposure.")]
    to_day: Annotated[int | None, Doc("Of retention: when it ends.")]
    worse: Annotated[str, Doc("Which values are worse.", choices=WORSE)] = "lower"


@dataclass(frozen=True, slots=True)
class ExperimentResponse:
    """An experiment; its first variant is the control."""

    id: int
    name: str
    flag_key: str
    variants: list[ExperimentVariant]
    metrics: list[ExperimentMetricDefinition]
    starts_at: Timestamp
    ends_at: Annotated[Timestamp | None, Doc("Null: it has not ended.")]
    planned_sample: Annotated[int, Doc("Persons of control and treatment at the planned end.")]
    decision: Annotated[str, Doc("A note on what was decided, and why.")]
    outcome: Annotated[str | None, Doc("Null: not decided.", choices=OUTCOMES)]
    shipped_variant: Annotated[str | None, Doc("What everybody gets; null: none was shipped.")]
    decided_at: Annotated[Timestamp | None, Doc("Null: not decided.")]
    created_by: Annotated[int | None, Doc("Id of a user; null: created with a secret key.")]
    created_at: Timestamp
    updated_at: Timestamp


def plan_of(
    project_id: int, key: str, timezone: str, now: datetime, filters: Group = NO_FILTER
) -> ExperimentPlan:
    """Return the query for the results of an experiment.

    Args:
        project_id: the project.
        key: the id of the experiment.
        timezone: the project's, whose days are those of the timeline.
        now: the current instant.
        filters: only persons take part whose first exposure passes.

    Raises:
        NotFound: the project has no such experiment.
        Unprocessable: it has run for more than ``MAX_DAYS``, or has not begun.
    """
    with session_scope() as session:
        row = find(session, EXPERIMENTS, project_id, key)
        zone = ZoneInfo(timezone)
        end = row.ends_at or midnight(day_of(now, zone) + timedelta(days=1), zone)
        end = min(end, row.starts_at + timedelta(days=MAX_DAYS)).astimezone(zone)
        start = row.starts_at.astimezone(zone)
        if end <= start:
            raise invalid_field("starts_at", "The experiment has not begun. Ask again once it has.")
        return ExperimentPlan(
            EventQuery(project_id, TimeRange(start, end, zone), filters),
            row.flag_key,
            tuple((one["key"], one["share"]) for one in row.variants),
            parse_metrics(row.metrics),
            row.planned_sample,
            min(end, start_of_hour(now)),
        )


def _serialize(row: Experiment) -> ExperimentResponse:
    return ExperimentResponse(
        id=row.id,
        name=row.name,
        flag_key=row.flag_key,
        variants=[ExperimentVariant(one["key"], one["share"]) for one in row.variants],
        metrics=[ExperimentMetricDefinition(**one) for one in row.metrics],
        starts_at=row.starts_at.isoformat(),
        ends_at=None if row.ends_at is None else row.ends_at.isoformat(),
        planned_sample=row.planned_sample,
        decision=row.decision,
        outcome=row.outcome,
        shipped_variant=row.shipped_variant,
        decided_at=None if row.decided_at is None else row.decided_at.isoformat(),
        created_by=row.created_by,
        created_at=row.created_at.isoformat(),
        updated_at=row.updated_at.isoformat(),
    )


def _check(session: Session, project_id: int, values: Values) -> None:
    """Refuse an experiment that could not be computed, or beyond the most experiments."""
    is_compared_anew = "flag_key" in values or ("ends_at" in values and not _has_ended(values))
    if "id" in values:
        row = find(session, EXPERIMENTS, project_id, values["id"])
        values = {name: getattr(row, name) for name in _CHECKED} | dict(values)
    elif len(list_after(session, Experiment, project_id, None, MAX_EXPERIMENTS)) >= MAX_EXPERIMENTS:
        message = f"A project has at most {MAX_EXPERIMENTS} experiments. Delete one first."
        raise invalid_field("name", message)
    if is_compared_anew:
        _check_flag(session, project_id, values["flag_key"])
    _check_time(values)
    keys = [one["key"] for one in values["variants"]]
    if len(set(keys)) < len(keys):
        raise invalid_field("variants", "Each variant needs a key of its own.")
    check_filters(project_id, with_segments(project_id, parse_metrics(values["metrics"])))


def _check_flag(session: Session, project_id: int, key: str) -> None:
    """Refuse a flag for groups, whose persons are not independent; another system may serve it."""
    lock_for_use(session, project_id)
    is_of_flag = (FeatureFlag.project_id == project_id) & (FeatureFlag.key == key)
    definition = session.scalar(select(FeatureFlag.definition).where(is_of_flag))
    if definition is not None and from_json(definition).group_type is not None:
        raise invalid_field(
            "flag_key",
            "This flag is for groups, and an experiment compares persons: those of a group have "
            "the same variant, so the intervals would be too narrow. Use a flag for persons.",
        )


def _has_ended(values: Mapping[str, Any]) -> bool:
    return values["ends_at"] is not None and values["ends_at"] <= datetime.now(timezone.utc)


def _check_time(values: Mapping[str, Any]) -> None:
    start, end = values["starts_at"], values.get("ends_at")
    if end is not None and not start < end <= start + timedelta(days=MAX_DAYS):
        raise invalid_field("ends_at", f"Use a time after starts_at, by at most {MAX_DAYS} days.")


EXPERIMENTS = ObjectType("experiment", Experiment, _serialize, affects_answers=True, check=_check)
