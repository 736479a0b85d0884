"""Statements of saved objects and cohorts. The query service never writes events."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Delete,
    Select,
    Text,
    cast,
    delete,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.orm import Session

from services.query.sources.event_columns import PERSON
from services.query.sources.postgres import unnest_numbers
from shared.auth.valid_keys import valid_key
from shared.flags.definition import cohorts_of, from_json
from shared.models import (
    Alert,
    Annotation,
    ApiKey,
    Base,
    Channel,
    Cohort,
    CohortMember,
    Community,
    Dashboard,
    Definition,
    Division,
    Experiment,
    FeatureFlag,
    Goal,
    Person,
    PersonDistinctId,
    Report,
    SavedInsight,
    Segment,
)

Row = TypeVar("Row", bound=Base)
ProjectRow = TypeVar(
    "ProjectRow",
    Alert,
    Annotation,
    Channel,
    Cohort,
    Community,
    Dashboard,
    Division,
    Experiment,
    Goal,
    Report,
    SavedInsight,
    Segment,
)
"""A row that a project and an id identify."""


def list_after(
    session: Session,
    model: type[ProjectRow],
    project_id: int,
    after: int | str | None,
    limit: int,
) -> Sequence[ProjectRow]:
    """Return a project's rows with an id beyond ``after``, in order of the id."""
    statement = select(model).where(model.project_id == project_id)
    if after is not None:
        statement = statement.where(model.id > after)
    return session.scalars(statement.order_by(model.id).limit(limit)).all()


def existing_ids(
    session: Session, model: type[ProjectRow], project_id: int, ids: Collection[int]
) -> set[int | str]:
    """Return those of the ids that a project has rows with."""
    if not ids:
        return set()
    return set(
        session.scalars(select(model.id).where(model.project_id == project_id, model.id.in_(ids)))
    )


def count_checked_events(session: Session, project_id: int) -> tuple[int, int]:
    """Return how many schemas ingest checks events of a project by, and their bytes."""
    session.flush()
    size = func.coalesce(func.sum(func.octet_length(cast(Definition.json_schema, Text))), 0)
    statement = select(func.count(), size).where(
        Definition.project_id == project_id, Definition.schema_mode != "off"
    )
    events, total = session.execute(statement).one()
    return int(events), int(total)


def list_key_hashes(session: Session, project_id: int) -> list[str]:
    """Return the hashes of a project's valid keys; of others there may be any number."""
    statement = select(ApiKey.key_hash).where(ApiKey.project_id == project_id, valid_key())
    return [*session.scalars(statement)]


def get(session: Session, model: type[Row], key: tuple[int | str, ...]) -> Row | None:
    """Return the row with a primary key, or None."""
    return session.get(model, key)


def add(session: Session, row: Row) -> Row:
    """Insert a row and return it with the values that the database filled in."""
    session.add(row)
    session.flush()
    session.refresh(row)
    return row


def update(session: Session, row: Row, values: Mapping[str, Any]) -> Row:
    """Set fields of a row and return it with the values that the database filled in."""
    for field, value in values.items():
        setattr(row, field, value)
    session.flush()
    session.refresh(row)
    return row


def remove(session: Session, row: Base) -> None:
    """Delete a row."""
    session.delete(row)


def is_division_used(session: Session, project_id: int, division_id: str) -> bool:
    """Return whether a community or another division belongs to a division."""
    for owner, field in ((Community, Community.division_id), (Division, Division.parent_id)):
        used = select(owner.id).where(owner.project_id == project_id, field == division_id)
        if session.scalar(used.limit(1)) is not None:
            return True
    return False


def shared_dashboard(session: Session, project_id: int, share_hash: str) -> Dashboard | None:
    """Return the dashboard whose link's token has this hash."""
    return session.scalar(
        select(Dashboard).where(
            Dashboard.project_id == project_id, Dashboard.share_hash == share_hash
        )
    )


def replace_members(
    session: Session,
    cohort: Cohort,
    conditions: Sequence[ColumnElement[bool]],
    at_least: int,
    now: datetime,
) -> None:
    """Make the persons with at least so many matching events the members of a cohort."""
    session.execute(_delete_members(cohort))
    members = (
        select(literal(cohort.project_id), literal(cohort.id), PERSON)
        .where(*conditions)
        .group_by(PERSON)
        .having(func.count() >= at_least)
    )
    _insert_members(session, cohort, members, now)


def upload_members(
    session: Session, cohort: Cohort, distinct_ids: Sequence[str], now: datetime
) -> None:
    """Make the known persons with these distinct ids the members of a cohort."""
    session.execute(_delete_members(cohort))
    members = (
        select(literal(cohort.project_id), literal(cohort.id), PersonDistinctId.person_id)
        .where(
            PersonDistinctId.project_id == cohort.project_id,
            PersonDistinctId.distinct_id.in_(distinct_ids),
        )
        .distinct()
    )
    _insert_members(session, cohort, members, now)


def add_members(session: Session, cohort: Cohort, persons: Sequence[int], now: datetime) -> None:
    """Make these persons, where they still exist, the members of a new cohort."""
    members = select(literal(cohort.project_id), literal(cohort.id), Person.person_id).where(
        Person.project_id == cohort.project_id,
        Person.person_id.in_(select(unnest_numbers(persons))),
    )
    _insert_members(session, cohort, members, now)


def count_members(session: Session, cohort: Cohort, now: datetime) -> None:
    """Count the members of a cohort anew."""
    size = session.scalar(
        select(func.count()).where(
            CohortMember.project_id == cohort.project_id, CohortMember.cohort_id == cohort.id
        )
    )
    update(session, cohort, {"size": size, "counted_at": now})


def remove_members(session: Session, cohort: Cohort) -> None:
    """Delete the members of a cohort."""
    session.execute(_delete_members(cohort))


def flags_with_cohort(session: Session, project_id: int, cohort_id: int) -> list[str]:
    """Return the keys of the feature flags whose conditions name a cohort, in order."""
    rows = session.scalars(
        select(FeatureFlag).where(FeatureFlag.project_id == project_id).order_by(FeatureFlag.key)
    )
    return [row.key for row in rows if cohort_id in cohorts_of([from_json(row.definition)])]


def _delete_members(cohort: Cohort) -> Delete:
    return delete(CohortMember).where(
        CohortMember.project_id == cohort.project_id, CohortMember.cohort_id == cohort.id
    )


def _insert_members(
    session: Session, cohort: Cohort, members: Select[int, int, int], now: datetime
) -> None:
    columns = ["project_id", "cohort_id", "person_id"]
    inserted: Any = session.execute(insert(CohortMember).from_select(columns, members))
    update(session, cohort, {"size": inserted.rowcount, "counted_at": now})
