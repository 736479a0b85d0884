"""Signing in by OpenID Connect: a real auth service and a real provider, each in its process."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
import requests

from deploy.local.backends import Backends
from deploy.local.children import free_port
from services.auth.accounts import accounts, two_factor
from services.auth.audit import Actor
from services.auth.members import invitations
from services.auth.projects.projects import add_project
from shared.models import User
from shared.runtime.database import session_scope
from shared.runtime.settings import Settings, SettingsError
from tests.conftest import PASSWORD, SECRET_KEY
from tests.support.auth_service import AuthService, provider_answers, running, running_auth
from tests.support.oidc_provider import CLIENT_ID, CLIENT_SECRET, LIES
from tests.unit.shared.test_settings import GOOD

API = "/api/v1/auth"


@dataclass(frozen=True)
class Provider:
    """The provider, and what it knows of people."""

    url: str

    def knows(self, subject: str, **claims: object) -> None:
        """Tell it of somebody."""
        answer = requests.put(f"{self.url}/users/{subject}", json=claims, timeout=10)
        assert answer.ok, answer.text

    def lie(self, how: str) -> None:
        """Have it lie in its tokens; empty: no more."""
        assert requests.put(f"{self.url}/lie", data=how, timeout=10).ok

    def approve(self, url: str, subject: str) -> str:
        """Log in there and agree; answers where the browser is sent back to."""
        answer = requests.post(url, data={"sub": subject}, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    port, log = free_port(), tmp_path_factory.mktemp("provider") / "log"
    url = f"http://127.0.0.1:{port}"
    with running(
        ["-m", "tests.support.oidc_provider", str(port)], lambda: provider_answers(url), log
    ):
        yield Provider(url)


def settings_of(provider: Provider, **more: str) -> dict[str, str]:
    return {
        "OIDC_ISSUER": provider.url,
        "OIDC_CLIENT_ID": CLIENT_ID,
        "OIDC_CLIENT_SECRET": CLIENT_SECRET,
        "OIDC_NAME": "Example ID",
        **more,
    }


@pytest.fixture(scope="module")
def auth(
    backends: Backends, provider: Provider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AuthService]:
    """As an operator sets it up: accounts by invitation, or by whoever has one already."""
    folder = tmp_path_factory.mktemp("auth")
    with running_auth(backends, folder, settings_of(provider)) as service:
        yield service


@contextmanager
def another_auth(
    backends: Backends, provider: Provider, folder: Path, **more: str
) -> Iterator[AuthService]:
    with running_auth(backends, folder, settings_of(provider, **more)) as service:
        yield service


def an_address() -> str:
    return f"{uuid.uuid4().hex[:12]}@example.org"


def an_account(email: str, password: str | None = None) -> int:
    with session_scope() as session:
        user = accounts.create_user(
            session, email=email, name="", password=password, is_superuser=False
        )
        return user.id


def invited(email: str, project: str = "invited to") -> int:
    with session_scope() as session:
        boss = accounts.create_user(
            session, email=an_address(), name="", password=None, is_superuser=False
        )
        actor = Actor(boss.id, boss.email)
        made = add_project(session, actor, project)
        invitations.add_invitation(
            session, actor, made.id, own_role="owner", email=email, role="member"
        )
        return made.id


def sign_in(
    auth: AuthService,
    provider: Provider,
    subject: str,
    browser: requests.Session | None = None,
    next_path: str = "/",
) -> tuple[requests.Session, str]:
    """The whole way there and back; answers the browser and where it ends."""
    browser = browser or requests.Session()
    there = browser.get(
        f"{auth.url}{API}/oidc/start", params={"next": next_path}, allow_redirects=False, timeout=10
    )
    assert there.status_code == 302, there.text
    back = provider.approve(there.headers["Location"], subject)
    assert back.startswith(f"{auth.url}{API}/oidc/callback?")
    home = browser.get(back, allow_redirects=False, timeout=10)
    assert home.status_code == 302, home.text
    return browser, home.headers["Location"]


def me(auth: AuthService, browser: requests.Session) -> requests.Response:
    return browser.get(f"{auth.url}{API}/me", timeout=10)


def test_the_login_page_gets_the_providers_name(auth: AuthService) -> None:
    answer = requests.get(f"{auth.url}{API}/registration", timeout=10).json()
    assert answer["sign_in_with"] == "Example ID"


def test_a_verified_address_logs_in_to_its_account_and_links_the_identity(
    auth: AuthService, provider: Provider
) -> None:
    email, subject = an_address(), uuid.uuid4().hex
    user_id = an_account(email)
    provider.knows(subject, email=email.upper(), email_verified=True, name="Ada")
    browser, home = sign_in(auth, provider, subject, next_path="/projects/7?tab=keys")
    assert home == "/projects/7?tab=keys"
    assert me(auth, browser).json()["id"] == user_id
    cookies = {cookie.name: cookie for cookie in browser.cookies}
    assert cookies["access_token"].has_nonstandard_attr("HttpOnly")
    assert "oidc_state" not in cookies
    # Known by its subject now, whatever becomes of the address.
    provider.knows(subject, email=an_address(), email_verified=False)
    assert me(auth, sign_in(auth, provider, subject)[0]).json()["id"] == user_id


@pytest.mark.parametrize("claims", [{}, {"email_verified": False}, {"email_verified": "no"}])
def test_an_address_that_was_not_verified_opens_nothing(
    auth: AuthService, provider: Provider, claims: dict[str, object]
) -> None:
    email, subject = an_address(), uuid.uuid4().hex
    an_account(email)
    provider.knows(subject, email=email, **claims)
    browser, home = sign_in(auth, provider, subject)
    assert home == "/login?sign_in=unverified"
    assert me(auth, browser).status_code == 401


def test_without_an_account_only_invited_addresses_can_sign_in_and_join(
    auth: AuthService, provider: Provider
) -> None:
    email, subject = an_address(), uuid.uuid4().hex
    provider.knows(subject, email=email, email_verified=True, name="Grace")
    assert sign_in(auth, provider, subject)[1] == "/login?sign_in=no_account"
    project_id = invited(email)
    browser, home = sign_in(auth, provider, subject)
    assert home == "/"
    made = me(auth, browser).json()
    assert (made["email"], made["name"], made["is_superuser"]) == (email, "Grace", False)
    project = browser.get(f"{auth.url}/api/v1/projects/{project_id}", timeout=10)
    assert project.json()["role"] == "member"
    # It has no password: nobody can log in with one.
    body = {"email": email, "password": PASSWORD}
    assert requests.post(f"{auth.url}{API}/login", json=body, timeout=10).status_code == 401


def test_a_closed_registration_stays_closed(
    backends: Backends, provider: Provider, tmp_path: Path
) -> None:
    email, subject = an_address(), uuid.uuid4().hex
    provider.knows(subject, email=email, email_verified=True)
    invited(email)
    settings = {"REGISTRATION": "closed", "OIDC_SIGN_UP": "true"}
    with another_auth(backends, provider, tmp_path, **settings) as auth:
        assert sign_in(auth, provider, subject)[1] == "/login?sign_in=no_account"
        an_account(email)
        assert sign_in(auth, provider, subject)[1] == "/"


def test_an_installation_may_accept_every_user_of_the_provider(
    backends: Backends, provider: Provider, tmp_path: Path
) -> None:
    email, subject = an_address(), uuid.uuid4().hex
    provider.knows(subject, email=email, email_verified=True)
    with another_auth(backends, provider, tmp_path, OIDC_SIGN_UP="true") as auth:
        browser, home = sign_in(auth, provider, subject)
        assert (home, me(auth, browser).json()["email"]) == ("/", email)


def login(auth: AuthService, browser: requests.Session, email: str, **more: str) -> int:
    body = {"email": email, "password": PASSWORD, **more}
    return browser.post(f"{auth.url}{API}/login", json=body, timeout=10).status_code


def test_an_account_with_a_password_is_linked_by_one_login_from_the_same_browser(
    auth: AuthService, provider: Provider
) -> None:
    """Else whoever took somebody's address first would go on sharing the account with them."""
    email, subject = an_address(), uuid.uuid4().hex
    user_id = an_account(email, PASSWORD)
    provider.knows(subject, email=email, email_verified=True)
    browser, home = sign_in(auth, provider, subject)
    assert home == "/login?sign_in=login_first"
    assert me(auth, browser).status_code == 401
    # A login elsewhere links nothing, nor does a wrong password.
    assert login(auth, requests.Session(), email) == 200
    assert login(auth, browser, email, password="wrong") == 401
    assert sign_in(auth, provider, subject)[1] == "/login?sign_in=login_first"
    assert login(auth, browser, email) == 200
    assert "oidc_link" not in browser.cookies
    browser, home = sign_in(auth, provider, subject)
    assert (home, me(auth, browser).json()["id"]) == ("/", user_id)


