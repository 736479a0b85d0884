"""The log of merges: which ids joined a person, by which kind of key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from sqlalchemy import or_, select

from services.query.execution.read_session import limited_session
from shared.errors import NotFound
from shared.models import PersonDistinctId, PersonMerge
from shared.responses import Doc, Timestamp
from shared.web.pagination import decode_id, encode_cursor


@dataclass(frozen=True, slots=True)
class PersonMergeSummary:
    """A merge in the log."""

    id: int
    merged_at: Timestamp
    key_kind: Annotated[str, Doc("The kind of key of its event: public, secret or unknown.")]
    event_id: Annotated[str, Doc("The event that requested the merge.", format="uuid")]
    distinct_id: str
    previous_id: str
    joined_ids: Annotated[list[str], Doc("The ids that joined the person; undoing takes them out.")]
    person_id: Annotated[int, Doc("The person that they joined.")]
    joined_person_id: Annotated[int | None, Doc("Their person until then. Null: the id was new.")]
    undone_at: Timestamp | None


@dataclass(frozen=True, slots=True)
class PersonMergeListResponse:
    """A page of merges, the latest first."""

    items: list[PersonMergeSummary]
    next_cursor: str | None


def list_merges(
    project_id: int, person_id: int, limit: int, cursor: str | None
) -> PersonMergeListResponse:
    """List the merges that name an id of a person, the latest first.

    Raises:
        NotFound: the project has no such person.
        Unprocessable: the cursor is invalid.
    """
    before = decode_id(cursor)
    ids = select(PersonDistinctId.distinct_id).where(
        PersonDistinctId.project_id == project_id, PersonDistinctId.person_id == person_id
    )
    statement = select(PersonMerge).where(
        PersonMerge.project_id == project_id,
        or_(PersonMerge.distinct_id.in_(ids), PersonMerge.previous_id.in_(ids)),
    )
    if before is not None:
        statement = statement.where(PersonMerge.id < before)
    with limited_session(project_id) as session:
        if session.scalar(ids.limit(1)) is None:
            raise NotFound(
                "The project has no such person. Search for a distinct id to find the person."
            )
        rows = session.scalars(statement.order_by(PersonMerge.id.desc()).limit(limit + 1)).all()
        items = [_summary(row) for row in rows[:limit]]
    next_cursor = encode_cursor(items[-1].id) if len(rows) > limit else None
    return PersonMergeListResponse(items, next_cursor)


def _summary(row: PersonMerge) -> PersonMergeSummary:
    return PersonMergeSummary(
        id=row.id,
        merged_at=row.merged_at.isoformat(),
        key_kind=row.key_kind,
        event_id=str(row.event_id),
        distinct_id=row.distinct_id,
        previous_id=row.previous_id,
        joined_ids=row.joined_ids,
        person_id=row.person_id,
        joined_person_id=row.joined_person_id,
        undone_at=row.undone_at.isoformat() if row.undone_at else None,
    )
