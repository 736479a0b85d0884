"""How many projects an account may create, and how many calls a user and a key may make."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from redis import Redis

from deploy.local.backends import Backends
from services.auth.accounts.accounts import create_user
from services.auth.projects.publication import get_policies
from shared.auth.api_keys import key_hash
from shared.policies.changes import withdraw
from shared.policies.policy import policy_key
from shared.runtime.database import session_scope
from tests.conftest import PASSWORD
from tests.support.auth_service import AuthService, running_auth


@pytest.fixture(scope="module")
def auth(backends: Backends, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuthService]:
    settings = {
        "PROJECTS_PER_HOUR": "4",
        "PROJECTS_PER_ACCOUNT": "3",
        "CLIENT_REQUESTS_PER_SECOND": "5",
    }
    with running_auth(backends, tmp_path_factory.mktemp("auth"), settings) as service:
        yield service


def new_login(auth: AuthService, email: str = "", *, is_superuser: bool = False) -> dict[str, str]:
    """Log in, with a new account if none is named; answers the header of a Bearer token."""
    if not email:
        email = f"{uuid.uuid4().hex[:12]}@example.org"
        with session_scope() as session:
            create_user(session, email=email, name="", password=PASSWORD, is_superuser=is_superuser)
    answer = requests.post(
        f"{auth.url}/api/v1/auth/login/form",
        data={"username": email, "password": PASSWORD},
        timeout=10,
    )
    return {"Authorization": f"Bearer {answer.json()['access_token']}", "X-Email": email}


def create(auth: AuthService, login: dict[str, str]) -> requests.Response:
    return requests.post(
        f"{auth.url}/api/v1/projects/", headers=login, json={"name": "one more"}, timeout=10
    )


def call(
    auth: AuthService, login: dict[str, str], method: str, path: str, body: object = None
) -> requests.Response:
    return requests.request(
        method, f"{auth.url}/api/v1{path}", headers=login, json=body, timeout=10
    )


def test_an_account_owns_so_many_projects_however_fast_it_asks(auth: AuthService) -> None:
    login = new_login(auth)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: create(auth, login), range(6)))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 3
    refused = next(answer for answer in answers if answer.status_code == 409).json()
    assert refused["code"] == "too_many_objects"
    assert "PROJECTS_PER_ACCOUNT" in refused["message"]
    assert create(auth, new_login(auth)).status_code == 201


def add_member(
    auth: AuthService, owner: dict[str, str], project_id: int, member: dict[str, str], role: str
) -> requests.Response:
    """Invite an account to a project, and accept."""
    body = {"email": member["X-Email"], "role": role}
    invited = call(auth, owner, "POST", f"/projects/{project_id}/invitations/", body)
    token = invited.json()["link"].partition("#")[2]
    return call(auth, member, "POST", "/auth/invitations/accept", {"token": token})


def id_of(auth: AuthService, login: dict[str, str]) -> int:
    return int(call(auth, login, "GET", "/auth/me").json()["id"])


def test_an_account_that_is_made_an_owner_has_no_fewer_projects(auth: AuthService) -> None:
    """Otherwise anybody could use up the projects of an account that has joined theirs."""
    giver, member = new_login(auth), new_login(auth)
    invited, promoted = (create(auth, giver).json()["id"] for _ in range(2))
    assert add_member(auth, giver, invited, member, "owner").status_code == 200
    assert add_member(auth, giver, promoted, member, "viewer").status_code == 200
    path = f"/projects/{promoted}/members/{id_of(auth, member)}"
    assert call(auth, giver, "PATCH", path, {"role": "owner"}).status_code == 200
    assert [create(auth, member).status_code for _ in range(4)] == [201] * 3 + [409]


def test_an_account_with_enough_projects_takes_over_no_more(auth: AuthService) -> None:
    """Otherwise one account would hand its projects to another, and create as many again."""
    giver, taker = new_login(auth), new_login(auth)
    handed, own = create(auth, giver).json()["id"], [create(auth, taker).json() for _ in range(3)]
    assert add_member(auth, giver, handed, taker, "owner").status_code == 200
    first = f"/projects/{handed}/members/{id_of(auth, giver)}"
    for method, body in (("DELETE", None), ("PATCH", {"role": "viewer"})):
        refused = call(auth, taker, method, first, body)
        assert refused.status_code == 409
        assert refused.json()["code"] == "too_many_objects"
    # Whoever has one fewer may, and then creates no more.
    assert add_member(auth, taker, own[0]["id"], giver, "owner").status_code == 200
    given = f"/projects/{own[0]['id']}/members/{id_of(auth, taker)}"
    assert call(auth, giver, "DELETE", given).status_code == 204
    assert call(auth, taker, "DELETE", first).status_code == 204
    assert create(auth, taker).status_code == 409


def test_whoever_deletes_an_account_leaves_its_projects_to_nobody_unasked(
    auth: AuthService,
) -> None:
    operator, maker, heir = new_login(auth, is_superuser=True), new_login(auth), new_login(auth)
    taken, removed = (create(auth, maker).json()["id"] for _ in range(2))
    maker_id = id_of(auth, maker)

    def refusal() -> str:
        refused = call(auth, operator, "DELETE", f"/users/{maker_id}")
        assert refused.status_code == 409
        return str(refused.json()["code"])

    assert refusal() == "last_owner"
    for project_id in (taken, removed):
        assert add_member(auth, maker, project_id, heir, "owner").status_code == 200
    assert refusal() == "takeover_required"
    # The next owner takes one over; the operator decides about the other.
    own = f"/projects/{taken}/members/{maker_id}"
    assert call(auth, maker, "DELETE", own).json()["code"] == "takeover_required"
    assert call(auth, heir, "PATCH", own, {"role": "admin"}).status_code == 200
    assert refusal() == "takeover_required"
    path = f"/projects/{removed}/members/{maker_id}"
    assert call(auth, operator, "DELETE", path).status_code == 204
    assert call(auth, operator, "DELETE", f"/users/{maker_id}").status_code == 204


def test_nobody_is_left_with_a_project_that_they_did_not_take_over(auth: AuthService) -> None:
    maker, victim, accomplice = new_login(auth), new_login(auth), new_login(auth)
    path = f"/projects/{create(auth, maker).json()['id']}"
    ids = [call(auth, one, "GET", "/auth/me").json()["id"] for one in (maker, victim, accomplice)]
    own, of_victim, of_accomplice = (f"{path}/members/{one}" for one in ids)
    for login in (victim, accomplice):
        body = {"email": login["X-Email"], "role": "viewer"}
        invited = call(auth, maker, "POST", f"{path}/invitations/", body)
        token = invited.json()["link"].partition("#")[2]
        assert call(auth, login, "POST", "/auth/invitations/accept", {"token": token}).ok
    for member in (of_victim, of_accomplice):
        assert call(auth, maker, "PATCH", member, {"role": "owner"}).status_code == 200
    # The maker neither leaves nor is removed by one who does not take the project over.
    assert call(auth, maker, "DELETE", own).status_code == 409
    assert call(auth, maker, "PATCH", own, {"role": "viewer"}).status_code == 409
    assert call(auth, accomplice, "DELETE", own).status_code == 409
    # The victim leaves as they like.
    assert call(auth, victim, "DELETE", of_victim).status_code == 204
    assert call(auth, accomplice, "DELETE", own).status_code == 204


def test_policies_name_the_owner_who_has_taken_over(auth: AuthService) -> None:
    maker, taker = new_login(auth), new_login(auth)
    project = create(auth, maker).json()
    path = f"/projects/{project['id']}"
    maker_id, taker_id = (call(auth, one, "GET", "/auth/me").json()["id"] for one in (maker, taker))
    body = {"email": taker["X-Email"], "role": "owner"}
    invited = call(auth, maker, "POST", f"{path}/invitations/", body)
    token = invited.json()["link"].partition("#")[2]
    assert call(auth, taker, "POST", "/auth/invitations/accept", {"token": token}).ok
    hashed = key_hash(project["public_key"])
    with Redis.from_url(auth.redis.url) as redis:
        withdraw(redis, [hashed])  # policies are published once a change is on record
        assert get_policies(redis, [hashed])[hashed].owner_id == maker_id
        assert redis.exists(policy_key(hashed))
        gone = call(auth, taker, "DELETE", f"{path}/members/{maker_id}")
        assert gone.status_code == 204
        assert not redis.exists(policy_key(hashed))  # whoever asks next gets the new one
        assert get_policies(redis, [hashed])[hashed].owner_id == taker_id


def test_an_account_creates_so_many_projects_an_hour(auth: AuthService) -> None:
    login = new_login(auth, is_superuser=True)
    assert [create(auth, login).status_code for _ in range(4)] == [201] * 4
    refused = create(auth, login)
    assert refused.status_code == 429
    assert 3000 < int(refused.headers["Retry-After"]) <= 3600
    assert "PROJECTS_PER_HOUR" in refused.json()["message"]


def test_more_logins_do_not_let_a_user_call_more_often(auth: AuthService) -> None:
    first = new_login(auth)
    second = new_login(auth, first["X-Email"])
    url = f"{auth.url}/api/v1/projects/"
    answers = [
        requests.get(url, headers=(first, second)[number % 2], timeout=10) for number in range(80)
    ]
    statuses = [answer.status_code for answer in answers]
    assert statuses[:20] == [200] * 20
    assert statuses.count(429) >= 30
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert int(refused.headers["Retry-After"]) >= 1
    assert requests.get(url, headers=new_login(auth), timeout=10).status_code == 200
