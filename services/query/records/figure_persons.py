"""The persons behind a figure: page by page, and as a file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from services.query.execution.cached_query import CachedQuery
from services.query.execution.figure import Figure, FoundPersons
from services.query.execution.read_session import read_only_session
from services.query.execution.responses import InsightResponse
from services.query.parsing.request import QueryRequest
from services.query.records.person_summaries import PersonSummary, summarize
from shared.responses import Doc
from shared.web.csv_cells import BYTE_ORDER_MARK, escape_formula
from shared.web.pagination import decode_id, encode_cursor

CSV = "text/csv; charset=utf-8"
COLUMNS = (
    "person_id", "distinct_id", "first_seen", "last_seen", "events", "sessions", "country",
    "device_type", "browser", "os_name", "properties",
)  # fmt: skip
_BATCH = 500


@dataclass(frozen=True, slots=True)
class FigurePlan:
    """Which figure, and which page of its persons."""

    figure: Any
    """The plan of the figure: frozen dataclasses all the way down."""
    project_id: int
    after: int
    """Only persons with greater ids."""
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FigurePersonsResponse(InsightResponse):
    """The persons behind a figure, in order of the id."""

    total: Annotated[int, Doc("Number of persons, of all pages.")]
    person_ids: Annotated[list[int], Doc("Of this page.")]
    items: list[PersonSummary]
    next_cursor: str | None


def figure_query(figure: Figure[Any]) -> CachedQuery[FigurePlan, FigurePersonsResponse]:
    """Return the query for a page of the persons behind the figures of one kind."""

    def parse(request: QueryRequest[Any]) -> FigurePlan:
        after = decode_id(request.data["cursor"]) or 0
        return FigurePlan(figure.parse(request), request.project_id, after, request.data["limit"])

    def run(plan: FigurePlan) -> FigurePersonsResponse:
        return _page(figure.find(plan.figure), plan)

    return CachedQuery(f"{figure.kind} persons", parse, run, FigurePersonsResponse)


def _page(found: FoundPersons, plan: FigurePlan) -> FigurePersonsResponse:
    numbers = np.asarray(found.persons.to_array())
    following = numbers[numbers > plan.after]
    ids = following[: plan.limit].tolist()
    with read_only_session() as session:
        items = summarize(session, plan.project_id, ids)
    return FigurePersonsResponse(
        **found.meta,
        total=len(numbers),
        person_ids=ids,
        items=items,
        next_cursor=encode_cursor(ids[-1]) if len(following) > plan.limit else None,
    )


def write_csv(project_id: int, person_ids: Sequence[int]) -> Generator[bytes, None, None]:
    """Yield a CSV file of persons, some at a time.

    Raises:
        Unavailable: the database is away.
    """
    yield (BYTE_ORDER_MARK + _lines([COLUMNS])).encode()
    for start in range(0, len(person_ids), _BATCH):
        with read_only_session() as session:
            people = summarize(session, project_id, person_ids[start : start + _BATCH])
        yield _lines([_cells(person) for person in people]).encode()


def _cells(person: PersonSummary) -> list[object]:
    return [
        person.person_id,
        escape_formula(person.distinct_ids[0]) if person.distinct_ids else None,
        person.first_seen,
        person.last_seen,
        person.events,
        person.sessions,
        *(
            value and escape_formula(value)
            for value in (person.country, person.device_type, person.browser, person.os_name)
        ),
        json.dumps(person.properties, ensure_ascii=False),
    ]


def _lines(rows: Any) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue()
