"""A flag stored and published as auth does it, step by step."""

from __future__ import annotations

from typing import Any

from psycopg2.extras import Json
from redis import Redis

from services.auth.flags import store as flag_store
from shared.flags.publication import publish
from shared.runtime.database import session_scope
from tests.support.edge import Edge, Project


def store_flag(edge: Edge, project: Project, version: int, **definition: Any) -> None:
    """Store a version of the flag ``new``, without publishing it."""
    values = Json({"key": "new", **definition})
    edge.execute(
        "INSERT INTO feature_flags (project_id, key, version, definition, created_by) "
        "VALUES (%s, 'new', %s, %s, 1) ON CONFLICT (project_id, key) DO UPDATE "
        "SET version = excluded.version, definition = excluded.definition",
        [project.id, version, values],
    )
    edge.execute(
        "INSERT INTO feature_flag_versions (project_id, flag_id, version, definition, "
        "changed_by, changed_by_email) VALUES (%s, 1, %s, %s, 1, 'a@example.org')",
        [project.id, version, values],
    )


def publish_flags(edge: Edge, project: Project) -> int:
    """Publish what is stored; answers the version of all the project's flags."""
    with session_scope() as session, Redis.from_url(edge.cache.url) as redis:
        flags = flag_store.flag_set(session, project.id)
        publish(redis, flags)
    return flags.version
