"""Check the query of a saved insight as if it were asked."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError

from services.query.api.query_request import query_request
from services.query.api.schemas.insights import load_request
from services.query.parsing.insight_kind import InsightKind
from services.query.reports.registry import INSIGHTS
from shared.errors import ErrorCode, FieldErrors, Unprocessable
from shared.web.schemas import flatten_errors


def check_saved_query(project_id: int, kind: InsightKind, query: dict[str, Any]) -> None:
    """Refuse a query that could not be answered.

    Raises:
        Unprocessable: names the invalid fields, under ``query``.
    """
    insight = INSIGHTS[kind]
    try:
        request = query_request(project_id, load_request(insight, query))
        insight.check(request)
    except ValidationError as error:
        raise _invalid(flatten_errors(error.messages)) from error
    except Unprocessable as error:
        raise _invalid(error.errors) from error


def _invalid(errors: FieldErrors) -> Unprocessable:
    return Unprocessable(
        "The query of the insight is invalid. Correct the fields that errors names.",
        code=ErrorCode.INVALID_FIELDS,
        errors={f"query.{field}": messages for field, messages in errors.items()},
    )
