"""Answers for the other services only: the gateway does not route ``/internal``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from flask import Response, request

from services.query.api.query_request import utc_now
from services.query.reports.answers import AskedProject, first_event, run_question
from services.query.saved.saved_insights import find_query, project_timezone
from shared.auth.access import charge_owner
from shared.errors import BadRequest, TidemarkError
from shared.web.blueprint import Blueprint

MAX_QUESTIONS = 200
blueprint = Blueprint("internal", __name__, url_prefix="/internal")


class InternalQuestion(msgspec.Struct, forbid_unknown_fields=True):
    """A saved insight, or a definition; ``range`` replaces its own."""

    insight_id: int | None = None
    kind: str = ""
    query: dict[str, Any] = {}
    range: dict[str, str] | None = None
    """``period``, or ``from`` and ``to``."""


class InternalQuestions(msgspec.Struct, forbid_unknown_fields=True):
    """Questions about one project as of an instant."""

    project_id: int
    questions: Annotated[list[InternalQuestion], msgspec.Meta(max_length=MAX_QUESTIONS)]
    now: datetime | None = None
    """What named periods end with; default: the current time."""


_RANGE_FIELDS = frozenset({"period", "from", "to", "interval"})
"""The interval too: that of the saved range may be too short for another one."""
_decode = msgspec.json.Decoder(InternalQuestions).decode


@blueprint.post("/answers")
@blueprint.doc(hidden=True)
def post_answers() -> Response:
    """Answer questions about a project, each on its own: an error stands beside the answers.

    Answers ``{"timezone", "first_event", "answers": [{"kind", "name", "query", "answer"} or
    {"error": {"status", "code", "message", "errors"}}]}``, in the order of the questions.

    Raises:
        NotFound: there is no such project.
    """
    try:
        asked = _decode(request.get_data(cache=False))
    except msgspec.DecodeError as error:
        raise BadRequest(
            f"Send project_id and up to {MAX_QUESTIONS} questions: {error}."
        ) from error
    zone = project_timezone(asked.project_id)
    # Not to nobody: readers of public links could otherwise keep every project from its answers.
    charge_owner(asked.project_id)
    begun = first_event(asked.project_id)
    project = AskedProject(asked.project_id, zone, asked.now or utc_now())
    body = {
        "timezone": zone,
        "first_event": None if begun is None else begun.isoformat(),
        "answers": [_answer(project, one) for one in asked.questions],
    }
    return Response(msgspec.json.encode(body), content_type="application/json")


def _answer(project: AskedProject, question: InternalQuestion) -> dict[str, Any]:
    try:
        kind, query, name = question.kind, question.query, ""
        if question.insight_id is not None:
            kind, query, name = find_query(project.project_id, question.insight_id)
        if question.range is not None:
            query = {key: value for key, value in query.items() if key not in _RANGE_FIELDS}
            query |= question.range
        answer = run_question(project, kind, query)
    except TidemarkError as error:
        return {
            "error": {
                "status": error.status,
                "code": error.code.value,
                "message": error.message,
                "errors": error.errors,
            }
        }
    return {"kind": kind, "name": name, "query": query, "answer": answer}
