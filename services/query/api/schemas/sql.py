"""Requests of SQL."""

from __future__ import annotations

from typing import Annotated, TypedDict

from services.query.parsing.sql_statement import MAX_LENGTH
from services.query.records.sql_formats import FORMATS
from services.query.records.sql_query import MAX_ROWS
from shared.requests import Param


class SqlRequest(TypedDict):
    """A SQL statement, and how its result is answered."""

    statement: Annotated[
        str,
        Param(
            "One SELECT over the views events, persons and sessions.", minimum=1, maximum=MAX_LENGTH
        ),
    ]
    limit: Annotated[
        int, Param("The most rows of the answer.", default=1_000, minimum=1, maximum=MAX_ROWS)
    ]
    format: Annotated[str, Param("What the answer is.", default="json", choices=tuple(FORMATS))]
