"""Query a project as a route does, without HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.query.execution.cached_query import CachedQuery
from services.query.parsing.request import QueryRequest
from shared.auth.access import ProjectAccess


def answer_to(
    query: CachedQuery[Any, Any], access: ProjectAccess, data: dict[str, Any], now: datetime
) -> dict[str, Any]:
    """Return the answer to a request with these parameters."""
    return query.answer(QueryRequest(access.project_id, access.timezone, now, data))
