"""Check what only the database can tell of a plan's filters: cohorts, and regular expressions."""

from __future__ import annotations

from psycopg2.errors import InvalidRegularExpression
from sqlalchemy import Text, literal, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from services.query.execution.read_session import read_only_session
from services.query.parsing.errors import invalid_field
from services.query.parsing.filters import Condition, filter_conditions, ids_of
from shared.models import Cohort


def check_filters(project_id: int, plan: object) -> None:
    """Check the filters of a plan as ``check_filters_in`` does, in a session of its own."""
    if any(one.scope == "cohort" or one.operator == "regex" for one in filter_conditions(plan)):
        with read_only_session() as session:
            check_filters_in(session, project_id, plan)


def check_filters_in(session: Session, project_id: int, plan: object) -> None:
    """Refuse filters that name a missing cohort, or contain an invalid regular expression.

    Without rows PostgreSQL compiles no regular expression and looks up no cohort, so such a query
    would be answered with 0.

    Args:
        session: a session that ``translate_errors`` surrounds.
        project_id: the project of the cohorts.
        plan: frozen dataclasses, at any depth.

    Raises:
        Unprocessable: names the cohorts, or the filters.
    """
    for condition in filter_conditions(plan):
        if condition.scope == "cohort":
            _check_cohorts(session, project_id, condition)
        elif condition.operator == "regex":
            _check_regex(session, condition)


def _check_cohorts(session: Session, project_id: int, condition: Condition) -> None:
    named = ids_of(condition)
    found = session.scalars(
        select(Cohort.id).where(Cohort.project_id == project_id, Cohort.id.in_(named))
    )
    missing = sorted(named.difference(found))
    if missing:
        numbers = ", ".join(map(str, missing))
        raise invalid_field(
            f"{condition.field}.value",
            f"The project has no cohort {numbers}. It was deleted, or never existed. Use another "
            "cohort, or remove the condition.",
        )


def _check_regex(session: Session, condition: Condition) -> None:
    pattern = literal(str(condition.values[0]), Text())
    try:
        session.execute(select(literal("", Text()).regexp_match(pattern)))
    except DBAPIError as error:
        if not isinstance(error.orig, InvalidRegularExpression):
            raise
        raise invalid_field(
            f"{condition.field}.value",
            "This regular expression is invalid. Use the syntax of PostgreSQL's.",
        ) from error
