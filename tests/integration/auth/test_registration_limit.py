"""How many accounts may be registered from one address: invited people are not counted."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
import requests

from deploy.local.backends import Backends
from services.auth.accounts.accounts import create_user
from services.auth.audit import Actor
from services.auth.members.invitations import create_invitation
from shared.runtime.database import session_scope
from tests.conftest import PASSWORD
from tests.support.auth_service import AuthService, running_auth


@pytest.fixture(scope="module")
def auth(backends: Backends, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuthService]:
    settings = {"REGISTRATIONS_PER_MINUTE": "2", "REGISTRATION": "invitation"}
    with running_auth(backends, tmp_path_factory.mktemp("auth"), settings) as service:
        new_account()  # the first one would own the installation
        yield service


def new_account() -> str:
    email = f"{uuid.uuid4().hex[:12]}@example.org"
    with session_scope() as session:
        create_user(session, email=email, name="", password=PASSWORD, is_superuser=False)
    return email


def invite(email: str) -> str:
    owner = Actor(None, "owner@example.org", "127.0.0.1", is_superuser=True)
    return create_invitation(owner, None, own_role="owner", email=email, role="member").token


def register(auth: AuthService, email: str, token: str, address: str) -> requests.Response:
    return requests.post(
        f"{auth.url}/api/v1/auth/register",
        json={"email": email, "name": "", "password": PASSWORD, "invitation": token},
        headers={"X-Real-IP": address},
        timeout=20,
    )


def test_invited_people_behind_one_address_register_in_the_same_minute(auth: AuthService) -> None:
    emails = [f"{uuid.uuid4().hex[:12]}@Example.org" for _ in range(6)]
    tokens = [invite(email) for email in emails]
    answers = [
        register(auth, email, token, "203.0.113.60")
        for email, token in zip(emails, tokens, strict=True)
    ]
    assert [answer.status_code for answer in answers] == [201] * 6
    # Used up, the invitations count like any other wrong token.
    again = [
        register(auth, email, token, "203.0.113.60")
        for email, token in zip(emails, tokens, strict=True)
    ]
    assert [answer.status_code for answer in again] == [404] * 2 + [429] * 4


def test_an_invitation_of_somebody_else_counts(auth: AuthService) -> None:
    token = invite(f"{uuid.uuid4().hex[:12]}@example.org")
    answers = [
        register(auth, "mallory@example.org", token, "203.0.113.61").status_code for _ in range(4)
    ]
    assert answers == [422] * 2 + [429] * 2
