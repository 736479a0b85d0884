"""Pages of the dashboard as the owner of the installation sees them."""

from __future__ import annotations

import time

from playwright.sync_api import Browser, Page, StorageState

from tests.conftest import Installation

_LOGIN_SECONDS = 300
"""For how long a login serves new pages: no test of theirs lasts until it has to be renewed, which
each page would do for itself."""
_logins: dict[str, tuple[float, StorageState]] = {}
"""When the owner of each installation logged in, by its address, and the cookies of that."""


def open_project(
    browser: Browser, installation: Installation, project_id: int, *, is_dark: bool
) -> Page:
    """A page of the owner's, whose relative addresses are those of a project."""
    since, login = _logins.get(installation.url, (float("-inf"), None))
    context = browser.new_context(
        storage_state=login,
        color_scheme="dark" if is_dark else "light",
        viewport={"width": 1280, "height": 900},
        bypass_csp=True,
        reduced_motion="reduce",
        base_url=f"{installation.url}/p/{project_id}/",
    )
    api, now = f"{installation.url}/api/v1/auth", time.monotonic()
    if now - since > _LOGIN_SECONDS or not context.request.get(f"{api}/me").ok:
        owner = {key: installation.credentials[key] for key in ("email", "password")}
        context.request.post(f"{api}/login", data=owner)
        _logins[installation.url] = now, context.storage_state()
    return context.new_page()
