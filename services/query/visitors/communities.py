"""A community's visitors: from its own division, from others, or from nobody knows where."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from pyroaring import BitMap
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from services.query.execution.read_session import ResultMeta, read_only_session
from services.query.parsing.time_range import TimeRange
from services.query.sources.event_query import EventQuery
from services.query.sources.persons_by_value import group_persons
from services.query.visitors.divisions import DIVISION_COLUMNS, DivisionIndex, read_division_index
from services.query.visitors.engine import VisitorQuery
from services.query.visitors.trends import labels
from shared.errors import NotFound
from shared.models import Community, Event

MAX_COMMUNITIES = 1_000
_COMMUNITY: ColumnElement[Any] = Event.__table__.c.community_id
ByDivision = dict[str | None, BitMap]
"""Persons; None: nobody knows where they come from."""


@dataclass(frozen=True, slots=True)
class Origins:
    """Visitors of a community in one stretch of time; each is in one of the three."""

    same: int = 0
    """With an event from the community's division, or from one that lies in it."""
    cross: int = 0
    """With events from other divisions only."""
    unknown: int = 0
    """The rest: no event says where from, or the community is at home nowhere."""

    def shape(self) -> dict[str, int]:
        """As it is answered."""
        return {
            "same_division_visitors": self.same,
            "cross_division_visitors": self.cross,
            "unknown_division_visitors": self.unknown,
            "total_visitors": self.same + self.cross + self.unknown,
        }


def community_visitors(plan: VisitorQuery) -> dict[str, Any]:
    """One community's visitors in a range, as a whole and by interval.

    Raises:
        NotFound: the project has no such community.
    """
    project_id, community_id = plan.audience.project_id, plan.audience.community_id
    meta = ResultMeta(plan.time_range)
    meta.add_source("raw")
    with read_only_session() as session:
        community = session.get(Community, (project_id, community_id))
        if community is None:
            raise NotFound("The project has no such community.")
        divisions = read_division_index(session, project_id)
        by_interval = _persons(session, plan, divisions)
    home = community.division_id
    whole: ByDivision = defaultdict(BitMap)
    for persons_by_division in by_interval:
        for division, persons in persons_by_division.items():
            whole[division] |= persons
    return meta.wrap(
        {
            "community_id": community.id,
            "community_name": community.name,
            "division_id": home,
            **_origins(whole, home, divisions).shape(),
            "by_date": [
                {"date": label, **_origins(persons_by_division, home, divisions).shape()}
                for label, persons_by_division in zip(labels(plan), by_interval, strict=True)
            ],
        }
    )


def all_communities(project_id: int, time_range: TimeRange) -> dict[str, Any]:
    """Every community's visitors in a range, in order of the id."""
    meta = ResultMeta(time_range)
    meta.add_source("raw")
    with read_only_session() as session:
        communities = session.scalars(
            select(Community)
            .where(Community.project_id == project_id)
            .order_by(Community.id)
            .limit(MAX_COMMUNITIES)
        ).all()
        divisions = read_division_index(session, project_id)
        found: dict[str, ByDivision] = defaultdict(lambda: defaultdict(BitMap))
        columns = (_COMMUNITY, *DIVISION_COLUMNS)
        known = _COMMUNITY.in_([one.id for one in communities])
        query = EventQuery(project_id, time_range)
        for _, values, persons in group_persons(
            session, query, [time_range.start], columns, [known]
        ):
            community_id, *geography = values
            found[community_id][divisions.division_of(*geography)] |= persons
    return meta.wrap(
        {
            "items": [
                {
                    "community_id": one.id,
                    "community_name": one.name,
                    "division_id": one.division_id,
                    **_origins(found[one.id], one.division_id, divisions).shape(),
                }
                for one in communities
            ]
        }
    )


def _persons(session: Session, plan: VisitorQuery, divisions: DivisionIndex) -> list[ByDivision]:
    """For each interval: who came from which division."""
    found: list[ByDivision] = [defaultdict(BitMap) for _ in plan.starts]
    own = [Event.community_id == plan.audience.community_id]
    rows = group_persons(session, plan.event_query, plan.starts, DIVISION_COLUMNS, own)
    for index, geography, persons in rows:
        found[index][divisions.division_of(*geography)] |= persons
    return found


def _origins(
    persons_by_division: ByDivision, home: str | None, divisions: DivisionIndex
) -> Origins:
    everybody = BitMap.union(BitMap(), *persons_by_division.values())
    if home is None:
        return Origins(unknown=len(everybody))
    same, cross = BitMap(), BitMap()
    for division, persons in persons_by_division.items():
        if division is not None:
            if home in divisions.ancestors(division):
                same |= persons
            else:
                cross |= persons
    cross -= same
    return Origins(len(same), len(cross), len(everybody) - len(same) - len(cross))
