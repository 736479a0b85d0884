"""An insight: the registry's entry for each kind."""

from __future__ import annotations

from dataclasses import dataclass

from services.query.execution.cached_query import CachedQuery, Plan, Response
from services.query.parsing.insight_kind import InsightKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Insight(CachedQuery[Plan, Response]):
    """A kind of insight: its name, its request, how that is parsed, what runs it, its response."""

    kind: InsightKind
    request: type
    """A ``TypedDict``; see ``shared/requests.py``."""
    summary: str
    """Says in the OpenAPI document what the insight is for."""
