"""How many projects an account may create, and how many calls a user and a key may make."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from deploy.local.backends import Backends
from services.auth.accounts import create_user
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


def test_an_account_owns_so_many_projects_however_fast_it_asks(auth: AuthService) -> None:
    login = new_login(auth)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: create(auth, login), range(6)))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 3
    refused = next(answer for answer in answers if answer.status_code == 409).json()
    assert refused["code"] == "too_many_objects"
    assert "PROJECTS_PER_ACCOUNT" in refused["message"]
    assert create(auth, new_login(auth)).status_code == 201


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
