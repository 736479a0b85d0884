"""Dashboards that whoever has their link may read: what is on them, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.query.saved import objects, store
from shared.errors import NotFound
from shared.models import Project, SavedInsight
from shared.runtime.database import session_scope


@dataclass(frozen=True, slots=True)
class SharedInsight:
    """A question on such a dashboard, and of which project."""

    project_id: int
    timezone: str
    kind: str
    query: dict[str, Any]


def shared_board(token: str) -> dict[str, Any]:
    """Name, description and tiles of the dashboard behind a link.

    Raises:
        NotFound: the link is none, or not any more.
    """
    with session_scope() as session:
        project, board = _found(session, token)
        tiles = []
        for tile in board.tiles.get("items", []):
            insight = store.get(session, SavedInsight, (project.id, tile["insight_id"]))
            if insight is not None:
                said = {name: getattr(insight, name) for name in ("id", "name", "description")}
                tiles.append({"insight": {**said, "kind": insight.kind}, "layout": tile["layout"]})
        return {
            "name": board.name,
            "description": board.description,
            "timezone": project.timezone,
            "tiles": tiles,
        }


def shared_insight(token: str, insight_id: int) -> SharedInsight:
    """One of the questions on the dashboard behind a link.

    Raises:
        NotFound: the link is none (any more), or the insight is not on the dashboard.
    """
    with session_scope() as session:
        project, board = _found(session, token)
        on_board = {tile["insight_id"] for tile in board.tiles.get("items", [])}
        insight = store.get(session, SavedInsight, (project.id, insight_id))
        if insight is None or insight_id not in on_board:
            raise NotFound("The dashboard has no such insight (any more).")
        return SharedInsight(project.id, project.timezone, insight.kind, dict(insight.query))


def _found(session: Any, token: str) -> tuple[Any, Any]:
    number, _, secret = token.partition("-")
    missing = NotFound("This link does not work (any more).")
    if not number.isascii() or not number.isdigit() or len(number) > 9 or not secret:
        raise missing
    project = session.get(Project, int(number))
    board = store.shared_board(session, int(number), objects.hash_of(token))
    if project is None or project.deleted_at is not None or board is None:
        raise missing
    return project, board
