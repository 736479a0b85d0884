"""Dashboards with a public link, which gives access to their tiles and to nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.query.parsing.insight_kind import InsightKind
from services.query.saved import store
from services.query.saved.dashboards import (
    ShareTerms,
    Tile,
    is_shared,
    share_terms,
    tiles_of,
    token_hash,
)
from services.query.saved.share_access import (
    ShareAccessResponse,
    check_access,
    open_with_password,
)
from shared.auth.access import charge_readers_of_links
from shared.errors import NotFound
from shared.models import Dashboard, Project, SavedInsight, Segment
from shared.responses import Doc
from shared.runtime.database import session_scope
from shared.runtime.redis_clients import get_state_redis


@dataclass(frozen=True, slots=True)
class SharedInsight:
    """A saved insight on a shared dashboard."""

    id: int
    name: str
    description: str
    kind: InsightKind
    query: Annotated[dict[str, Any], Doc("What is asked, as it was saved.")]
    view: Annotated[dict[str, Any], Doc("How to show the result, as the client gave it.")]


@dataclass(frozen=True, slots=True)
class SharedTile:
    """A tile of a shared dashboard."""

    insight: Annotated[SharedInsight | None, Doc("null: the tile is a text.")]
    text: Annotated[str | None, Doc("null: the tile is a saved insight.")]
    layout: Annotated[dict[str, Any], Doc("Position and size, as the client gave them.")]


@dataclass(frozen=True, slots=True)
class SharedSegment:
    """A segment that readers of a public link may choose."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class SharedDashboardResponse:
    """The public part of a dashboard."""

    name: str
    description: str
    timezone: Annotated[str, Doc("IANA name of the project's time zone.")]
    tiles: list[SharedTile]
    share: Annotated[ShareTerms, Doc("What the link allows.")]
    segments: Annotated[list[SharedSegment], Doc("Those of the link that were not deleted.")]


@dataclass(frozen=True, slots=True)
class SharedQuery:
    """The query of an insight on a shared dashboard, and its project."""

    project_id: int
    timezone: str
    kind: InsightKind
    query: dict[str, Any]
    terms: ShareTerms


def open_shared_dashboard(token: str, password: str, address: str) -> ShareAccessResponse:
    """Return an access to the dashboard behind a link, for its password.

    Raises:
        Forbidden: the password is wrong.
        NotFound: the link is invalid or was revoked.
        TooManyRequests: there were too many wrong passwords.
    """
    with session_scope() as session:
        _, dashboard = _find(session, token)
    return open_with_password(get_state_redis(), dashboard, password, address)


def embedding_origins(token: str) -> list[str]:
    """Return the origins of pages that may embed a link; none for a link that does not work."""
    with session_scope() as session:
        try:
            _, dashboard = _find(session, token)
        except NotFound:
            return []
        return list(dashboard.share_origins)


def get_shared_dashboard(token: str, access: str) -> SharedDashboardResponse:
    """Return name, description and tiles of the dashboard behind a link.

    Raises:
        Forbidden: the link has a password.
        NotFound: the link is invalid or was revoked.
    """
    with session_scope() as session:
        project, dashboard = _find(session, token)
        check_access(dashboard, access)
        tiles = []
        for tile in _public_tiles(dashboard):
            if tile.insight_id is None:
                tiles.append(SharedTile(None, tile.text, tile.layout))
                continue
            row = store.get(session, SavedInsight, (project.id, tile.insight_id))
            if row is not None:
                tiles.append(SharedTile(_shared_insight(row), None, tile.layout))
        return SharedDashboardResponse(
            name=dashboard.name,
            description=dashboard.description,
            timezone=project.timezone,
            tiles=tiles,
            share=share_terms(dashboard),
            segments=_shared_segments(session, dashboard),
        )


def _shared_segments(session: Session, dashboard: Dashboard) -> list[SharedSegment]:
    rows = session.scalars(
        select(Segment)
        .where(Segment.project_id == dashboard.project_id, Segment.id.in_(dashboard.share_segments))
        .order_by(Segment.name, Segment.id)
    )
    return [SharedSegment(row.id, row.name) for row in rows]


def _public_tiles(dashboard: Dashboard) -> list[Tile]:
    """Return the tiles that a link shows: it gives access to the dashboard's project only."""
    return [tile for tile in tiles_of(dashboard) if tile.projects is None]


def _shared_insight(row: SavedInsight) -> SharedInsight:
    return SharedInsight(
        row.id,
        row.name,
        row.description,
        cast("InsightKind", row.kind),
        dict(row.query),
        dict(row.view),
    )


def get_shared_query(token: str, insight_id: int, access: str) -> SharedQuery:
    """Return the query of an insight on the dashboard behind a link; charge its readers for it.

    Raises:
        Forbidden: the link has a password.
        NotFound: the link is invalid or was revoked, or the insight is not on the dashboard.
    """
    with session_scope() as session:
        project, dashboard = _find(session, token)
        check_access(dashboard, access)
        shown = {tile.insight_id for tile in _public_tiles(dashboard)}
        charge_readers_of_links(session, project.id)
        insight = store.get(session, SavedInsight, (project.id, insight_id))
        if insight is None or insight_id not in shown:
            raise NotFound("The dashboard has no such insight. Load the dashboard again.")
        return SharedQuery(
            project.id,
            project.timezone,
            cast("InsightKind", insight.kind),
            dict(insight.query),
            share_terms(dashboard),
        )


def _find(session: Session, token: str) -> tuple[Project, Dashboard]:
    number, _, secret = token.partition("-")
    missing = NotFound(
        "This link is invalid, has expired or was revoked. Ask who shared it for a new one."
    )
    if not number.isascii() or not number.isdigit() or len(number) > 9 or not secret:
        raise missing
    project = session.get(Project, int(number))
    dashboard = store.shared_dashboard(session, int(number), token_hash(token))
    if (
        project is None
        or project.deleted_at is not None
        or dashboard is None
        or not is_shared(dashboard)
    ):
        raise missing
    return project, dashboard
