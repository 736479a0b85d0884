"""Names of what is kept of persons for conditions of flags, beside the names of events.

They begin with NUL, as no event does: PostgreSQL stores none.
"""

from __future__ import annotations

from collections.abc import Iterable

_COHORT = "\0cohort:"
_PROPERTY = "\0property:"
_GROUP = "\0group:"


def is_event(name: str) -> bool:
    """Return whether a name is that of an event."""
    return not name.startswith("\0")


def cohort_name(cohort_id: int) -> str:
    """Return the name under which members of a cohort are kept."""
    return f"{_COHORT}{cohort_id}"


def cohort_question(cohort_id: int) -> tuple[str, int]:
    """Return the question whether a person is a member, beside those about events."""
    return cohort_name(cohort_id), 0


def cohort_id_of(name: str) -> int | None:
    """Return the cohort that is kept under a name; None: it is the name of something else."""
    return int(name.removeprefix(_COHORT)) if name.startswith(_COHORT) else None


def property_name(name: str) -> str:
    """Return the name that says whether a property of persons is kept."""
    return f"{_PROPERTY}{name}"


def property_question(name: str) -> tuple[str, int]:
    """Return the question for a person's stored property, beside those about events."""
    return property_name(name), 0


def properties_in(names: Iterable[str]) -> list[str]:
    """Return the properties of persons that are among the names."""
    return [one.removeprefix(_PROPERTY) for one in names if one.startswith(_PROPERTY)]


def group_property_name(group_type: str, name: str) -> str:
    """Return the name that says whether a property of groups of a type is kept."""
    return f"{_GROUP}{group_type}.{name}"


def group_properties_in(names: Iterable[str]) -> dict[str, list[str]]:
    """Return the properties of groups that are among the names, by type of the group."""
    found: dict[str, list[str]] = {}
    for one in names:
        if one.startswith(_GROUP):
            group_type, _, name = one.removeprefix(_GROUP).partition(".")
            found.setdefault(group_type, []).append(name)
    return found
