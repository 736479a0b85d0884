"""Say in words of Tidemark's what PostgreSQL refuses in a SQL statement.

PostgreSQL's own words name its views, its types and values of rows, so none of them is passed on.
"""

from __future__ import annotations

import psycopg2
from psycopg2 import errors

from services.query.parsing.errors import invalid_field
from shared.errors import ErrorCode, Unprocessable
from shared.runtime.settings import get_settings

_BY_STATE = {
    "21000": "A subquery that stands for one value has several rows. Add LIMIT 1 or an aggregate.",
    "22003": "A number is too large for its type. Use numeric or double precision.",
    "22007": "A text is no date or time. Write it like 2026-03-29 or 2026-03-29 12:00+00.",
    "22008": "A date or time is outside of what can be computed.",
    "22012": "The statement divides by zero. Use nullif(x, 0).",
    "22023": "A function was given a value that it does not take, such as a unit or a zone.",
    "22025": "A pattern of LIKE ends in the character that escapes.",
    "22P02": "A text is no value of the type that it is cast to. Filter such rows out with CASE.",
    "42501": "The statement reads what it may not.",
    "42601": "PostgreSQL does not take the statement's syntax. Simplify it.",
    "42702": "A column's name is that of several. Write the view's name before it: events.source.",
    "42703": "A column is not there where it is used. A name after AS is known in ORDER BY only.",
    "42803": "A column is neither in GROUP BY nor in an aggregate, or an aggregate is misplaced.",
    "42804": "Types do not fit together. Cast one: (properties ->> 'price')::numeric.",
    "42883": "There is no such function or operator for these types. Cast: x::text, x::numeric.",
    "42P01": "The name before a column is of nothing in FROM.",
    "42P10": "ORDER BY or DISTINCT ON takes columns that SELECT has here.",
    "53400": "This query needs more than 1 GB of temporary files. Read a shorter range, or sort and"
    " join fewer rows.",
}
_CLASSES = ("0A", "21", "22", "42", "54")
"""Of states that are the statement's own fault."""
_OTHERWISE = "PostgreSQL does not run this statement (SQLSTATE {state}). Simplify it."


def explain_refusal(error: psycopg2.Error) -> Unprocessable | None:
    """Return the API error for what PostgreSQL refuses in the statement itself, or None."""
    state = error.pgcode or ""
    if isinstance(error, errors.QueryCanceled):
        seconds = get_settings().query_timeout_ms / 1000
        return Unprocessable(
            f"This query took longer than {seconds:g} seconds and was stopped. Read a shorter "
            "range of timestamp, or join fewer rows.",
            code=ErrorCode.QUERY_TIMEOUT,
        )
    if state in _BY_STATE or state.startswith(_CLASSES):
        message = _BY_STATE.get(state, _OTHERWISE.format(state=state))
        return invalid_field("statement", message)
    return None
