"""A community's visitors: from its own division, from other divisions, or from an unknown one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

from pyroaring import BitMap
from sqlalchemy import ColumnElement, select

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import open_query
from services.query.execution.responses import QueryResponse
from services.query.parsing.events import EventQuery
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import check_day_count
from services.query.sources.persons_by_value import group_persons
from services.query.visitors.divisions import (
    DIVISION_COLUMNS,
    DivisionIndex,
    read_division_index,
)
from services.query.visitors.query import VisitorQuery, by_interval, parse_audience
from shared.errors import NotFound
from shared.models import Community, Event
from shared.responses import Doc, LocalDate

MAX_COMMUNITIES = 1_000
_COMMUNITY: ColumnElement[Any] = Event.__table__.c.community_id
PersonsByDivision = dict[str | None, BitMap]
"""Persons by division; None: the division is unknown."""


@dataclass(frozen=True, slots=True)
class Origins:
    """Visitors of a community by origin; each counts once."""

    same: int = 0
    """With an event from the community's division, or from one inside it."""
    cross: int = 0
    """With events from other divisions only."""
    unknown: int = 0
    """The others: no event has a division, or the community has none."""

    def fields(self) -> OriginFields:
        """Return the fields that responses have for the origin of visitors."""
        return {
            "same_division_visitors": self.same,
            "cross_division_visitors": self.cross,
            "unknown_division_visitors": self.unknown,
            "total_visitors": self.same + self.cross + self.unknown,
        }


class OriginFields(TypedDict):
    """The fields of visitors by origin."""

    same_division_visitors: int
    cross_division_visitors: int
    unknown_division_visitors: int
    total_visitors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOrigins:
    """The visitors of a community on one local day, by origin."""

    date: LocalDate
    same_division_visitors: Annotated[
        int, Doc("With an event from the community's division, or from one inside it.")
    ]
    cross_division_visitors: Annotated[int, Doc("With events from other divisions only.")]
    unknown_division_visitors: int
    total_visitors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityOrigins:
    """The visitors of a community, by origin."""

    community_id: str
    community_name: str
    division_id: str | None
    same_division_visitors: Annotated[
        int, Doc("With an event from the community's division, or from one inside it.")
    ]
    cross_division_visitors: Annotated[int, Doc("With events from other divisions only.")]
    unknown_division_visitors: int
    total_visitors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityVisitorsResponse(QueryResponse):
    """The visitors of one community, as a whole and by day."""

    community_id: str
    community_name: str
    division_id: str | None
    same_division_visitors: Annotated[
        int, Doc("With an event from the community's division, or from one inside it.")
    ]
    cross_division_visitors: Annotated[int, Doc("With events from other divisions only.")]
    unknown_division_visitors: int
    total_visitors: int
    by_date: list[DayOrigins]


@dataclass(frozen=True, slots=True, kw_only=True)
class AllCommunitiesVisitorsResponse(QueryResponse):
    """The visitors of every community."""

    items: list[CommunityOrigins]


def parse_community_visitors(request: UntypedRequest) -> VisitorQuery:
    """Parse a request for the visitors of one community, by day.

    Raises:
        Unprocessable: names the invalid field.
    """
    time_range = request.time_range()
    check_day_count(time_range, "from")
    return by_interval(parse_audience(request), time_range, "day")


def community_visitors(plan: VisitorQuery) -> CommunityVisitorsResponse:
    """Return the visitors of one community in a range, as a whole and by interval.

    Raises:
        NotFound: the project has no such community.
    """
    community_id = plan.audience.community_id
    with plan.open() as context:
        community = context.session.get(Community, (plan.project_id, community_id))
        if community is None:
            raise NotFound("The project has no such community. List them to find the id.")
        divisions = read_division_index(context.session, plan.project_id)
        by_interval: list[PersonsByDivision] = [defaultdict(BitMap) for _ in plan.starts]
        of_community = [Event.community_id == community_id]
        for index, area, persons in group_persons(context, DIVISION_COLUMNS, of_community):
            by_interval[index][divisions.division_of(*area)] |= persons
    home = community.division_id
    whole: PersonsByDivision = defaultdict(BitMap)
    for by_division in by_interval:
        for division, persons in by_division.items():
            whole[division] |= persons
    return CommunityVisitorsResponse(
        **context.meta.fields(),
        community_id=community.id,
        community_name=community.name,
        division_id=home,
        **_origins(whole, home, divisions).fields(),
        by_date=[
            DayOrigins(date=label, **_origins(by_division, home, divisions).fields())
            for label, by_division in zip(plan.labels, by_interval, strict=True)
        ],
    )


def parse_all_communities(request: UntypedRequest) -> EventQuery:
    """Parse a request for the visitors of every community.

    Raises:
        Unprocessable: names the invalid field.
    """
    return EventQuery(request.project_id, request.time_range())


def all_communities(query: EventQuery) -> AllCommunitiesVisitorsResponse:
    """Return the visitors of every community in a range, in order of the id."""
    with open_query(query) as context:
        communities = context.session.scalars(
            select(Community)
            .where(Community.project_id == query.project_id)
            .order_by(Community.id)
            .limit(MAX_COMMUNITIES)
        ).all()
        divisions = read_division_index(context.session, query.project_id)
        found: dict[str, PersonsByDivision] = defaultdict(lambda: defaultdict(BitMap))
        columns = (_COMMUNITY, *DIVISION_COLUMNS)
        known = _COMMUNITY.in_([one.id for one in communities])
        for _, (community_id, *area), persons in group_persons(context, columns, [known]):
            found[community_id][divisions.division_of(*area)] |= persons
    return AllCommunitiesVisitorsResponse(
        **context.meta.fields(),
        items=[
            CommunityOrigins(
                community_id=one.id,
                community_name=one.name,
                division_id=one.division_id,
                **_origins(found[one.id], one.division_id, divisions).fields(),
            )
            for one in communities
        ],
    )


COMMUNITY_VISITORS = CachedQuery(
    "community", parse_community_visitors, community_visitors, CommunityVisitorsResponse
)
ALL_COMMUNITIES = CachedQuery(
    "communities", parse_all_communities, all_communities, AllCommunitiesVisitorsResponse
)


def _origins(by_division: PersonsByDivision, home: str | None, divisions: DivisionIndex) -> Origins:
    everybody = BitMap.union(BitMap(), *by_division.values())
    if home is None:
        return Origins(unknown=len(everybody))
    same, cross = BitMap(), BitMap()
    for division, persons in by_division.items():
        if division is None:
            continue
        if home in divisions.ancestors(division):
            same |= persons
        else:
            cross |= persons
    cross -= same
    return Origins(len(same), len(cross), len(everybody) - len(same) - len(cross))
