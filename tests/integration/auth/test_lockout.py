"""Failed logins lock an account for their address only, and cost the same for every account."""

from __future__ import annotations

import time
import uuid
from typing import Any

import pyotp
import pytest
import requests
from redis import Redis

from services.auth.account_store import get_user_by_email
from services.auth.accounts import two_factor
from shared.auth.passwords import hash_password, verify_password
from shared.runtime.database import session_scope
from tests.conftest import PASSWORD, SECRET_KEY, Installation
from tests.support.auth_service import AuthService
from tests.support.logins import API, login


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
            redis.expire(name, 2 * 86_400)  # as when the clock is set back by two days
        assert int(login(auth, email).headers["Retry-After"]) <= 15 * 60
        for name in redis.scan_iter("login-failures:*"):
            redis.delete(name)  # as when the time is over
    assert login(auth, email).status_code == 200


def test_a_whole_ipv6_network_counts_as_one_client(auth: AuthService, email: str) -> None:
    addresses = [f"2001:db8:1:2::{number:x}" for number in range(1, 8)]
    found = [login(auth, email, "wrong", address).status_code for address in addresses]
    assert found == [401] * 5 + [429] * 2
    assert login(auth, email, address="2001:db8:1:3::1").status_code == 200


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


def test_codes_are_good_once_after_the_clock_was_set_back(email: str, second_factor: str) -> None:
    with session_scope() as session:
        user = get_user_by_email(session, email)
        assert user is not None
        user.totp_last_step = int(time.time()) // 30 + 2 * 2_880  # of two days later
        session.flush()
        code = pyotp.TOTP(second_factor).now()
        used = [two_factor.consume_code(session, user, code, SECRET_KEY) for _ in range(2)]
    assert used == [True, False]


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


def test_a_service_believes_no_claimed_address_at_its_own_port(installation: Installation) -> None:
    email = f"{uuid.uuid4().hex[:12]}@example.org"
    installation.new_user(email)
    url, answers = f"{installation.environment['AUTH_URL']}{API}/login", []
    for number in range(6):
        forged = {"X-Real-IP": f"198.51.100.{number}", "X-Gateway-Token": "made-up"}
        body = {"email": email, "password": "wrong"}
        answers.append(requests.post(url, json=body, headers=forged, timeout=10))
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    body = {"email": email, "password": "wrong"}
    real = {
        "X-Real-IP": "198.51.100.77",
        "X-Gateway-Token": installation.environment["GATEWAY_TOKEN"],
    }
    assert requests.post(url, json=body, headers=real, timeout=10).status_code == 401


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
