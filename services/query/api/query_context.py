"""What the routes know of a request: the project, its time zone, the time, the parameters."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from services.query.reports.registry import QueryRequest
from shared.auth.access import project_for


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(timezone.utc)


def query_context(project_id: int, data: dict[str, Any]) -> QueryRequest:
    """Return the context of a query on a project that the caller may read.

    Raises:
        NotFound: the caller has no access to the project.
    """
    access = project_for(project_id)
    return QueryRequest(access.project_id, access.timezone, utc_now(), data)
