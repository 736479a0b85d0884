"""Dashboards: saved insights and texts in an order, with a public link if wanted."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Annotated, Any

from sqlalchemy.orm import Session

from services.query.parsing.errors import invalid_field
from services.query.parsing.insight_request import COMBINE_PROJECTS
from services.query.saved import store
from services.query.saved.objects import ObjectType, Values, find
from shared.auth.passwords import check_new_password, hash_password
from shared.models import Dashboard, SavedInsight, Segment
from shared.responses import Doc, Timestamp
from shared.runtime.database import session_scope


@dataclass(frozen=True, slots=True)
class TileProjects:
    """The projects that a tile asks in the place of the dashboard's own."""

    ids: list[int]
    combine: Annotated[
        str, Doc("One line for each project, or the sum of them.", choices=COMBINE_PROJECTS)
    ]


@dataclass(frozen=True, slots=True)
class Tile:
    """A saved insight on a dashboard, or a text."""

    insight_id: Annotated[int | None, Doc("null: the tile is a text.")]
    text: Annotated[str | None, Doc("null: the tile is a saved insight.")]
    layout: Annotated[dict[str, Any], Doc("Position and size, as the client gave them.")]
    projects: Annotated[
        TileProjects | None, Doc("null: the tile asks the dashboard's project.")
    ] = None


@dataclass(frozen=True, slots=True)
class Tiles:
    """The tiles of a dashboard, in their order."""

    items: list[Tile]


@dataclass(frozen=True, slots=True)
class ShareTerms:
    """What a public link asks for, and what it allows."""

    has_password: bool
    period: Annotated[str | None, Doc("The only period of the link; null: readers choose dates.")]
    earliest: Annotated[str | None, Doc("The first day (ISO) that readers may choose; null: any.")]
    origins: Annotated[list[str], Doc("Origins of pages that may embed the link.")]
    segments: Annotated[list[int], Doc("Ids of segments that readers may choose.")]


@dataclass(frozen=True, slots=True)
class DashboardResponse:
    """A dashboard."""

    id: int
    name: str
    description: str
    tiles: Tiles
    created_by: Annotated[int | None, Doc("Id of a user; null: created with a secret key.")]
    created_at: Timestamp
    updated_at: Timestamp
    is_shared: Annotated[bool, Doc("Whether a public link works.")]
    share_expires_at: Annotated[Timestamp | None, Doc("null: no link, or it does not expire.")]
    share: Annotated[ShareTerms | None, Doc("What the public link asks for; null: no link.")]


@dataclass(frozen=True, slots=True)
class ShareLinkResponse:
    """The token of a dashboard's public link, which is shown only once."""

    token: str


def _serialize(row: Dashboard) -> DashboardResponse:
    return DashboardResponse(
        id=row.id,
        name=row.name,
        description=row.description,
        tiles=Tiles(tiles_of(row)),
        created_by=row.created_by,
        created_at=row.created_at.isoformat(),
        updated_at=row.updated_at.isoformat(),
        is_shared=is_shared(row),
        share_expires_at=row.share_expires_at.isoformat() if row.share_expires_at else None,
        share=share_terms(row) if row.share_hash is not None else None,
    )


def share_terms(row: Dashboard) -> ShareTerms:
    """Return what the public link of a dashboard asks for."""
    return ShareTerms(
        has_password=row.share_password_hash is not None,
        period=row.share_period,
        earliest=row.share_earliest.isoformat() if row.share_earliest else None,
        origins=list(row.share_origins),
        segments=list(row.share_segments),
    )


def tiles_of(row: Dashboard) -> list[Tile]:
    """Return the tiles of a dashboard. Before tiles could be texts, they were stored without."""
    return [
        Tile(tile.get("insight_id"), tile.get("text"), tile["layout"], _projects_of(tile))
        for tile in row.tiles.get("items", [])
    ]


def _projects_of(tile: Values) -> TileProjects | None:
    projects = tile.get("projects")
    return None if projects is None else TileProjects(**projects)


def is_shared(row: Dashboard) -> bool:
    """Return whether the public link of a dashboard works now."""
    expires_at = row.share_expires_at
    is_expired = expires_at is not None and expires_at <= datetime.now(timezone.utc)
    return row.share_hash is not None and not is_expired


def _check_tiles(session: Session, project_id: int, values: Values) -> None:
    """Refuse tiles of insights that the project does not have."""
    shown = {tile.get("insight_id") for tile in values.get("tiles", {}).get("items", [])} - {None}
    missing = sorted(shown - store.existing_ids(session, SavedInsight, project_id, shown))
    if missing:
        numbers = ", ".join(map(str, missing))
        raise invalid_field(
            "tiles.items", f"The project has no saved insight {numbers}. Remove the tile."
        )


DASHBOARDS = ObjectType("dashboard", Dashboard, _serialize, check=_check_tiles)


def create_share_link(project_id: int, key: str, options: Values) -> ShareLinkResponse:
    """Create a public link to a dashboard. An older link stops working.

    Args:
        project_id: the dashboard's project.
        key: its id.
        options: the fields of ``ShareRequest``.

    Raises:
        NotFound: the project has no such dashboard.
        Unprocessable: the link would have expired already, the password is easy to guess, or
            the project has no such segment.
    """
    expires_at, password = options["expires_at"], options["password"]
    if expires_at is not None and expires_at <= datetime.now(timezone.utc):
        raise invalid_field("expires_at", "This time is over. Choose a later one, or none.")
    if password is not None:
        check_new_password(password)
    _check_segments(project_id, options["segments"])
    token = f"{project_id}-{secrets.token_urlsafe(24)}"
    _set_share(
        project_id,
        key,
        {
            "share_hash": token_hash(token),
            "share_expires_at": expires_at,
            "share_password_hash": hash_password(password) if password is not None else None,
            "share_period": options["period"],
            "share_earliest": options["earliest"],
            "share_origins": options["origins"],
            "share_segments": options["segments"],
        },
    )
    return ShareLinkResponse(token)


def _check_segments(project_id: int, segments: list[int]) -> None:
    with session_scope() as session:
        known = store.existing_ids(session, Segment, project_id, segments)
    missing = sorted(set(segments) - known)
    if missing:
        numbers = ", ".join(map(str, missing))
        raise invalid_field("segments", f"The project has no segment {numbers}. Remove it.")


def revoke_share_link(project_id: int, key: str) -> None:
    """Revoke the public link to a dashboard.

    Raises:
        NotFound: the project has no such dashboard.
    """
    columns = ("share_hash", "share_expires_at", "share_password_hash")
    _set_share(project_id, key, dict.fromkeys(columns))


def _set_share(project_id: int, key: str, columns: Values) -> None:
    with session_scope() as session:
        store.update(session, find(session, DASHBOARDS, project_id, key), columns)


def token_hash(token: str) -> str:
    """Return the hash of a link's token, which is stored in its place."""
    return hashlib.sha256(token.encode()).hexdigest()
