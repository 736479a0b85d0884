"""A query that can be requested: how it is parsed into a plan, and what runs the plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from services.query.execution.filter_checks import check_filters
from services.query.execution.query_cache import Content, cached
from services.query.execution.segments import with_segments
from services.query.parsing.request import QueryRequest

Plan = TypeVar("Plan")
Response = TypeVar("Response")


@dataclass(frozen=True, slots=True)
class CachedQuery(Generic[Plan, Response]):
    """One kind of query."""

    kind: str
    """Distinguishes the cached answers of kinds whose plans are of the same class."""
    parse: Callable[[QueryRequest[Any]], Plan]
    """Returns frozen dataclasses all the way down; see ``query_cache.cached``."""
    run: Callable[[Plan], Response]
    response: type[Response]

    def answer(self, request: QueryRequest[Any]) -> Content:
        """Return the JSON of the response to a request, from the cache if it is there.

        Raises:
            Unprocessable: names the invalid field, or the query took too long.
            Unavailable: too many queries of the project are running.
        """
        plan = with_segments(request.project_id, self.parse(request))
        return cached(
            request.project_id, (self.kind, plan), lambda: self._run(request.project_id, plan)
        )

    def check(self, request: QueryRequest[Any]) -> None:
        """Refuse a request that could not be answered, without answering it.

        Raises:
            Unprocessable: names the invalid field.
            Unavailable: PostgreSQL is away or busy.
        """
        check_filters(request.project_id, with_segments(request.project_id, self.parse(request)))

    def _run(self, project_id: int, plan: Plan) -> Response:
        # Not before the cache: whatever changes a cohort advances the data version.
        check_filters(project_id, plan)
        return self.run(plan)
