"""The history of feature flags is bounded, and never loses the version of a project's flags."""

from __future__ import annotations

import pytest
from psycopg2.extensions import connection as Connection

from services.auth.audit import Actor
from services.auth.flags import definitions
from services.auth.flags import store as flag_store
from services.auth.flags.changes import new_flag, store_change, store_deletion
from shared.flags.definition import from_json, to_json
from shared.models import FeatureFlag
from shared.runtime.database import session_scope

_OWNER = Actor(1, "owner@example.org")


def _change(project_id: int, key: str, times: int) -> FeatureFlag:
    """Create a flag, and change it until it has so many versions."""
    flag = new_flag(_OWNER, project_id, key)
    with session_scope() as session:
        for share in range(times):
            definition = from_json({"key": key, "rollout_percentage": share})
            flag.version, flag.definition = share + 1, to_json(definition)
            store_change(session, _OWNER, flag, definition, "flag.changed")
    return flag


def _rows(database: Connection, project_id: int) -> list[tuple[int, int]]:
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT flag_id, version FROM feature_flag_versions WHERE project_id = %s ORDER BY id",
            (project_id,),
        )
        found = cursor.fetchall()
    database.rollback()
    return found


def _version(project_id: int) -> int:
    with session_scope() as session:
        return flag_store.flag_set(session, project_id).version


def test_a_flag_keeps_its_last_versions_and_a_deleted_one_none(
    database: Connection, project_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flag_store, "STORED_VERSIONS", 3)
    often, once = _change(project_id, "often", 5), _change(project_id, "once", 1)
    kept = [(often.id, number) for number in (3, 4, 5)]
    assert _rows(database, project_id) == [*kept, (once.id, 1)]
    page, _ = definitions.list_versions(project_id, often.id, before=None, limit=10)
    assert [(one["version"], [*one["changes"]]) for one in page] == [
        (5, ["rollout_percentage"]),
        (4, ["rollout_percentage"]),
        (3, []),
    ]
    # The newest row is the version of all flags, also when that was a deletion.
    before = _version(project_id)
    with session_scope() as session:
        deleted = session.get_one(FeatureFlag, (project_id, once.id))
        store_deletion(session, _OWNER, deleted)
    assert _version(project_id) > before
    assert _rows(database, project_id) == [*kept, (once.id, 2)]
    before = _version(project_id)
    again = _change(project_id, "again", 1)
    assert _version(project_id) > before
    assert _rows(database, project_id) == [*kept, (again.id, 1)]
