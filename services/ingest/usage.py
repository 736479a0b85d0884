"""Count a project's accepted events of a day or month from PostgreSQL."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from shared.events.outcomes import Outcome
from shared.runtime.database import get_engine

log = logging.getLogger(__name__)

_ACCEPTED = text(
    "SELECT coalesce(sum(events - imported), 0) FROM intake_counts "
    "WHERE project_id = :project_id AND bucket >= :since AND outcome = ANY (:outcomes)"
)
_OUTCOMES = [outcome.value for outcome in Outcome]


def events_accepted_since(project_id: int, since: datetime) -> int:
    """Return the events accepted from clients since the start of a day or month, UTC.

    Those of imports are left out: however many rows come in, clients may send as many as before.
    Return 0 while PostgreSQL is unavailable: a quota then counts from now, and ingestion continues.
    """
    try:
        with get_engine().connect() as connection:
            found = connection.scalar(
                _ACCEPTED, {"project_id": project_id, "since": since, "outcomes": _OUTCOMES}
            )
    except SQLAlchemyError as error:
        log.warning("the usage of project %d cannot be read: %s", project_id, error)
        return 0
    return int(found or 0)
