"""Two tenants over the gateway: every documented operation, by everybody who may not call it.

Nothing is read or written across projects; strangers learn nothing, not even that a project
exists (404), and members in a lesser role are refused (403).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Installation
from tests.support.access_matrix import ROWS, Row
from tests.support.victim import (
    MARKER,
    ROLES,
    Caller,
    Victim,
    bearer,
    by_key,
    make_victim,
)
from tools.openapi import DOCUMENTED, committed_document


def operations() -> list[tuple[str, dict[str, Any]]]:
    """Every operation of every document."""
    return [
        (f"{method.upper()} {path}", content)
        for service in DOCUMENTED
        for path, methods in committed_document(service)["paths"].items()
        for method, content in methods.items()
        if method != "parameters"
    ]


@pytest.fixture(scope="module")
def victim(installation: Installation) -> Victim:
    """A project with one of everything, and a tenant beside it."""
    return make_victim(installation)


def refusals(victim: Victim, row: Row) -> Iterator[tuple[Caller, int]]:
    """Everybody who may not call an operation, and what they must be answered."""
    theirs = victim.stranger_project
    if row.kind == "key":
        yield Caller("no credentials", {}), row.refused
        yield Caller("a revoked key", by_key(victim.revoked_key)), row.refused
        yield Caller("a made-up key", by_key("pk_" + "x" * 43)), row.refused
        yield Caller("a login in place of a key", victim.members["owner"]), row.refused
        return
    yield Caller("no credentials", {}), 401
    yield Caller("an expired login", victim.expired), 401
    yield Caller("a login that was ended", victim.revoked), 401
    yield Caller("nonsense", bearer("nonsense")), 401
    if row.kind == "reader":
        yield Caller("a revoked key", by_key(victim.revoked_key)), 401
        yield Caller("the other project's secret key", by_key(theirs["secret_key"])), 404
        yield Caller("the other project's public key", by_key(theirs["public_key"])), 403
        yield Caller("the project's public key", by_key(victim.keys["public"])), 403
    else:
        for key in (theirs["secret_key"], theirs["public_key"], *victim.keys.values()):
            yield Caller(f"a key {key[:3]}", by_key(key)), 401
            yield Caller(f"a key {key[:3]} as Bearer", bearer(key)), 401
    if row.kind == "superuser":
        yield Caller("an ordinary account", victim.stranger), 403
        yield Caller("the project's owner", victim.members["owner"]), 403
    if row.kind in {"project", "reader"}:
        yield Caller("a stranger", victim.stranger), row.stranger
        for role in ROLES[: ROLES.index(row.role)]:
            yield Caller(role, victim.members[role]), 403
        if row.kind == "reader" and row.role != "viewer":
            yield Caller("the project's secret key", by_key(victim.keys["secret"])), 403


def test_every_operation_has_a_row_and_every_row_an_operation() -> None:
    documented = {operation for operation, _ in operations()}
    assert documented - ROWS.keys() == set(), "add rows to tests/support/access_matrix.py"
    assert ROWS.keys() - documented == set(), "remove rows from tests/support/access_matrix.py"


def test_the_documents_say_who_may_call() -> None:
    for operation, content in operations():
        kind = ROWS[operation].kind
        schemes = {name for one in content.get("security", []) for name in one}
        expected: set[str] = set()
        if kind in {"own", "superuser", "project"}:
            expected = {"LoginCookie", "Login"}
        elif kind == "reader":
            expected = {"ProjectKey", "LoginCookie", "Login"}
        elif kind == "key":
            expected = {"ProjectKey"}
        assert schemes == expected, operation


def test_nobody_reads_or_writes_across_projects(victim: Victim) -> None:
    before, wrong, calls = victim.fingerprint(), [], 0
    for operation, row in ROWS.items():
        if row.kind == "anybody":
            continue
        for caller, expected in refusals(victim, row):
            answer = victim.call(operation, row, caller.headers)
            calls += 1
            if answer.status_code != expected:
                wrong.append(f"{operation} by {caller.name}: {answer.status_code}, not {expected}")
            if MARKER in answer.text:
                wrong.append(f"{operation} by {caller.name} was told something")
    assert not wrong, "\n".join(wrong)
    assert calls > 1000
    victim.installation.wait_until_stored()
    assert victim.fingerprint() == before


def test_own_objects_are_nobody_elses(victim: Victim) -> None:
    for operation, row in ROWS.items():
        if row.kind != "own" or (
            "{" not in operation and row.body != {"token": "{invitation_token}"}
        ):
            continue
        answer = victim.call(operation, row, victim.stranger, {"user_id": victim.things["boss_id"]})
        assert answer.status_code == row.stranger, (operation, answer.text)


def test_an_object_of_another_project_cannot_be_reached_through_ones_own(victim: Victim) -> None:
    before, theirs = victim.fingerprint(), str(victim.stranger_project["id"])
    tried = 0
    for operation, row in ROWS.items():
        named_freely = "definitions/" in operation
        if row.kind not in {"project", "reader"} or operation.count("{") < 2 or named_freely:
            continue
        answer = victim.call(operation, row, victim.stranger, {"project_id": theirs})
        tried += 1
        nothing = answer.status_code == 200 and answer.json().get("items") == []
        assert answer.status_code == 404 or nothing, (operation, answer.text)
        assert MARKER not in answer.text
    assert tried > 20
    assert victim.fingerprint() == before


def test_another_projects_key_writes_to_its_own_project_only(victim: Victim) -> None:
    before = victim.fingerprint()
    for operation, row in ROWS.items():
        if row.kind == "key":
            key = victim.stranger_project["secret_key"]
            # Definitions of flags are asked for with the key as Bearer alone.
            headers = {**by_key(key), **bearer(key)}
            answer = victim.call(operation, row, headers)
            assert answer.status_code < 300, (operation, answer.text)
    victim.installation.wait_until_stored()
    assert victim.fingerprint() == before


def test_a_deleted_project_is_as_if_it_never_was_until_it_is_taken_back(victim: Victim) -> None:
    before = victim.fingerprint()
    project, owner = "/api/v1/projects/{project_id}", victim.members["owner"]
    row = ROWS[f"DELETE {project}"]
    assert victim.call(f"DELETE {project}", row, owner).status_code == 202
    still = {
        f"{method} {project}{end}" for method, end in (("GET", "/deletion"), ("POST", "/restore"))
    }
    wrong, calls = [], 0
    try:
        for operation, row in ROWS.items():
            if row.kind not in {"project", "reader"} or operation in still:
                continue
            callers = [(name, headers, {404}) for name, headers in victim.members.items()]
            if row.kind == "reader":
                # The key may be known to have ended with its project.
                callers.append(("its secret key", by_key(victim.keys["secret"]), {401, 404}))
            for name, headers, expected in callers:
                answer = victim.call(operation, row, headers)
                calls += 1
                if answer.status_code not in expected or MARKER in answer.text:
                    wrong.append(f"{operation} by {name}: {answer.status_code}")
    finally:
        restore = f"POST {project}/restore"
        assert victim.call(restore, ROWS[restore], owner).status_code == 200
    assert not wrong, "\n".join(wrong)
    assert calls > 300
    after = victim.fingerprint()
    for named in ("audit_log", "projects"):  # what was done is in the log; the project tells when
        before.pop(named), after.pop(named)
    assert after == before


def test_those_who_may_call_are_answered(victim: Victim) -> None:
    """The control: the calls above were refused for the caller, not for how they were made."""
    for operation, row in ROWS.items():
        if (
            row.kind in {"project", "reader"}
            and row.role == "viewer"
            and operation.startswith("GET")
        ):
            answer = victim.call(operation, row, victim.members["viewer"])
            assert answer.status_code == 200, (operation, answer.text)
            if row.kind == "reader":
                answer = victim.call(operation, row, by_key(victim.keys["secret"]))
                assert answer.status_code == 200, (operation, answer.text)

    def order(item: tuple[str, Row]) -> tuple[int, bool]:
        return item[1].last, item[0].startswith("DELETE")

    for operation, row in sorted(ROWS.items(), key=order):
        if row.kind in {"project", "reader"}:
            answer = victim.call(operation, row, victim.members["owner"])
            assert answer.status_code < 300, (operation, answer.text)
        elif row.kind == "superuser" and operation.startswith("GET"):
            session = victim.installation.login()
            answer = victim.call(operation, row, bearer(session.cookies["access_token"]))
            assert answer.status_code == 200, (operation, answer.text)


def test_anonymous_paths_reveal_nothing_of_a_project(victim: Victim) -> None:
    for operation, row in ROWS.items():
        if row.kind == "anybody":
            keys = {"token": victim.keys["public"], "write_key": victim.keys["public"]}
            assert MARKER not in victim.call(operation, row, {}, keys).text, operation
