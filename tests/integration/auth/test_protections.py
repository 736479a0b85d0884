"""Protections of logins and keys, seen from outside; the tests name what would be lost."""

from __future__ import annotations

import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import psycopg2
import pyotp
import pytest
import requests
from redis import Redis

from deploy.local.backends import Backends
from services.auth import two_factor
from services.auth.account_store import get_user_by_email
from services.auth.accounts import create_user
from services.auth.passwords import hash_password, verify_password
from shared.auth.api_keys import key_hash
from shared.runtime.database import session_scope
from tests.conftest import PASSWORD, ROOT, SECRET_KEY, Installation, plain_url
from tests.support.auth_service import AuthService, running_auth

API = "/api/v1/auth"


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


def login(
    auth: AuthService, email: str, password: str = PASSWORD, address: str = "203.0.113.7"
) -> requests.Response:
    return requests.post(
        f"{auth.url}{API}/login",
        json={"email": email, "password": password},
        headers={"X-Real-IP": address},  # as the gateway names it
        timeout=10,
    )


def a_browser(auth: AuthService, email: str) -> requests.Session:
    browser = requests.Session()
    browser.cookies.update(login(auth, email).cookies)
    assert me(auth, browser) == 200
    return browser


def me(auth: AuthService, browser: requests.Session) -> int:
    return browser.get(f"{auth.url}{API}/me", timeout=10).status_code


def refresh(auth: AuthService, cookies: Any) -> requests.Response:
    return requests.post(f"{auth.url}{API}/refresh", cookies=cookies, timeout=10)


def test_five_failures_lock_the_account_for_fifteen_minutes_from_that_address_only(
    auth: AuthService, email: str
) -> None:
    for _ in range(5):
        assert login(auth, email, "wrong").status_code == 401
    locked = login(auth, email)  # with the right password
    assert locked.status_code == 429
    assert 14 * 60 < int(locked.headers["Retry-After"]) <= 15 * 60
    other = f"{uuid.uuid4().hex}@example.org"
    assert login(auth, other, "wrong").status_code == 401  # another account
    assert login(auth, email, address="203.0.113.8").status_code == 200  # its owner, at home
    with Redis.from_url(auth.redis.url) as redis:
        for name in redis.scan_iter("login-failures:*"):
            assert redis.ttl(name) <= 15 * 60
            redis.delete(name)  # as when the time is over
    assert login(auth, email).status_code == 200


def test_a_whole_ipv6_network_counts_as_one_client(auth: AuthService, email: str) -> None:
    addresses = [f"2001:db8:1:2::{number:x}" for number in range(1, 8)]
    found = [login(auth, email, "wrong", address).status_code for address in addresses]
    assert found == [401] * 5 + [429] * 2
    assert login(auth, email, address="2001:db8:1:3::1").status_code == 200


@pytest.fixture
def second_factor(email: str) -> str:
    """Turn on the second factor of the account; return the secret of its authenticator app."""
    with session_scope() as session:
        user = get_user_by_email(session, email)
        assert user is not None
        secret = two_factor.begin(user, SECRET_KEY).secret
        user.totp_enabled_at = user.created_at
    return secret


def test_codes_are_counted_whatever_the_address(
    auth: AuthService, email: str, second_factor: str
) -> None:
    def guess(code: str, address: str) -> int:
        return requests.post(
            f"{auth.url}{API}/login",
            json={"email": email, "password": PASSWORD, "code": code},
            headers={"X-Real-IP": address},
            timeout=10,
        ).status_code

    found = [guess("000000", f"203.0.113.{number}") for number in range(1, 8)]
    assert found == [401] * 5 + [429] * 2
    right = pyotp.TOTP(second_factor).now()
    assert guess(right, "198.51.100.1") == 429


@pytest.mark.parametrize("path", ["two-factor/disable", "two-factor/recovery-codes"])
def test_the_right_password_does_not_clear_wrong_codes(
    auth: AuthService, email: str, second_factor: str, path: str
) -> None:
    browser = requests.Session()
    answer = browser.post(
        f"{auth.url}{API}/login",
        json={"email": email, "password": PASSWORD, "code": pyotp.TOTP(second_factor).now()},
        timeout=10,
    )
    assert answer.status_code == 200
    body = {"current_password": PASSWORD, "code": "000000"}
    found = []
    for _ in range(7):
        found.append(browser.post(f"{auth.url}{API}/{path}", json=body, timeout=10).status_code)
        # What asks for the password alone must not clear the count of codes either.
        password = {"current_password": PASSWORD}
        browser.post(f"{auth.url}{API}/two-factor/setup", json=password, timeout=10)
    assert found == [403] * 5 + [429] * 2


