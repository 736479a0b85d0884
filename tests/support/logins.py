"""Logging in to a running auth service, as a browser behind the gateway does."""

from __future__ import annotations

from typing import Any

import requests

from tests.conftest import PASSWORD
from tests.support.auth_service import AuthService

API = "/api/v1/auth"


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
