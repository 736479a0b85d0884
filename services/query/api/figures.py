"""The persons behind the figures of insights: page by page, and as a file."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from marshmallow import ValidationError

from services.query.api.query_request import query_request
from services.query.api.responses import file_response, persons_file
from services.query.execution.figure import Figure, FoundPersons
from services.query.parsing.insight_kind import FigureKind
from services.query.records.figure_persons import (
    CSV,
    FigurePersonsResponse,
    figure_query,
)
from services.query.reports.registry import FIGURES
from shared.errors import ErrorCode, Unprocessable
from shared.web.blueprint import Blueprint
from shared.web.request_schemas import request_schema
from shared.web.response_schemas import response_schema
from shared.web.schemas import flatten_errors

blueprint = Blueprint(
    "figures",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>/insights",
    description="Persons behind figures",
)


def find_persons(project_id: int, kind: FigureKind, query: dict[str, Any]) -> FoundPersons:
    """Return the persons behind a figure, whose request is part of another one.

    Raises:
        Unprocessable: names the invalid field, under ``figure.query``.
    """
    figure = FIGURES[kind]
    try:
        data = request_schema(figure.request)().load(query)
    except ValidationError as error:
        raise Unprocessable(
            "The figure is invalid. Correct the fields that errors names.",
            code=ErrorCode.INVALID_FIELDS,
            errors=flatten_errors({"figure": {"query": error.messages}}),
        ) from error
    return figure.persons(query_request(project_id, data))


def _add_routes(figure: Figure[Any]) -> None:
    """Add the two routes of a kind of insight."""
    kind, query, request = figure.kind, figure_query(figure), request_schema(figure.request)

    def post_persons(data: dict[str, Any], project_id: int) -> Response:
        """List the persons behind a figure of an insight: the query, and the point of it."""
        return jsonify(query.answer(query_request(project_id, data)))

    def post_persons_file(data: dict[str, Any], project_id: int) -> Response:
        """Download all persons behind a figure as a CSV file."""
        found = figure.persons(query_request(project_id, data))
        return persons_file(project_id, found.persons.to_array(), found.meta["expired"])

    for path, view, response in (
        ("persons", post_persons, blueprint.response(200, response_schema(FigurePersonsResponse))),
        (
            "persons/export",
            post_persons_file,
            blueprint.doc(responses=file_response("The file.", CSV)),
        ),
    ):
        name = f"{view.__name__}_of_{kind}"
        view.__name__ = view.__qualname__ = name
        blueprint.post(f"/{kind}/{path}", endpoint=name)(
            blueprint.arguments(request)(response(view))
        )


for _figure in FIGURES.values():
    _add_routes(_figure)
