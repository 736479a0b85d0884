"""The persons of raw rows: of events that pass a test, and of sessions."""

from __future__ import annotations

from collections.abc import Sequence

from pyroaring import BitMap
from sqlalchemy import ColumnElement, select

from services.query.execution.context import QueryContext
from services.query.parsing.events import EventSelector
from services.query.sources.conditions import matches_query, matches_selector
from services.query.sources.copy_columns import fetch
from services.query.sources.event_columns import PERSON, event_values
from services.query.sources.session_rows import started_in_range
from services.query.sources.visit_conditions import belongs_to_visit
from shared.events.person_bitmaps import person_bitmap
from shared.models import SessionRow


def persons_of_events(context: QueryContext, tests: Sequence[ColumnElement[bool]]) -> BitMap:
    """Return the persons with an event of the query that passes the tests."""
    context.note_raw_rows()
    statement = select(PERSON).where(*matches_query(context.query), *tests).group_by(PERSON)
    persons = fetch(context.session, statement, {"person": "integer"})["person"]
    return person_bitmap(persons)


def persons_of_visits(context: QueryContext, tests: Sequence[ColumnElement[bool]]) -> BitMap:
    """Return the persons with an event that passes the tests, in a visit of the query."""
    context.note_raw_rows()
    conditions = [*belongs_to_visit(context.query), *tests]
    statement = select(PERSON).where(*conditions).group_by(PERSON)
    persons = fetch(context.session, statement, {"person": "integer"})["person"]
    return person_bitmap(persons)


def persons_of_value(
    context: QueryContext, selector: EventSelector, name: str, value: str | None
) -> BitMap:
    """Return the persons with a selected event that has a value of a property; None: lacks it."""
    context.note_raw_rows()
    rows = (
        select(PERSON.label("person"), event_values(name).label("value"))
        .where(*matches_query(context.query), matches_selector(context.query, selector))
        .subquery("rows")
    )
    passes = rows.c.value.is_(None) if value is None else rows.c.value == value
    statement = select(rows.c.person).where(passes).distinct()
    return BitMap(context.session.scalars(statement))


def session_persons(context: QueryContext, tests: Sequence[ColumnElement[bool]] = ()) -> BitMap:
    """Return the persons whose sessions start in the range of the query and pass the tests.

    The filters of the query are not looked at.
    """
    context.note_raw_rows()
    query = context.query
    conditions = [*started_in_range(query.project_id, query.time_range), *tests]
    statement = select(SessionRow.person_id).where(*conditions).distinct()
    persons = fetch(context.session, statement, {"person": "integer"})["person"]
    return person_bitmap(persons)
