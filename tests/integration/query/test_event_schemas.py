"""Schemas by which ingest checks events: saved, refused, and known to ingest at once."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection
from redis import Redis

from deploy.local.backends import Backends
from services.auth.projects.publication import get_policies
from shared.policies.changes import CHANGES
from shared.policies.policy import policy_key
from tests.conftest import make_project
from tests.support.reader import client_of, make_user

SCHEMA = {"required": ["price"], "properties": {"price": {"type": "number"}}}


@pytest.fixture
def project(database: Connection) -> int:
    """A project with a public key."""
    project_id = make_project(database, "UTC")
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO api_keys (project_id, kind, key_hash, prefix, public_key, created_at)"
            " VALUES (%s, 'public', %s, 'pk_', %s, now())",
            (project_id, f"hash {project_id}", str(uuid.uuid4())),
        )
    database.commit()
    return project_id


@pytest.fixture
def put(database: Connection, project: int) -> Any:
    client = client_of(make_user(database, project))

    def call(name: str, **fields: Any) -> Any:
        path = f"/api/v1/analytics/{project}/definitions/{name}"
        return client.put(path, json=fields)

    return call


def test_a_saved_schema_is_in_the_policy_of_the_next_request(
    backends: Backends, project: int, put: Any
) -> None:
    key = f"hash {project}"
    with Redis.from_url(backends.environment["REDIS_URL"]) as redis:
        assert get_policies(redis, [key])[key].schemas == {}
        assert redis.exists(policy_key(key))
        saved = put("event/bought", json_schema=SCHEMA, schema_mode="warn")
        assert (saved.status_code, saved.json["schema_mode"]) == (200, "warn")
        assert not redis.exists(policy_key(key))
        schema = get_policies(redis, [key])[key].schemas["bought"]
        assert (schema.mode, schema.problem({})) == ("warn", "price is missing.")
        put("event/bought", description="A sale", schema_mode="off")
        assert not redis.exists(policy_key(key))
        assert get_policies(redis, [key])[key].schemas == {}
        put("event/bought", description="Sold")
        assert redis.exists(policy_key(key))


@pytest.mark.parametrize(
    ("name", "fields", "field"),
    [
        ("event/a", {"schema_mode": "warn"}, "json_schema"),
        ("event/a", {"schema_mode": "no", "json_schema": SCHEMA}, "schema_mode"),
        ("property/a", {"schema_mode": "refuse", "json_schema": SCHEMA}, "schema_mode"),
        (
            "event/a",
            {"schema_mode": "refuse", "json_schema": {"pattern": "x"}},
            "json_schema.pattern",
        ),
    ],
)
def test_a_schema_that_cannot_be_checked_is_refused(
    put: Any, name: str, fields: dict[str, Any], field: str
) -> None:
    refused = put(name, **fields)
    assert (refused.status_code, list(refused.json["errors"])) == (422, [field])


def test_a_schema_of_any_words_describes_in_the_mode_off(put: Any) -> None:
    assert put("event/a", json_schema={"pattern": "x"}).status_code == 200
    assert put("event/a", schema_mode="warn").status_code == 422
    assert put("event/a", hidden=True).status_code == 200


def test_a_project_checks_at_most_100_event_names(
    database: Connection, project: int, put: Any
) -> None:
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO definitions (project_id, kind, name, json_schema, schema_mode, created_at,"
            " updated_at) SELECT %s, 'event', n::text, '{}', 'warn', now(), now()"
            " FROM generate_series(1, 99) n",
            (project,),
        )
    database.commit()
    assert put("event/a", json_schema=SCHEMA, schema_mode="warn").status_code == 200
    assert put("event/b", json_schema=SCHEMA, schema_mode="warn").status_code == 422


def test_the_schemas_that_a_project_checks_events_by_have_a_largest_size(
    database: Connection, project: int, put: Any
) -> None:
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO definitions (project_id, kind, name, json_schema, schema_mode, created_at,"
            " updated_at) SELECT %s, 'event', n::text, jsonb_build_object('title',"
            " repeat('x', 7900)), 'warn', now(), now() FROM generate_series(1, 16) n",
            (project,),
        )
    database.commit()
    large = {"title": "x" * 7_900}
    refused = put("event/a", json_schema=large, schema_mode="warn")
    assert (refused.status_code, [*refused.json["errors"]]) == (422, ["json_schema"])
    assert put("event/a", json_schema=large, schema_mode="off").status_code == 200
    assert put("event/1", schema_mode="off").status_code == 200
    assert put("event/a", schema_mode="warn").status_code == 200


def test_ended_keys_do_not_make_a_change_larger(
    database: Connection, backends: Backends, project: int, put: Any
) -> None:
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO api_keys (project_id, kind, key_hash, prefix, created_at, revoked_at)"
            " SELECT %s, 'secret', 'ended ' || %s || ' ' || n, 'sk_', now(), now()"
            " FROM generate_series(1, 1000) n",
            (project, project),
        )
    database.commit()
    assert put("event/bought", json_schema=SCHEMA, schema_mode="warn").status_code == 200
    with Redis.from_url(backends.environment["REDIS_URL"]) as redis:
        [(_, change)] = redis.xrevrange(CHANGES, count=1)
    assert change == {b"keys": f"hash {project}".encode()}
