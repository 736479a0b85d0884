"""Flags and policies of one project do not take the memory of others, nor that of logins."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests
from redis import Redis

from deploy.local.backends import Backends
from deploy.local.children import free_port
from services.auth.projects.publication import get_policies, invalidate_policies
from services.flags.flag_sets import FlagSets
from shared.auth.api_keys import key_hash, new_key, shown_prefix
from shared.errors import Unavailable
from shared.flags.definition import Flag, FlagSet, from_json
from shared.flags.publication import CHECK_SECONDS, publish, published_key, published_version
from shared.policies.lookup import Policies
from shared.policies.policy import Policy, policy_key
from shared.runtime.settings import Settings, get_settings
from tests.support.edge import Edge, Project, running_edge
from tests.support.stored_flags import publish_flags, store_flag
from tests.support.waiting import wait_for


@pytest.fixture(scope="module")
def edge(backends: Backends, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with running_edge(backends.database_url, tmp_path_factory.mktemp("flags")) as made:
        made.ports["flags"] = free_port()
        made.start("flags")
        yield made


@pytest.fixture
def nearly_full(edge: Edge) -> Iterator[Redis]:
    """The Redis of logins and jobs, with less than half of its memory left."""
    with Redis.from_url(edge.cache.url) as redis:
        before = redis.config_get("maxmemory")["maxmemory"]
        redis.config_set("maxmemory", int(redis.info("memory")["used_memory"] * 1.6))
        yield redis
        redis.config_set("maxmemory", before)


def _is_on(edge: Edge, project: Project) -> bool:
    answer = requests.post(
        f"http://127.0.0.1:{edge.ports['flags']}/flags/?v=2",
        json={"token": project.key, "distinct_id": "ada"},
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
    return bool(answer.json()["flags"]["new"]["enabled"])


def test_a_large_request_is_read_only_for_a_valid_key(edge: Edge) -> None:
    project = edge.project()
    publish_flags(edge, project)

    def ask(path: str, **content: Any) -> int:
        body = {"distinct_id": "ada", "person_properties": {"about": "x" * 40_000}, **content}
        url = f"http://127.0.0.1:{edge.ports['flags']}{path}"
        return requests.post(url, json=body, timeout=30).status_code

    for path in ("/flags/?v=2", "/decide/?v=4"):
        answers = [
            ask(path, **one) for one in ({"token": project.key}, {"token": new_key("public")}, {})
        ]
        assert answers == [200, 401, 401]


_OFREP = "/ofrep/v1/evaluate/flags"
_CONTEXT = {"targetingKey": "ada", "plan": "pro"}
_PERSON = {"distinct_id": "ada", "person_properties": {"plan": "pro"}}
_REQUESTS: dict[str, tuple[str, object, dict[str, str]]] = {
    "all flags": ("/flags/", _PERSON, {}),
    "of a page": (
        "/flags",
        _PERSON,
        {"Origin": "https://shop.example", "X-Request-ID": "abc-4567"},
    ),
    "some flags": ("/flags/", {**_PERSON, "flag_keys": ["new", "none"]}, {}),
    "an unknown token": ("/flags/", {**_PERSON, "token": "pk_" + "x" * 40}, {}),
    "no token": ("/flags/", {**_PERSON, "token": None}, {}),
    "a list": ("/flags/", [], {}),
    "OFREP": (_OFREP, {"context": _CONTEXT}, {"Origin": "https://shop.example"}),
    "OFREP without a context": (_OFREP, {}, {}),
    "OFREP without a targeting key": (_OFREP, {"context": {"plan": "pro"}}, {}),
    "OFREP with an unknown key": (_OFREP, {"context": _CONTEXT}, {"X-API-Key": "pk_no"}),
}


@pytest.mark.parametrize("name", _REQUESTS)
def test_an_answer_before_flask_is_the_one_of_flask(edge: Edge, name: str) -> None:
    project = edge.project()
    pro = {"property": "plan", "operator": "is", "value": ["Pro"], "scope": "person"}
    store_flag(
        edge,
        project,
        1,
        conditions=[{"filters": [pro]}],
        variants=[{"key": "ä", "rollout_percentage": 100}],
        payloads={"ä": {"text": '"é"'}},
    )
    path, body, headers = _REQUESTS[name]
    if isinstance(body, dict) and path != _OFREP:
        body = {"token": project.key, **body}

    def answer(query: str) -> tuple[int, dict[str, str], dict[str, Any]]:
        got = requests.post(
            f"http://127.0.0.1:{edge.ports['flags']}{path}{query}",
            json=body,
            headers={"X-API-Key": project.key, "X-Request-ID": "equal-17", **headers},
            timeout=30,
        )
        told = {name: value for name, value in got.headers.items() if name != "Date"}
        content = got.json()
        for of_each in ("requestId", "evaluatedAt"):
            content.pop(of_each, None)
        told.pop("Content-Length")
        return got.status_code, told, content

    # The parameter has no meaning, and makes the request one for Flask.
    assert answer("") == answer("?nothing=1")


def test_guessing_keys_in_large_bodies_ends_in_refusal(edge: Edge) -> None:
    project = edge.project()

    def ask(client: str, **content: str) -> int:
        body = {"distinct_id": "ada", "person_properties": {"text": "x" * 17_000}, **content}
        url = f"http://127.0.0.1:{edge.ports['flags']}/flags/"
        return requests.post(url, json=body, headers={"X-Real-IP": client}, timeout=30).status_code

    for client, guess in (("198.51.100.31", {"token": new_key("public")}), ("198.51.100.32", {})):
        statuses: list[int] = []
        while statuses[-20:] != [429] * 20 and len(statuses) < 400:  # every process has seen enough
            statuses.append(ask(client, **guess))
        assert statuses[0] == 401
        assert len(statuses) < 400
    assert ask("198.51.100.33", token=project.key) == 200
    assert ask("198.51.100.33", api_key=project.key) == 200


@pytest.mark.parametrize("path", ["/flags/?v=2", "/decide/?v=4&compression=base64"])
def test_large_forms_with_a_valid_key_are_no_guesses(edge: Edge, path: str) -> None:
    project, client = edge.project(), {"X-Real-IP": f"198.51.100.{40 + len(path)}"}
    url = f"http://127.0.0.1:{edge.ports['flags']}{path}"

    def ask(key: str, size: int, form: str = "a form") -> int:
        content = {"token": key, "distinct_id": "ada", "person_properties": {"x": "x" * size}}
        text = json.dumps(content)
        packed = base64.b64encode(text.encode()).decode()
        forms: dict[str, Any] = {"a form": {"data": packed}, "base64": packed, "JSON": text}
        return requests.post(url, data=forms[form], headers=client, timeout=30).status_code

    sizes = (13_000, 13_252, 20_000, 30_000)
    assert [ask(project.key, size) for size in sizes * 25] == [200] * 100
    assert ask(project.key, 30_000, "base64" if "compression" in path else "JSON") == 200
    assert ask(new_key("public"), 30_000) == 401


def test_large_flags_leave_room_for_logins(edge: Edge, nearly_full: Redis) -> None:
    project = edge.project()
    store_flag(edge, project, 1, payloads={"true": "x" * 50_000})
    publish_flags(edge, project)
    assert (nearly_full.memory_usage(published_key(project.id)) or 0) < 1_000
    assert _is_on(edge, project)
    # A change is in force as soon as any.
    store_flag(edge, project, 2, payloads={"true": "x" * 50_000}, is_active=False)
    version = publish_flags(edge, project)
    assert published_version(nearly_full, project.id) == version
    assert wait_for(lambda: not _is_on(edge, project), 10) < 2


def test_large_policies_leave_room_for_logins(edge: Edge, nearly_full: Redis) -> None:
    small, large = edge.project(), edge.project()
    edge.execute(
        "INSERT INTO definitions (project_id, kind, name, json_schema, schema_mode, created_at,"
        " updated_at) VALUES (%s, 'event', 'a', %s, 'warn', now(), now())",
        [large.id, '{"title": "' + "x" * 7_000 + '"}'],
    )
    hashes = {key_hash(one.key): one for one in (small, large)}
    found = get_policies(nearly_full, [*hashes])
    assert {key: policy.project_id for key, policy in found.items()} == {
        key: project.id for key, project in hashes.items()
    }
    published = {one.id for key, one in hashes.items() if nearly_full.exists(policy_key(key))}
    assert published == {small.id}


def test_keys_name_the_owner_whom_flags_are_charged_to(edge: Edge) -> None:
    """The first owner of several, and no member of another role."""
    project, ownerless = edge.project(), edge.project()
    users = [
        edge.execute(
            "INSERT INTO users (email, name, password_hash, is_active, is_superuser)"
            " VALUES (gen_random_uuid() || '@example.org', 'Test', 'none', true, false)"
            " RETURNING id"
        )[0][0]
        for _ in range(3)
    ]
    for user, role in zip(users, ("admin", "owner", "owner"), strict=True):
        edge.execute(
            "INSERT INTO memberships (project_id, user_id, role) VALUES (%s, %s, %s)",
            [project.id, user, role],
        )
    owned, unowned = key_hash(project.key), key_hash(ownerless.key)
    with Redis.from_url(edge.cache.url) as redis:
        found = get_policies(redis, [owned, unowned])
        policies = Policies(redis, Settings.from_environment(edge.environment))
        asked = policies.for_key(project.key, time.time())
    assert (found[owned].account, found[unowned].account) == (users[1], -ownerless.id)
    assert asked.account == users[1]


def test_keys_of_a_project_share_what_is_large(edge: Edge) -> None:
    project, second = edge.project(), new_key("secret")
    edge.execute(
        "INSERT INTO api_keys (project_id, kind, key_hash, prefix, created_at)"
        " VALUES (%s, 'secret', %s, %s, now())",
        [project.id, key_hash(second), shown_prefix(second)],
    )
    edge.execute(
        "INSERT INTO definitions (project_id, kind, name, json_schema, schema_mode, created_at,"
        """ updated_at) VALUES (%s, 'event', 'a', '{"title": "before"}', 'warn', now(), now())""",
        [project.id],
    )
    with Redis.from_url(edge.cache.url) as redis:
        policies = Policies(redis, Settings.from_environment(edge.environment))

        def both() -> tuple[Policy, Policy]:
            now = time.time()
            return policies.for_key(project.key, now), policies.for_key(second, now)

        public, secret = both()
        assert (public.kind, secret.kind) == ("public", "secret")
        assert "before" in public.schemas["a"].json
        assert public.schemas is secret.schemas
        edge.execute(
            """UPDATE definitions SET json_schema = '{"title": "after"}' WHERE project_id = %s""",
            [project.id],
        )
        invalidate_policies(redis, [key_hash(project.key), key_hash(second)])
        wait_for(lambda: all("after" in one.schemas["a"].json for one in both()), 10)
        public, secret = both()
        assert public.schemas is secret.schemas


def test_a_process_keeps_a_bounded_number_of_bytes(edge: Edge) -> None:
    text = from_json({"key": "a", "payloads": {"true": "x" * 500_000}})
    numbers = range(9_000_001, 9_000_081)
    settings = replace(get_settings(), auth_url=f"http://127.0.0.1:{free_port()}")
    with Redis.from_url(edge.cache.url) as redis:
        sets = FlagSets(redis, settings)
        for number in numbers:
            publish(redis, FlagSet(number, 1, (Flag(1, 1, text),)))
            assert sets.for_project(number).flags.project_id == number
            redis.delete(published_key(number))
        time.sleep(CHECK_SECONDS)
        assert sets.for_project(numbers[-1]).flags.version == 1
        assert sets.for_project(numbers[-40]).flags.version == 1
        with pytest.raises(Unavailable):
            sets.for_project(numbers[0])
