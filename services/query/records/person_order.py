"""The orders in which lists have persons, and the cursors between their pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Select, Subquery, func, select, tuple_

from services.query.sources.event_columns import PERSON
from shared.models import Event, Person, SessionRow
from shared.web.pagination import decode_cursor, decode_id, encode_cursor, invalid_cursor

Sort = Literal["id", "last_seen", "first_seen", "events", "sessions"]
SORTS: tuple[Sort, ...] = get_args(Sort)
After = tuple[date | int, int]
"""Of the last person of a page: what it is sorted by, and its id. By id, the id alone counts."""
_DAYS = {"last_seen": Person.last_seen_on, "first_seen": Person.first_seen_on}
_NO_DAY = date(1, 1, 1)


def parse_after(cursor: str | None, sort: Sort) -> After | None:
    """Return the person that a cursor names; None: the first page is requested.

    Raises:
        Unprocessable: the cursor is invalid, or of another order.
    """
    if sort == "id":
        person_id = decode_id(cursor)
        return None if person_id is None else (0, person_id)
    if cursor is None:
        return None
    if sort not in _DAYS:
        count, person_id = decode_cursor(cursor, int, int)
        return count, person_id
    day, person_id = decode_cursor(cursor, str, int)
    try:
        return date.fromisoformat(day), person_id
    except ValueError as error:
        raise invalid_cursor() from error


def cursor_after(row: Any, sort: Sort) -> str:
    """Return the cursor of the page after a row of ``page_of``."""
    if sort == "id":
        return encode_cursor(row.person_id)
    return encode_cursor(row.key.isoformat() if sort in _DAYS else row.key, row.person_id)


def page_of(
    project_id: int, sort: Sort, conditions: Sequence[ColumnElement[bool]], after: After | None
) -> Select[Any]:
    """Return the statement for the persons after one, in order, with what they are sorted by."""
    if sort == "id":
        later = [] if after is None else [Person.person_id > after[1]]
        return select(Person.person_id).where(*conditions, *later).order_by(Person.person_id)
    counted = None if sort in _DAYS else _counted(project_id, sort)
    key: ColumnElement[Any] = (
        func.coalesce(_DAYS[sort], _NO_DAY)
        if counted is None
        else func.coalesce(counted.c.number, 0)
    )
    later = [] if after is None else [tuple_(key, Person.person_id) < tuple_(*after)]
    statement = select(Person.person_id, key.label("key")).where(*conditions, *later)
    if counted is not None:
        # Beside all others: of a person without events there is no count.
        statement = statement.outerjoin(counted, counted.c.person_id == Person.person_id)
    return statement.order_by(key.desc(), Person.person_id.desc())


def _counted(project_id: int, sort: Sort) -> Subquery:
    """Count the stored events or the sessions of each person, as ``PersonSummary`` has them."""
    person, table = (PERSON, Event) if sort == "events" else (SessionRow.person_id, SessionRow)
    statement = select(person.label("person_id"), func.count().label("number"))
    return statement.where(table.project_id == project_id).group_by(person).subquery()