def test_an_unknown_account_is_answered_and_locked_like_a_known_one(
    auth: AuthService, email: str
) -> None:
    unknown = f"{uuid.uuid4().hex}@example.org"
    answers = {
        account: [login(auth, account, "wrong") for _ in range(6)] for account in (email, unknown)
    }

    def seen(answer: requests.Response) -> tuple[Any, ...]:
        varying = {"X-Request-ID", "Date", "Retry-After"}
        headers = {name: v for name, v in answer.headers.items() if name not in varying}
        body = {name: v for name, v in answer.json().items() if name != "request_id"}
        return answer.status_code, headers, body

    assert [seen(one) for one in answers[email]] == [seen(one) for one in answers[unknown]]


def test_an_unknown_account_costs_the_same_work() -> None:
    """In processor time, which does not depend on what else the machine does."""

    def cost(stored: str | None) -> float:
        times = []
        for _ in range(5):
            before = time.process_time()
            assert not verify_password("wrong", stored)
            times.append(time.process_time() - before)
        return min(times)

    known, unknown = cost(hash_password(PASSWORD)), cost(None)
    assert known > 0.005  # it is work at all
    assert 0.5 < unknown / known < 2


def test_passwords_are_stored_as_argon2id(backends: Backends, email: str) -> None:
    connection = psycopg2.connect(plain_url(backends.database_url))
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT password_hash FROM users WHERE email = %s", (email,))
        (stored,) = cursor.fetchone() or ("",)
    connection.close()
    kind, version, costs, *_ = stored.lstrip("$").split("$")
    assert (kind, version) == ("argon2id", "v=19")
    memory, rounds, _ = (int(cost.partition("=")[2]) for cost in costs.split(","))
    # RFC 9106, section 4: the second recommended option.
    assert (memory >= 64 * 1024, rounds >= 3) == (True, True)


def test_a_stolen_refresh_token_ends_the_whole_family(auth: AuthService, email: str) -> None:
    browser = a_browser(auth, email)
    stolen = browser.cookies.copy()
    for _ in range(2):
        browser.cookies.update(refresh(auth, browser.cookies).cookies)
    assert me(auth, browser) == 200
    reused = refresh(auth, stolen)
    assert reused.status_code == 401
    assert not reused.cookies.get("access_token")
    assert me(auth, browser) == 401
    assert refresh(auth, browser.cookies).status_code == 401


def test_a_lost_refresh_answer_can_be_asked_for_once_more_and_not_twice(
    auth: AuthService, email: str
) -> None:
    browser = a_browser(auth, email)
    before = browser.cookies.copy()
    browser.cookies.update(refresh(auth, before).cookies)
    repeated = refresh(auth, before)
    assert repeated.status_code == 200
    again = requests.Session()
    again.cookies.update(repeated.cookies)
    assert (me(auth, browser), me(auth, again)) == (200, 200)
    assert refresh(auth, before).status_code == 401
    assert (me(auth, browser), me(auth, again)) == (401, 401)


def test_a_lost_answer_is_repeated_for_half_a_minute_only(auth: AuthService, email: str) -> None:
    browser = a_browser(auth, email)
    before = browser.cookies.copy()
    assert refresh(auth, before).status_code == 200
    with Redis.from_url(auth.redis.url) as redis:
        for name in redis.scan_iter("session:*"):
            redis.hset(name, "rotated_at", int(time.time()) - 31)
    assert refresh(auth, before).status_code == 401


