"""Pages of the dashboard as the owner of the installation sees them."""

from __future__ import annotations

from playwright.sync_api import Browser, Page

from tests.conftest import Installation


def open_project(
    browser: Browser, installation: Installation, project_id: int, *, is_dark: bool
) -> Page:
    """A page of the owner's, whose relative addresses are those of a project."""
    context = browser.new_context(
        color_scheme="dark" if is_dark else "light",
        viewport={"width": 1280, "height": 900},
        bypass_csp=True,
        reduced_motion="reduce",
        base_url=f"{installation.url}/p/{project_id}/",
    )
    owner = {key: installation.credentials[key] for key in ("email", "password")}
    context.request.post(f"{installation.url}/api/v1/auth/login", data=owner)
    return context.new_page()
