"""What the tests of auth share: a running service, and an account."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from deploy.local.backends import Backends
from services.auth.account_store import get_user_by_email
from services.auth.accounts import two_factor
from services.auth.accounts.accounts import create_user
from shared.runtime.database import session_scope
from tests.conftest import PASSWORD, SECRET_KEY
from tests.support.auth_service import AuthService, running_auth


@pytest.fixture(scope="module")
def auth(backends: Backends, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuthService]:
    with running_auth(backends, tmp_path_factory.mktemp("auth")) as service:
        yield service


@pytest.fixture
def email(backends: Backends) -> str:
    """Of an account with the usual password."""
    address = f"{uuid.uuid4().hex[:12]}@example.org"
    with session_scope() as session:
        create_user(session, email=address, name="", password=PASSWORD, is_superuser=False)
    return address


@pytest.fixture
def second_factor(email: str) -> str:
    """Turn on the second factor of the account; return the secret of its authenticator app."""
    with session_scope() as session:
        user = get_user_by_email(session, email)
        assert user is not None
        secret = two_factor.begin(user, SECRET_KEY).secret
        user.totp_enabled_at = user.created_at
    return secret
