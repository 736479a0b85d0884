"""Login sessions: refreshing, stolen tokens, lifetimes, and what ends them."""

from __future__ import annotations

import time
from typing import Any

import jwt
import pytest
import requests
from redis import Redis

from shared.auth.login_sessions import MAX_OPEN, LoginSessions
from shared.errors import Unauthorized
from shared.runtime.settings import get_settings
from tests.conftest import PASSWORD, SECRET_KEY
from tests.support.auth_service import AuthService
from tests.support.logins import API, a_browser, login, me, refresh


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


def test_a_lost_refresh_response_can_be_repeated_once_but_not_twice(
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


def test_a_changed_password_also_ends_unlisted_logins(auth: AuthService, email: str) -> None:
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


@pytest.mark.parametrize("kind", ["access", "refresh"])
def test_a_signed_token_with_odd_claims_lets_nobody_in(
    auth: AuthService, email: str, kind: str
) -> None:
    cookies = login(auth, email).cookies
    claims = jwt.decode(cookies[f"{kind}_token"], SECRET_KEY, algorithms=["HS256"])
    odd: dict[str, list[Any]] = {
        "sub": ["abc", "9" * 5_000, "-1", str(2**40), "1.5", ""],
        "sid": [None, 7, ["a"], "\ud800", {}],
        "jti": [None, 7, "\ud800"],
        "ver": [None, "new", [], 1e400],
        "exp": [1e400, "later", []],
        "iat": [1e400, "now"],
        "typ": [None, [], {}],
    }
    for name, values in odd.items():
        for value in values:
            token = jwt.encode({**claims, name: value}, SECRET_KEY, algorithm="HS256")
            if kind == "refresh":
                answer = refresh(auth, {"refresh_token": token})
            else:
                bearer = {"Authorization": f"Bearer {token}"}
                answer = requests.get(f"{auth.url}{API}/me", headers=bearer, timeout=10)
            assert answer.status_code == 401, (name, value, answer.text)


def test_an_access_token_is_no_refresh_token_and_the_other_way_round(
    auth: AuthService, email: str
) -> None:
    cookies = login(auth, email).cookies
    swapped = {"refresh_token": cookies["access_token"], "access_token": cookies["refresh_token"]}
    assert refresh(auth, swapped).status_code == 401
    answer = requests.get(f"{auth.url}{API}/me", cookies=swapped, timeout=10)
    assert answer.status_code == 401


def test_no_login_is_accepted_while_revocation_cannot_be_checked(
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


def test_a_full_redis_is_named_where_it_refuses_and_who_is_logged_in_stays(
    auth: AuthService, email: str
) -> None:
    browser = a_browser(auth, email)
    with Redis.from_url(auth.redis.url) as redis:
        usual = redis.config_get("maxmemory")["maxmemory"]
        redis.config_set("maxmemory", 1)
        try:
            refused = login(auth, email)
            assert me(auth, browser) == 200
        finally:
            redis.config_set("maxmemory", usual)
    assert refused.status_code == 503
    assert "REDIS_MAXMEMORY" in refused.json()["message"]
    assert login(auth, email).status_code == 200


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


def test_a_user_has_a_bounded_number_of_logins_and_the_oldest_ends(auth: AuthService) -> None:
    with Redis.from_url(auth.redis.url) as redis:
        logins = LoginSessions(redis, get_settings())
        oldest, kept = (logins.open(7_000_001).access_token for _ in range(2))
        other = logins.open(7_000_002).access_token
        redis.hset(f"session:{logins.check(oldest).session_id}", "rotated_at", 1)
        newer = [logins.open(7_000_001).access_token for _ in range(MAX_OPEN - 1)]
        assert len(logins.list_of_user(7_000_001)) == MAX_OPEN
        for token in (kept, *newer, other):
            logins.check(token)
        with pytest.raises(Unauthorized):
            logins.check(oldest)
        # However many come, the newest is one of those that are left.
        last = [logins.open(7_000_001).access_token for _ in range(20)][-1]
        logins.check(last)
        assert len(logins.list_of_user(7_000_001)) == MAX_OPEN
        logins.end_all(7_000_001)
