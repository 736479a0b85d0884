"""Which administrative division an event belongs to: the one it names, or its geography's.

Decided when a question is asked, so that a division that is entered later also takes in the events
of before. An event without ``division_id`` belongs to the project's division of the same country
and region; where there is none, to the one of its country. When several divisions name the same
country and region, the outermost one counts (a province before its towns), then the lesser id.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Text, cast, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from shared.models import Division, Event

_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class DivisionSeen:
    """What is known of a division."""

    id: str
    name: str
    kind: str
    parent_id: str | None = None
    country: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """The divisions of a project, by id."""

    divisions: Mapping[str, DivisionSeen]

    def named(self, division_id: str) -> DivisionSeen:
        """A division; one that was never entered is known by its id alone."""
        return self.divisions.get(division_id) or DivisionSeen(division_id, division_id, "")

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

    @property
    def by_geography(self) -> dict[str, str]:
        """Division by ``CA`` or ``CA/quebec``."""
        claims: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for one in self.divisions.values():
            if one.country:
                key = one.country.upper() + (f"/{one.region.lower()}" if one.region else "")
                claims[key].append((len(self.ancestors(one.id)), one.id))
        return {key: min(found)[1] for key, found in claims.items()}

    def of_event(self) -> ColumnElement[str | None]:
        """The division of a row of ``events``; null when there is none."""
        said = func.nullif(Event.__table__.c.division_id, "")
        by_geography = self.by_geography
        if not by_geography:
            return said
        known = cast(literal(json.dumps(by_geography), Text()), JSONB)
        country = func.upper(Event.__table__.c.country)
        region = func.concat(country, "/", func.lower(Event.__table__.c.region))
        return func.coalesce(said, known[region].astext, known[country].astext)


def read_places(session: Session, project_id: int) -> Places:
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
    return Places({row.id: DivisionSeen(*row) for row in rows})