def test_a_login_to_another_account_links_nothing(auth: AuthService, provider: Provider) -> None:
    email, other, subject = an_address(), an_address(), uuid.uuid4().hex
    an_account(email, PASSWORD)
    an_account(other, PASSWORD)
    provider.knows(subject, email=email, email_verified=True)
    browser, _ = sign_in(auth, provider, subject)
    assert login(auth, browser, other) == 200
    assert sign_in(auth, provider, subject)[1] == "/login?sign_in=login_first"


def test_a_second_factor_is_not_got_round_by_the_provider(
    auth: AuthService, provider: Provider
) -> None:
    email, subject = an_address(), uuid.uuid4().hex
    user_id = an_account(email, PASSWORD)
    with session_scope() as session:
        user = session.get(User, user_id)
        assert user is not None
        secret = two_factor.begin(user, SECRET_KEY).secret
        user.totp_enabled_at = user.created_at
    provider.knows(subject, email=email, email_verified=True)
    browser, home = sign_in(auth, provider, subject)
    assert home == "/login?sign_in=login_first"
    assert login(auth, browser, email) == 401
    assert sign_in(auth, provider, subject)[1] == "/login?sign_in=login_first"
    assert login(auth, browser, email, code=pyotp.TOTP(secret).now()) == 200
    assert sign_in(auth, provider, subject)[1] == "/"


