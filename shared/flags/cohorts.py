"""Names of what is kept of cohorts, beside that of events, for conditions of flags."""

from __future__ import annotations

_PREFIX = "\0cohort:"
"""No event begins so: PostgreSQL stores no NUL."""


def cohort_name(cohort_id: int) -> str:
    """Return the name under which members of a cohort are kept."""
    return f"{_PREFIX}{cohort_id}"


def cohort_question(cohort_id: int) -> tuple[str, int]:
    """Return the question whether a person is a member, beside those about events."""
    return cohort_name(cohort_id), 0


def cohort_id_of(name: str) -> int | None:
    """Return the cohort that is kept under a name; None: it is that of an event."""
    return int(name.removeprefix(_PREFIX)) if name.startswith(_PREFIX) else None