def test_a_changed_password_also_ends_logins_that_no_list_knows(
    auth: AuthService, email: str
) -> None:
    """Such as one that is being made in that very moment."""
    here, there = a_browser(auth, email), a_browser(auth, email)
    with Redis.from_url(auth.redis.url) as redis:
        for name in redis.scan_iter("sessions-of:*"):
            redis.delete(name)
    changed = here.post(
        f"{auth.url}/api/v1/users/me/password",
        json={"current_password": PASSWORD, "password": "another pass phrase"},
        timeout=10,
    )
    assert changed.status_code == 200
    assert (me(auth, here), me(auth, there)) == (200, 401)
    assert refresh(auth, there.cookies).status_code == 401


def test_tokens_live_as_long_as_is_set(auth: AuthService, email: str) -> None:
    cookies = login(auth, email).cookies
    for name, seconds in (("access_token", 30 * 60), ("refresh_token", 7 * 86_400)):
        header = jwt.get_unverified_header(cookies[name])
        claims = jwt.decode(cookies[name], SECRET_KEY, algorithms=["HS256"])
        assert header["alg"] == "HS256"
        assert claims["exp"] - claims["iat"] == seconds


@pytest.mark.parametrize("how", ["none", "another secret", "expired", "another algorithm"])
def test_a_token_that_is_not_ours_lets_nobody_in(auth: AuthService, email: str, how: str) -> None:
    cookies = login(auth, email).cookies
    claims = jwt.decode(cookies["access_token"], SECRET_KEY, algorithms=["HS256"])
    forged = {
        "none": lambda: jwt.encode(claims, "", algorithm="none"),
        "another secret": lambda: jwt.encode(claims, "y" * 64, algorithm="HS256"),
        "expired": lambda: jwt.encode(
            {**claims, "exp": int(time.time()) - 1}, SECRET_KEY, algorithm="HS256"
        ),
        "another algorithm": lambda: jwt.encode(claims, SECRET_KEY, algorithm="HS512"),
    }[how]()
    answer = requests.get(
        f"{auth.url}{API}/me", headers={"Authorization": f"Bearer {forged}"}, timeout=10
    )
    assert answer.status_code == 401


def test_an_access_token_is_no_refresh_token_and_the_other_way_round(
    auth: AuthService, email: str
) -> None:
    cookies = login(auth, email).cookies
    swapped = {"refresh_token": cookies["access_token"], "access_token": cookies["refresh_token"]}
    assert refresh(auth, swapped).status_code == 401
    answer = requests.get(f"{auth.url}{API}/me", cookies=swapped, timeout=10)
    assert answer.status_code == 401


def test_nobody_is_let_in_while_it_cannot_be_told_whether_their_login_ended(
    auth: AuthService, email: str
) -> None:
    browser = a_browser(auth, email)
    auth.redis.stop()
    try:
        assert me(auth, browser) == 503
        assert refresh(auth, browser.cookies).status_code == 503
        assert login(auth, email).status_code == 503
        key = {"X-API-Key": "sk_" + "x" * 43}
        projects = requests.get(f"{auth.url}/api/v1/projects/", headers=key, timeout=10)
        assert projects.status_code == 401
    finally:
        auth.redis.start()
    assert me(auth, browser) == 200


def test_what_a_client_says_of_its_address_is_ignored(installation: Installation) -> None:
    """Through the real gateway: the log, the list of logins and the lockout see the true one."""
    email = f"{uuid.uuid4().hex[:12]}@example.org"
    installation.new_user(email)
    url, answers = f"{installation.url}{API}", []
    for number in range(6):
        forged = {
            "X-Forwarded-For": f"198.51.100.{number}",
            "X-Real-IP": f"198.51.100.{number}",
            "Forwarded": f"for=198.51.100.{number}",
            "True-Client-IP": f"198.51.100.{number}",
        }
        body = {"email": email, "password": "wrong"}
        answers.append(requests.post(f"{url}/login", json=body, headers=forged, timeout=10))
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    owner = installation.login()
    entries = owner.get(f"{installation.url}/api/v1/audit-log/", timeout=10).json()["items"]
    mine = [entry for entry in entries if entry["actor_email"] == email]
    assert len(mine) >= 5
    assert {entry["address"] for entry in mine} == {"127.0.0.1"}
    forged = {"X-Forwarded-For": "198.51.100.9", "X-Real-IP": "198.51.100.9"}
    credentials = {key: installation.credentials[key] for key in ("email", "password")}
    boss = requests.Session()
    assert boss.post(f"{url}/login", json=credentials, headers=forged, timeout=10).ok
    sessions = boss.get(f"{url}/sessions", timeout=10).json()["items"]
    assert {session["address"] for session in sessions} == {"127.0.0.1"}


