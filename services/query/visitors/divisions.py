"""Which administrative division an event belongs to: the one it names, or its geography's.

Decided when a question is asked, so that a division that is entered later also takes in the events
of before. An event without ``division_id`` belongs to the project's division of the same country
and region; where there is none, to the one of its country. When several divisions name the same
country and region, the outermost one counts (a province before its towns), then the lesser id.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from shared.models import Division, Event

DIVISION_COLUMNS: tuple[ColumnElement[str | None], ...] = (
    Event.__table__.c.division_id,
    Event.__table__.c.country,
    Event.__table__.c.region,
)
"""What ``Places.division_of`` needs to know of a row of ``events``."""
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class DivisionInfo:
    """What is known of a division."""

    id: str
    name: str
    kind: str
    parent_id: str | None = None
    country: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class DivisionIndex:
    """The divisions of a project, by id."""

    divisions: Mapping[str, DivisionInfo]
    claims: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Division by country (upper case) and region (lower case; empty: all of the country)."""

    def named(self, division_id: str) -> DivisionInfo:
        """A division; one that was never entered is known by its id alone."""
        return self.divisions.get(division_id) or DivisionInfo(division_id, division_id, "")

    def ancestors(self, division_id: str) -> list[str]:
        """The division and those it lies in, innermost first."""
        found = [division_id]
        while len(found) < _DEEPEST:
            known = self.divisions.get(found[-1])
            if known is None or known.parent_id is None or known.parent_id in found:
                break
            found.append(known.parent_id)
        return found

    def within(self, division_id: str) -> list[str]:
        """The division and all that lie in it."""
        inside = {one for one in self.divisions if division_id in self.ancestors(one)}
        return sorted(inside | {division_id})

    def division_of(
        self, explicit_id: str | None, country: str | None, region: str | None
    ) -> str | None:
        """The division of an event with these values of ``DIVISION_COLUMNS``."""
        if explicit_id or not country:
            return explicit_id or None
        in_region = self.claims.get((country.upper(), (region or "").lower()))
        return in_region or self.claims.get((country.upper(), ""))

    @property
    def has_geography(self) -> bool:
        """Whether an event that names no division may have one."""
        return bool(self.claims)


def read_division_index(session: Session, project_id: int) -> DivisionIndex:
    """The divisions of a project."""
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
    return DivisionIndex(known.divisions, _claims(known))


def _claims(divisions: DivisionIndex) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for one in divisions.divisions.values():
        if one.country:
            key = (one.country.upper(), (one.region or "").lower())
            found[key].append((len(divisions.ancestors(one.id)), one.id))
    return {key: min(claimants)[1] for key, claimants in found.items()}