def test_a_new_holder_of_an_address_at_the_provider_does_not_get_the_account(
    auth: AuthService, provider: Provider
) -> None:
    email, subject, heir = an_address(), uuid.uuid4().hex, uuid.uuid4().hex
    an_account(email)
    provider.knows(subject, email=email, email_verified=True)
    assert sign_in(auth, provider, subject)[1] == "/"
    provider.knows(heir, email=email, email_verified=True)
    browser, home = sign_in(auth, provider, heir)
    assert home == "/login?sign_in=another_identity"
    assert me(auth, browser).status_code == 401
    assert sign_in(auth, provider, subject)[1] == "/"


def test_a_closed_account_stays_closed(auth: AuthService, provider: Provider) -> None:
    email, subject = an_address(), uuid.uuid4().hex
    user_id = an_account(email)
    with session_scope() as session:
        user = session.get(User, user_id)
        assert user is not None
        user.is_active = False
    provider.knows(subject, email=email, email_verified=True)
    assert sign_in(auth, provider, subject)[1] == "/login?sign_in=closed"


@pytest.mark.parametrize("lie", sorted(LIES))
def test_a_token_that_lies_lets_nobody_in(auth: AuthService, provider: Provider, lie: str) -> None:
    email, subject = an_address(), uuid.uuid4().hex
    an_account(email)
    provider.knows(subject, email=email, email_verified=True)
    provider.lie(lie)
    try:
        browser, home = sign_in(auth, provider, subject)
    finally:
        provider.lie("")
    assert home == "/login?sign_in=failed"
    assert me(auth, browser).status_code == 401
    assert sign_in(auth, provider, subject)[1] == "/"  # it was the lie