def test_a_secret_key_is_shown_once_and_stored_nowhere(installation: Installation) -> None:
    project, owner = installation.new_project("secret"), installation.login()
    secret = project["secret_key"]
    path = f"{installation.url}/api/v1/projects/{project['id']}"
    made = owner.post(f"{path}/keys", json={"kind": "secret"}, timeout=10).json()["key"]
    for url in (path, f"{path}/keys", f"{path}/audit-log/", f"{installation.url}/api/v1/projects/"):
        text = owner.get(url, timeout=10).text
        assert secret not in text, url
        assert made not in text, url
    connection = psycopg2.connect(plain_url(installation.environment["DATABASE_URL"]))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT key_hash FROM api_keys WHERE project_id = %s AND kind = 'secret'",
                (project["id"],),
            )
            assert {row[0] for row in cursor} == {key_hash(secret), key_hash(made)}
            for table in ("api_keys", "projects", "audit_log"):
                cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} t")
                (everything,) = cursor.fetchone() or ("",)
                assert secret not in everything
                assert made not in everything
    finally:
        connection.close()
    installation.ingest(secret, {"event": "a"})
    for name in ("REDIS_URL", "STREAM_REDIS_URL"):
        with Redis.from_url(installation.environment[name]) as redis:
            for key in redis.scan_iter(count=1000):
                assert secret.encode() not in key + (redis.dump(key) or b"")
    assert len(key_hash(secret)) == 64
    assert secret not in installation.log.read_text()


@pytest.mark.parametrize("secret", ["short", "change-me-" * 5, ""])
def test_a_service_does_not_start_with_a_secret_that_is_none(
    backends: Backends, secret: str
) -> None:
    started = subprocess.run(
        [sys.executable, "-c", "from services.auth.app import create_app; create_app()"],
        cwd=ROOT,
        env={**backends.environment, "SECRET_KEY": secret, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert started.returncode != 0
    assert "SECRET_KEY" in started.stderr
    assert "openssl rand" in started.stderr or "32 random characters" in started.stderr


def test_an_installation_without_a_secret_makes_its_own_and_keeps_it(
    installation: Installation,
) -> None:
    file = Path(installation.data_dir) / "secret_key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text().strip() == installation.environment["SECRET_KEY"]
    assert len(installation.environment["SECRET_KEY"]) >= 32


def test_a_login_ends_in_the_end_however_often_it_is_renewed(auth: AuthService, email: str) -> None:
    browser = a_browser(auth, email)
    assert browser.post(f"{auth.url}{API}/refresh", timeout=10).status_code == 200
    claims = jwt.decode(browser.cookies["access_token"], options={"verify_signature": False})
    redis, key = Redis.from_url(auth.redis.url), f"session:{claims['sid']}"
    redis.hset(key, "created_at", int(time.time()) - 30 * 86_400 + 3600)
    assert browser.post(f"{auth.url}{API}/refresh", timeout=10).status_code == 200
    assert 3500 < redis.ttl(key) <= 3600
    redis.hset(key, "created_at", int(time.time()) - 30 * 86_400)
    assert browser.post(f"{auth.url}{API}/refresh", timeout=10).status_code == 401
    assert browser.get(f"{auth.url}{API}/me", timeout=10).status_code == 401


@pytest.mark.parametrize(
    ("scheme", "came_by", "status"),
    [("http", "http", 200), ("https", "https", 200), ("http", "https", 403), ("ftp", "http", 403)],
)
def test_the_page_of_a_host_over_http_does_not_speak_for_the_one_over_tls(
    auth: AuthService, email: str, scheme: str, came_by: str, status: int
) -> None:
    answer = requests.post(
        f"{auth.url}{API}/login",
        json={"email": email, "password": PASSWORD},
        headers={
            "X-Real-IP": "203.0.113.7",
            "X-Forwarded-Proto": came_by,
            "Origin": f"{scheme}://{auth.url.removeprefix('http://')}",
        },
        timeout=10,
    )
    assert answer.status_code == status
