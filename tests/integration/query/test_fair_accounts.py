"""However many projects an account has, another account's question is answered."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count

import pytest
from flask.testing import FlaskClient
from psycopg2.extensions import connection as Connection

from services.query.app import create_app
from services.query.execution.concurrency_limit import concurrency_limiter
from services.query.execution.query_cache import cached
from shared.auth.api_keys import key_hash, new_key, shown_prefix
from shared.auth.charged_account import ANONYMOUS, charged_account, readers_of_links
from shared.auth.internal_token import HEADER, internal_token
from tests.conftest import SECRET_KEY, make_project
from tests.support.reader import client_of, make_later_owner, make_user

_LIMITS = count(1)
"""Each question is one that nobody has asked before, so that no cached answer serves."""


def project_of(connection: Connection, owner: int) -> tuple[int, str]:
    """A project of an account; answers its id and its secret key."""
    project_id, key = make_project(connection, "UTC"), new_key("secret")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO memberships (project_id, user_id, role) VALUES (%s, %s, 'owner')",
            (project_id, owner),
        )
        cursor.execute(
            "INSERT INTO api_keys (project_id, kind, key_hash, prefix, created_at)"
            " VALUES (%s, 'secret', %s, %s, now())",
            (project_id, key_hash(key), shown_prefix(key)),
        )
    connection.commit()
    return project_id, key


@contextmanager
def holding(account: int, threads: int) -> Iterator[None]:
    """Hold so many threads for questions of an account, each in a project of its own."""
    with ExitStack() as held:
        token = charged_account.set(account)
        for number in range(threads):
            held.enter_context(concurrency_limiter().hold_thread(10_000_000 + number))
        charged_account.reset(token)
        yield


@pytest.fixture
def client() -> FlaskClient:
    return create_app().test_client()


def status_of(client: FlaskClient, project_id: int, key: str = "") -> int:
    answer = client.get(
        f"/api/v1/analytics/{project_id}/top-events?limit={next(_LIMITS)}",
        headers={"X-API-Key": key} if key else {},
    )
    assert answer.status_code == 200 or int(answer.headers["Retry-After"]) > 0
    return answer.status_code


def test_secret_keys_of_all_its_projects_are_charged_to_one_account(
    database: Connection, client: FlaskClient
) -> None:
    owner, other = make_user(database), make_user(database)
    first, second = project_of(database, owner), project_of(database, owner)
    others = project_of(database, other)
    with holding(owner, concurrency_limiter().capacity.account):
        assert status_of(client, *first) == 503
        assert status_of(client, *second) == 503
        # With the login as well.
        assert status_of(client_of(owner), first[0]) == 503
        assert status_of(client, *others) == 200
    later = make_later_owner(database, first[0])
    with holding(later, concurrency_limiter().capacity.account):
        assert status_of(client, *first) == 200


def test_a_thread_that_served_an_account_does_not_charge_it_for_public_links(
    database: Connection, client: FlaskClient
) -> None:
    owner = make_user(database)
    project = project_of(database, owner)
    assert status_of(client, *project) == 200
    client.get("/api/v1/analytics/shared/dashboards/unknown")
    assert charged_account.get() == ANONYMOUS


def test_readers_of_an_owners_public_links_keep_nobody_out(
    database: Connection, client: FlaskClient
) -> None:
    owners = [make_user(database) for _ in range(2)]
    first, second = (link_of(database, owner) for owner in owners)
    with holding(readers_of_links(owners[0]), concurrency_limiter().capacity.links):
        assert client.get(first).status_code == 503
        assert client.get(second).status_code == 200
    assert client.get(first).status_code == 200


def link_of(connection: Connection, owner: int) -> str:
    """Share a dashboard of a project of an account; answers the address of its insight."""
    project_id, _ = project_of(connection, owner)
    login, base = client_of(owner), f"/api/v1/analytics/{project_id}"
    query = {"period": "7d", "series": [{"event": "opened"}]}
    saved = {"name": "a", "kind": "trends", "query": query}
    insight = login.post(f"{base}/saved-insights/", json=saved).get_json()["id"]
    board = {"name": "Board", "tiles": {"items": [{"insight_id": insight}]}}
    dashboard = login.post(f"{base}/dashboards/", json=board).get_json()["id"]
    token = login.post(f"{base}/dashboards/{dashboard}/share", json={}).get_json()["token"]
    return f"/api/v1/analytics/shared/dashboards/{token}/insights/{insight}"


def test_finding_the_persons_of_a_figure_is_charged_as_any_query(database: Connection) -> None:
    owner = make_user(database)
    project_id, _ = project_of(database, owner)
    client, base = client_of(owner), f"/api/v1/analytics/{project_id}"
    query = {"period": "7d", "series": [{"event": "a"}]}
    body = {"name": "Behind", "figure": {"kind": "trends", "query": query}}
    with holding(owner, concurrency_limiter().capacity.account):
        assert client.post(f"{base}/cohorts/", json=body).status_code == 503
        file = client.post(f"{base}/insights/trends/persons/export", json=query)
        assert file.status_code == 503
    assert client.post(f"{base}/cohorts/", json=body).status_code == 201


def test_readers_of_public_links_keep_no_alert_and_no_report_from_its_answers(
    database: Connection, client: FlaskClient
) -> None:
    owner = make_user(database)
    project, _ = project_of(database, owner)
    body = {
        "project_id": project,
        "questions": [{"kind": "trends", "query": {"series": [{"event": "a"}]}}],
    }

    headers = {HEADER: internal_token(SECRET_KEY)}
    with holding(readers_of_links(owner), concurrency_limiter().capacity.links):
        answered = client.post("/internal/answers", json=body, headers=headers)
        [answer] = answered.get_json()["answers"]
        assert answer["answer"]["series"][0]["total"] == 0
    with holding(owner, concurrency_limiter().capacity.account):
        assert client.post("/internal/answers", json=body, headers=headers).status_code == 503


def test_a_member_does_not_wait_for_an_equal_question_of_a_reader_of_a_link(
    database: Connection,
) -> None:
    """The reader's waits behind all questions of members, so the member would wait for itself."""
    project_id = make_project(database, "UTC")
    begun, go_on = threading.Event(), threading.Event()

    def answer_slowly() -> dict[str, str]:
        begun.set()
        go_on.wait(10)
        return {"for": "reader"}

    def read() -> None:
        charged_account.set(readers_of_links(1))
        cached(project_id, "question", answer_slowly)

    reader = threading.Thread(target=read)
    reader.start()
    assert begun.wait(10)
    token = charged_account.set(1)
    try:
        assert cached(project_id, "question", lambda: {"for": "member"}) == {"for": "member"}
    finally:
        charged_account.reset(token)
        go_on.set()
        reader.join(10)