def test_an_answer_is_taken_once_and_from_the_browser_that_asked(
    auth: AuthService, provider: Provider
) -> None:
    email, subject = an_address(), uuid.uuid4().hex
    an_account(email)
    provider.knows(subject, email=email, email_verified=True)
    mine, other = requests.Session(), requests.Session()
    start = f"{auth.url}{API}/oidc/start"
    there = mine.get(start, allow_redirects=False, timeout=10).headers["Location"]
    back = provider.approve(there, subject)
    # Somebody else's browser, made to visit my answer, would be logged in as me.
    refused = other.get(back, allow_redirects=False, timeout=10)
    assert refused.headers["Location"] == "/login?sign_in=expired"
    other.get(start, allow_redirects=False, timeout=10)
    refused = other.get(back, allow_redirects=False, timeout=10)
    assert refused.headers["Location"] == "/login?sign_in=expired"
    kept = mine.cookies.copy()
    assert mine.get(back, allow_redirects=False, timeout=10).headers["Location"] == "/"
    mine.cookies.update(kept)
    again = mine.get(back, allow_redirects=False, timeout=10)
    assert again.headers["Location"] == "/login?sign_in=expired"


def test_a_stolen_code_is_worth_nothing_in_another_sign_in(
    auth: AuthService, provider: Provider
) -> None:
    """PKCE: the code belongs to the verifier that only the sign-in it was made for knows."""
    email, subject = an_address(), uuid.uuid4().hex
    an_account(email)
    provider.knows(subject, email=email, email_verified=True)
    victim, thief = requests.Session(), requests.Session()
    start = f"{auth.url}{API}/oidc/start"
    theirs = victim.get(start, allow_redirects=False, timeout=10).headers["Location"]
    asked = parse_qs(urlsplit(theirs).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["nonce"][0]) >= 32
    code = parse_qs(urlsplit(provider.approve(theirs, subject)).query)["code"][0]
    own = thief.get(start, allow_redirects=False, timeout=10).headers["Location"]
    state = parse_qs(urlsplit(own).query)["state"][0]
    refused = thief.get(
        f"{auth.url}{API}/oidc/callback",
        params={"state": state, "code": code},
        allow_redirects=False,
        timeout=10,
    )
    assert refused.headers["Location"] == "/login?sign_in=failed"


@pytest.mark.parametrize(
    "path", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/\t/evil"]
)
def test_nobody_is_led_to_another_site(auth: AuthService, provider: Provider, path: str) -> None:
    email, subject = an_address(), uuid.uuid4().hex
    an_account(email)
    provider.knows(subject, email=email, email_verified=True)
    assert sign_in(auth, provider, subject, next_path=path)[1] == "/"


def test_a_refusing_or_unavailable_provider_leads_back_to_the_login(
    backends: Backends, auth: AuthService, provider: Provider, tmp_path: Path
) -> None:
    browser = requests.Session()
    there = browser.get(f"{auth.url}{API}/oidc/start", allow_redirects=False, timeout=10)
    state = parse_qs(urlsplit(there.headers["Location"]).query)["state"][0]
    refused = browser.get(
        f"{auth.url}{API}/oidc/callback",
        params={"state": state, "error": "access_denied"},
        allow_redirects=False,
        timeout=10,
    )
    assert refused.headers["Location"] == "/login?sign_in=denied"
    nobody = Provider(f"http://127.0.0.1:{free_port()}")
    with another_auth(backends, nobody, tmp_path) as lonely:
        away = requests.get(f"{lonely.url}{API}/oidc/start", allow_redirects=False, timeout=10)
        assert away.headers["Location"] == "/login?sign_in=away"


def test_without_a_provider_there_is_nothing_to_sign_in_at(
    backends: Backends, tmp_path: Path
) -> None:
    with running_auth(backends, tmp_path) as auth:
        for path in ("start", "callback?state=x&code=y"):
            answer = requests.get(f"{auth.url}{API}/oidc/{path}", timeout=10)
            assert answer.status_code == 404


@pytest.mark.parametrize(
    "wrong", [{"OIDC_ISSUER": "http://id.example.org"}, {"OIDC_ISSUER": "https://id.example.org"}]
)
def test_half_a_provider_is_refused_at_the_start(wrong: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="OIDC_"):
        Settings.from_environment({**GOOD, **wrong})
