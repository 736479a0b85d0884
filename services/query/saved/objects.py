"""List, get, create, update and delete a project's saved objects, whatever their table.

Saved insights, dashboards, annotations, communities, divisions and cohorts are rows of one table
each, identified by the project and an id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy.orm import Session

from services.query.execution.query_cache import invalidate
from services.query.saved import store
from services.query.saved.store import ProjectRow
from shared.errors import Conflict, NotFound
from shared.runtime.database import session_scope
from shared.web.pagination import decode_cursor, encode_cursor

Response = TypeVar("Response")
Values = Mapping[str, Any]
Check = Callable[[Session, int, Values], None]
"""Refuses values of a project's object: raises Unprocessable."""
DeletionCheck = Callable[[Session, int, str], None]
"""Refuses the deletion of a project's object: raises Conflict."""
Completion = Callable[[Session, int, Values], Values]
"""Returns the columns of what was sent, with those that follow from it. Of a change, ``id`` too."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Response]):
    """A page of a list, in order of the id."""

    items: list[Response]
    next_cursor: str | None


def _accept_values(session: Session, project_id: int, values: Values) -> None:
    """Accept all values."""


def _as_sent(_session: Session, _project_id: int, values: Values) -> Values:
    """Return what was sent: no column follows from it."""
    return values


def _accept_deletion(session: Session, project_id: int, key: str) -> None:
    """Accept every deletion."""


def _leave_rest(session: Session, row: Any, *values: Values) -> None:
    """Change nothing else."""


@dataclass(frozen=True, slots=True)
class ObjectType(Generic[ProjectRow, Response]):
    """A table of saved objects, and what is special about it."""

    noun: str
    model: type[ProjectRow]
    serialize: Callable[[ProjectRow], Response]
    has_chosen_id: bool = False
    """Whether the client chooses the id, which then is a text."""
    has_author: bool = True
    affects_answers: bool = False
    """Whether answers to queries depend on these objects, so that a change voids the cache."""
    check: Check = field(default=_accept_values)
    check_deletion: DeletionCheck = field(default=_accept_deletion)
    complete: Completion = field(default=_as_sent)
    before_update: Callable[[Session, ProjectRow, Values], None] = field(default=_leave_rest)
    """Changes what follows from new values of an object."""
    before_deletion: Callable[[Session, ProjectRow], None] = field(default=_leave_rest)
    """Deletes what belongs to an object alone."""

    def not_found(self) -> NotFound:
        """Return the error for an id that the project does not have."""
        return NotFound(f"The project has no such {self.noun}. List them to find the id.")


def list_objects(
    kind: ObjectType[ProjectRow, Response], project_id: int, limit: int, cursor: str | None
) -> Page[Response]:
    """Return a page of a project's objects, in order of the id.

    Raises:
        Unprocessable: the cursor is invalid.
    """
    after = None
    if cursor is not None:
        [after] = decode_cursor(cursor, str if kind.has_chosen_id else int)
    with session_scope() as session:
        rows = store.list_after(session, kind.model, project_id, after, limit + 1)
        items = [kind.serialize(row) for row in rows[:limit]]
        more = encode_cursor(rows[limit - 1].id) if len(rows) > limit else None
    return Page(items, more)


def get_object(kind: ObjectType[ProjectRow, Response], project_id: int, key: str) -> Response:
    """Return one object.

    Raises:
        NotFound: the project has none with this id.
    """
    with session_scope() as session:
        return kind.serialize(find(session, kind, project_id, key))


def create_object(
    kind: ObjectType[ProjectRow, Response], project_id: int, values: Values, user_id: int | None
) -> Response:
    """Create an object.

    Raises:
        Conflict: the project has one with this id.
    """
    author = {"created_by": user_id} if kind.has_author else {}
    with session_scope() as session:
        if kind.has_chosen_id and store.get(session, kind.model, (project_id, values["id"])):
            raise Conflict(
                f"The project already has a {kind.noun} with this id. Change it, or use another id."
            )
        kind.check(session, project_id, values)
        columns = kind.complete(session, project_id, values)
        row = store.add(session, kind.model(project_id=project_id, **columns, **author))
        created = kind.serialize(row)
    if kind.affects_answers:
        invalidate(project_id)
    return created


def update_object(
    kind: ObjectType[ProjectRow, Response], project_id: int, key: str, values: Values
) -> Response:
    """Change the given fields of an object. An id among them is ignored."""
    values = {name: value for name, value in values.items() if name != "id"}
    with session_scope() as session:
        row = find(session, kind, project_id, key)
        kind.check(session, project_id, {**values, "id": key})
        kind.before_update(session, row, values)
        columns = {**kind.complete(session, project_id, {**values, "id": key})}
        columns.pop("id", None)
        updated = kind.serialize(store.update(session, row, columns))
    if kind.affects_answers:
        invalidate(project_id)
    return updated


def delete_object(kind: ObjectType[ProjectRow, Response], project_id: int, key: str) -> None:
    """Delete an object.

    Raises:
        Conflict: other objects still belong to it.
    """
    with session_scope() as session:
        row = find(session, kind, project_id, key)
        kind.check_deletion(session, project_id, key)
        kind.before_deletion(session, row)
        store.remove(session, row)
    if kind.affects_answers:
        invalidate(project_id)


def find(
    session: Session, kind: ObjectType[ProjectRow, Response], project_id: int, key: str
) -> ProjectRow:
    """Return the row of an object.

    Raises:
        NotFound: the project has none with this id.
    """
    row = store.get(session, kind.model, (project_id, _id(kind, key)))
    if row is None:
        raise kind.not_found()
    return row


def _id(kind: ObjectType[ProjectRow, Response], key: str) -> int | str:
    if kind.has_chosen_id:
        return key
    if not key.isascii() or not key.isdigit() or len(key) > 9:
        raise kind.not_found()
    return int(key)
