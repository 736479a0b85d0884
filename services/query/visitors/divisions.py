"""The administrative division of an event: the one it names, or that of its geography.

It is decided when a query runs, so that a division that is entered later also includes earlier
events. An event without ``division_id`` belongs to the project's division of the same country and
region; without such, to the division of its country. If several divisions have the same country and
region, the outermost one is taken (a province before its towns), then the lesser id.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from services.query.sources.persons_by_value import ValueDimension
from shared.models import Division, Event

DIVISION_COLUMNS: tuple[ColumnElement[str | None], ...] = (
    Event.__table__.c.division_id,
    Event.__table__.c.country,
    Event.__table__.c.region,
)
"""The columns of ``events`` that ``DivisionIndex.division_of`` takes."""
_MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class DivisionInfo:
    """A division as the project describes it."""

    id: str
    name: str
    kind: str
    parent_id: str | None = None
    country: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class DivisionIndex:
    """The divisions of a project, by id and by geography."""

    by_id: Mapping[str, DivisionInfo]
    by_area: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Division by country (upper case) and region (lower case; empty: all of the country)."""

    def get(self, division_id: str) -> DivisionInfo:
        """Return a division; one that was never entered has its id as its name."""
        return self.by_id.get(division_id) or DivisionInfo(division_id, division_id, "")

    def ancestors(self, division_id: str) -> list[str]:
        """Return the division and those around it, innermost first."""
        found = [division_id]
        while len(found) < _MAX_DEPTH:
            known = self.by_id.get(found[-1])
            if known is None or known.parent_id is None or known.parent_id in found:
                break
            found.append(known.parent_id)
        return found

    def within(self, division_id: str) -> list[str]:
        """Return the division and all divisions inside it."""
        inside = {one for one in self.by_id if division_id in self.ancestors(one)}
        return sorted(inside | {division_id})

    def division_of(
        self, explicit_id: str | None, country: str | None, region: str | None
    ) -> str | None:
        """Return the division of an event with these values of ``DIVISION_COLUMNS``."""
        if explicit_id or not country:
            return explicit_id or None
        in_region = self.by_area.get((country.upper(), (region or "").lower()))
        return in_region or self.by_area.get((country.upper(), ""))

    @property
    def has_areas(self) -> bool:
        """Whether an event that names no division may have one."""
        return bool(self.by_area)


def read_division_index(session: Session, project_id: int) -> DivisionIndex:
    """Read the divisions of a project."""
    rows = session.execute(
        select(
            Division.id,
            Division.name,
            Division.kind,
            Division.parent_id,
            Division.country,
            Division.region,
        ).where(Division.project_id == project_id)
    )
    known = DivisionIndex({row.id: DivisionInfo(*row) for row in rows})
    return DivisionIndex(known.by_id, _by_area(known))


def _by_area(divisions: DivisionIndex) -> dict[tuple[str, str], str]:
    candidates: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for one in divisions.by_id.values():
        if one.country:
            area = (one.country.upper(), (one.region or "").lower())
            candidates[area].append((len(divisions.ancestors(one.id)), one.id))
    return {area: min(inside)[1] for area, inside in candidates.items()}


def division_dimension(
    divisions: DivisionIndex, only: tuple[str, ...] | None = None
) -> ValueDimension:
    """Return the dimension of an event's division: the one it names, or that of its geography."""
    return ValueDimension(
        "division_id", DIVISION_COLUMNS, divisions.division_of, only, divisions.has_areas
    )
