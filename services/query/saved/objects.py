"""What people keep: saved insights, dashboards, annotations, definitions, communities, divisions.

One way in for all of them: a project's rows of one table, found by their id within the project.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from services.query.execution.query_cache import invalidate
from services.query.parsing.filters import invalid_field
from services.query.saved import store
from shared.errors import Conflict, NotFound
from shared.models import Annotation, Board, Community, Definition, Division, SavedInsight
from shared.runtime.database import session_scope

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """A table of things that are kept."""

    noun: str
    model: Any
    key: str = "id"
    """The column that, with the project, identifies a row."""
    own_key: bool = False
    """Whether people choose the key (then it is text)."""
    has_author: bool = True
    division_field: str | None = None
    """The field that names a division."""


SAVED = Kind("saved insight", SavedInsight)
BOARDS = Kind("dashboard", Board)
ANNOTATIONS = Kind("annotation", Annotation)
COMMUNITIES = Kind(
    "community", Community, own_key=True, has_author=False, division_field="division_id"
)
DIVISIONS = Kind("division", Division, own_key=True, has_author=False, division_field="parent_id")


def listed(kind: Kind, project_id: int, limit: int, cursor: str | None) -> Item:
    """A page, in order of the key."""
    after = _key(kind, cursor) if cursor else None
    with session_scope() as session:
        rows = store.listed(session, kind.model, kind.key, project_id, limit + 1, after)
        items = [shape(row) for row in rows[:limit]]
    more = str(items[-1][kind.key]) if len(rows) > limit else None
    return {"items": items, "next_cursor": more}


def found(kind: Kind, project_id: int, key: str) -> Item:
    """One of them.

    Raises:
        NotFound: the project has none with this id.
    """
    with session_scope() as session:
        return shape(_get(session, kind, project_id, key))


def made(kind: Kind, project_id: int, data: Item, user_id: int | None) -> Item:
    """A new one.

    Raises:
        Conflict: the project has one with this id.
    """
    author = {"created_by": user_id} if kind.has_author else {}
    with session_scope() as session:
        taken = kind.own_key and store.get(session, kind.model, (project_id, data[kind.key]))
        if taken:
            raise Conflict(f"There is a {kind.noun} with this id.")
        _check_division(session, kind, project_id, data)
        item = shape(store.add(session, kind.model(project_id=project_id, **data, **author)))
    _answers_change(kind, project_id)
    return item


def changed(kind: Kind, project_id: int, key: str, data: Item) -> Item:
    """One of them with other values in the fields that are given."""
    with session_scope() as session:
        row = _get(session, kind, project_id, key)
        _check_division(session, kind, project_id, {**data, "id": key})
        item = shape(store.change(session, row, data))
    _answers_change(kind, project_id)
    return item


def removed(kind: Kind, project_id: int, key: str) -> None:
    """Without it.

    Raises:
        Conflict: communities or other divisions still belong to the division.
    """
    with session_scope() as session:
        row = _get(session, kind, project_id, key)
        if kind is DIVISIONS and store.is_division_used(session, project_id, key):
            raise Conflict("Communities or other divisions belong to this one; move them first.")
        store.remove(session, row)
    _answers_change(kind, project_id)


def share(project_id: int, key: str) -> Item:
    """A new public link to a dashboard; an older one stops working. Its token is shown once."""
    token = f"{project_id}-{secrets.token_urlsafe(24)}"
    with session_scope() as session:
        row = _get(session, BOARDS, project_id, key)
        store.change(session, row, {"share_hash": hash_of(token)})
    return {"token": token}


def unshare(project_id: int, key: str) -> None:
    """No link to the dashboard works any more."""
    with session_scope() as session:
        store.change(session, _get(session, BOARDS, project_id, key), {"share_hash": None})


def defined(project_id: int, kind: str, name: str, data: Item) -> Item:
    """What is said about an event name or a property, said anew."""
    with session_scope() as session:
        row = store.get(session, Definition, (project_id, kind, name))
        if row is None:
            row = store.add(session, Definition(project_id=project_id, kind=kind, name=name))
        return shape(store.change(session, row, data))


def _check_division(session: Any, kind: Kind, project_id: int, data: Item) -> None:
    """Refuse a division that is not there, and one that would lie in itself."""
    field = kind.division_field
    if field is None or data.get(field) is None:
        return
    division: Division | None = store.get(session, Division, (project_id, data[field]))
    if division is None:
        raise invalid_field(field, "The project has no such division.")
    seen: set[str] = set()
    while kind is DIVISIONS and division is not None and division.id not in seen:
        if division.id == data["id"]:
            raise invalid_field(field, "A division cannot lie in itself.")
        seen.add(division.id)
        division = store.get(session, Division, (project_id, division.parent_id or ""))


def _answers_change(kind: Kind, project_id: int) -> None:
    if kind.division_field is not None:
        invalidate(project_id)


def shape(row: Any) -> Item:
    """A row as it is answered: without the project, and without what only Tidemark may know."""
    item: Item = {}
    for column in row.__table__.columns:
        if column.name in {"project_id", "share_hash"}:
            continue
        value = getattr(row, column.name)
        item[column.name] = value.isoformat() if hasattr(value, "isoformat") else value
    if isinstance(row, Board):
        item["is_shared"] = row.share_hash is not None
    return item


def _get(session: Any, kind: Kind, project_id: int, key: str) -> Any:
    row = store.get(session, kind.model, (project_id, _key(kind, key)))
    if row is None:
        raise NotFound(f"The project has no such {kind.noun}.")
    return row


def _key(kind: Kind, key: str) -> Any:
    if kind.own_key:
        return key
    if not key.isascii() or not key.isdigit() or len(key) > 9:
        raise NotFound(f"The project has no such {kind.noun}.")
    return int(key)


def hash_of(token: str) -> str:
    """What is stored of a link's token."""
    return hashlib.sha256(token.encode()).hexdigest()
