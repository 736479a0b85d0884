"""Build the domain's query requests from HTTP requests."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from services.query.parsing.request import QueryRequest, UntypedRequest
from shared.auth.access import project_for


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(timezone.utc)


def query_request(project_id: int | None, data: dict[str, Any]) -> UntypedRequest:
    """Return a request to query a project that the caller may read.

    Raises:
        NotFound: the caller has no access to the project.
        Unprocessable: no project is named, and the caller has none or several.
    """
    access = project_for(project_id)
    return QueryRequest(access.project_id, access.timezone, utc_now(), data)
