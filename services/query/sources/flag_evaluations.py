"""How often flags were evaluated, as counted by the flags service."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.flags.evaluation_counts import ALL_FLAGS, Request
from shared.models import FeatureFlag, FlagEvaluationCount

_MAX_ROWS = 50_000
"""More than 500 flags with 50 variants have, in both kinds of requests."""


@dataclass(slots=True)
class FlagEvaluations:
    """The evaluations of one flag, or the requests for definitions of all flags."""

    values: dict[Request, dict[str, int]] = field(default_factory=dict)
    """How often it was, by kind of request and value."""
    last_at: datetime | None = None
    """The start of the hour in which it was evaluated last; before yesterday, of the UTC day."""

    def of(self, requests: Iterable[Request]) -> dict[str, int]:
        """Return how often each value was answered to some kinds of requests."""
        found: dict[str, int] = {}
        for request in requests:
            for value, count in self.values.get(request, {}).items():
                found[value] = found.get(value, 0) + count
        return found


def read_evaluations(
    session: Session, project_id: int, since: datetime
) -> tuple[dict[str, FlagEvaluations], FlagEvaluations]:
    """Return the evaluations by key of the flag, and the requests for definitions.

    Args:
        session: a read-only session.
        project_id: the project.
        since: counts from the start of its UTC day on, as days before yesterday are stored whole.
    """
    first_day = since.astimezone(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    count = FlagEvaluationCount
    statement = (
        select(
            FeatureFlag.key,
            count.request,
            count.value,
            func.sum(count.evaluations).label("evaluations"),
            func.max(count.hour).label("last_at"),
        )
        .outerjoin(
            FeatureFlag,
            (FeatureFlag.project_id == count.project_id) & (FeatureFlag.id == count.flag_id),
        )
        .where(count.project_id == project_id, count.hour >= first_day)
        .where((count.flag_id == ALL_FLAGS) | FeatureFlag.id.is_not(None))
        .group_by(FeatureFlag.key, count.request, count.value)
        .order_by(FeatureFlag.key, func.sum(count.evaluations).desc(), count.value)
        .limit(_MAX_ROWS)
    )
    flags: dict[str, FlagEvaluations] = {}
    definitions = FlagEvaluations()
    for row in session.execute(statement):
        one = definitions if row.key is None else flags.setdefault(row.key, FlagEvaluations())
        one.values.setdefault(row.request, {})[row.value] = int(row.evaluations)
        one.last_at = max(row.last_at, one.last_at or row.last_at)
    return flags, definitions
