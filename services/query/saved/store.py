"""Writes of the query service: what people keep, and who is in a cohort. Never events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, literal, select
from sqlalchemy.orm import Session

from services.query.sources.event_columns import PERSON
from shared.models import Board, Cohort, CohortMember, Community, Division, PersonDistinctId


def listed(  # noqa: PLR0917
    session: Session, model: Any, key: str, project_id: int, limit: int, after: Any
) -> Sequence[Any]:
    """Rows of a project in order of their key, those after a key."""
    column = getattr(model, key)
    statement = select(model).where(model.project_id == project_id)
    if after is not None:
        statement = statement.where(column > after)
    return session.scalars(statement.order_by(column).limit(limit)).all()


def get(session: Session, model: Any, key: tuple[Any, ...]) -> Any:
    """A row by its whole key, or None."""
    return session.get(model, key)


def add(session: Session, row: Any) -> Any:
    """Insert a row; answers it with what the database filled in."""
    session.add(row)
    session.flush()
    session.refresh(row)
    return row


def change(session: Session, row: Any, data: Mapping[str, Any]) -> Any:
    """Set some fields."""
    for field, value in data.items():
        setattr(row, field, value)
    session.flush()
    session.refresh(row)
    return row


def remove(session: Session, row: Any) -> None:
    """Delete a row."""
    session.delete(row)


def is_division_used(session: Session, project_id: int, division_id: str) -> bool:
    """Whether a community or another division belongs to it."""
    for owner, field in ((Community, Community.division_id), (Division, Division.parent_id)):
        used = select(owner.id).where(owner.project_id == project_id, field == division_id)
        if session.scalar(used.limit(1)) is not None:
            return True
    return False


def shared_board(session: Session, project_id: int, share_hash: str) -> Board | None:
    """The dashboard with this link."""
    return session.scalar(
        select(Board).where(Board.project_id == project_id, Board.share_hash == share_hash)
    )


def replace_members(
    session: Session,
    cohort: Cohort,
    conditions: Sequence[ColumnElement[bool]],
    at_least: int,
    now: datetime,
) -> int:
    """A cohort's members are now the persons with so many rows that pass; answers how many."""
    session.execute(_members_of(cohort))
    found = (
        select(literal(cohort.project_id), literal(cohort.id), PERSON)
        .where(*conditions)
        .group_by(PERSON)
        .having(func.count() >= at_least)
    )
    return _insert(session, cohort, found, now)


def upload_members(
    session: Session, cohort: Cohort, distinct_ids: Sequence[str], now: datetime
) -> int:
    """A cohort's members are now the known persons behind these ids; answers how many."""
    session.execute(_members_of(cohort))
    found = (
        select(literal(cohort.project_id), literal(cohort.id), PersonDistinctId.person_id)
        .where(
            PersonDistinctId.project_id == cohort.project_id,
            PersonDistinctId.distinct_id.in_(distinct_ids),
        )
        .distinct()
    )
    return _insert(session, cohort, found, now)


def remove_members(session: Session, cohort: Cohort) -> None:
    """An empty cohort."""
    session.execute(_members_of(cohort))


def _members_of(cohort: Cohort) -> Any:
    return delete(CohortMember).where(
        CohortMember.project_id == cohort.project_id, CohortMember.cohort_id == cohort.id
    )


def _insert(session: Session, cohort: Cohort, found: Any, now: datetime) -> int:
    columns = ["project_id", "cohort_id", "person_id"]
    result: Any = session.execute(insert(CohortMember).from_select(columns, found))
    change(session, cohort, {"size": result.rowcount, "counted_at": now})
    return int(result.rowcount)
