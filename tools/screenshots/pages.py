"""Find every page of the dashboard by its links, and take its picture."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, expect

from tools.screenshots.own_tidemark import OwnTidemark

_SETTLED_MS = 20_000
_LOADING = ".mantine-Skeleton-root, .mantine-Loader-root"
_BEFORE_SIGN_IN = ("/login", "/register")
_LINKS = "links => links.map(link => new URL(link.href).pathname)"
_HEIGHT = """() => Math.ceil(Math.max(document.documentElement.scrollHeight,
    document.querySelector("main")?.scrollHeight ?? 0))"""
_TALLEST = 6_000
_LISTS = ("/dashboards", "/people", "/events/catalog")
"""Pages whose first link leads to a page of one thing."""


class Visitor:
    """The owner in a browser of a width, a colour scheme and a language."""

    def __init__(
        self,
        browser: Browser,
        tidemark: OwnTidemark,
        viewport: tuple[int, int],
        scheme: str,
        language: str,
    ) -> None:
        colours: Literal["light", "dark"] = "dark" if scheme == "dark" else "light"
        self._viewport = viewport
        self._context = browser.new_context(
            base_url=tidemark.url,
            color_scheme=colours,
            locale=language,
            reduced_motion="reduce",
        )
        owner = {"email": tidemark.email, "password": tidemark.password}
        self._owner = owner
        self._login = f"{tidemark.url}/api/v1/auth/login"
        self._context.request.post(self._login, data=owner)
        self.page: Page = self._context.new_page()

    def close(self) -> None:
        """Close the pages."""
        self._context.close()

    def open(self, address: str) -> None:
        """Open the page, and wait until nothing of it is loading."""
        width, height = self._viewport
        self.page.set_viewport_size({"width": width, "height": height})
        if address in _BEFORE_SIGN_IN:
            self._context.clear_cookies()
        elif not self._context.cookies():
            self._context.request.post(self._login, data=self._owner)
        self.page.goto(address, wait_until="load")
        # Live pages never stop asking, so that the page has a heading and nothing loads is enough.
        self.page.locator("h1").first.wait_for(timeout=_SETTLED_MS)
        self.page.wait_for_timeout(400)
        expect(self.page.locator(_LOADING)).to_have_count(0, timeout=_SETTLED_MS)
        self.page.wait_for_timeout(400)

    def take(self, address: str, path: Path) -> None:
        """Write the picture of the whole page."""
        self.open(address)
        width, height = self._viewport
        tall = min(_TALLEST, max(height, int(self.page.evaluate(_HEIGHT))))
        self.page.set_viewport_size({"width": width, "height": tall})
        self.page.wait_for_timeout(300)
        self.page.screenshot(path=path)


def addresses_of(visitor: Visitor, tidemark: OwnTidemark) -> list[str]:
    """Return the addresses of the pages that are linked to, each once.

    All of one project, and of the others those that it has not, such as the game's.
    """
    found = dict.fromkeys((*_BEFORE_SIGN_IN, "/projects", "/account", "/admin"))
    found.update(dict.fromkeys(_sections(visitor, "/admin")))
    kinds: set[str] = set()
    for project in tidemark.projects.values():
        base = f"/p/{project}"
        for address in _linked(visitor, base):
            kind = address.removeprefix(base)
            if kind in kinds:
                continue
            kinds.add(kind)
            for section in (address, *_sections(visitor, address)):
                found[section] = None
                if section.endswith(_LISTS):
                    found.update(dict.fromkeys(_first_of_list(visitor, section)))
    return list(found)


def name_of(address: str, tidemark: OwnTidemark) -> str:
    """Return a name for the file of an address: its words, without the number of the project."""
    for project in tidemark.projects.values():
        if address == f"/p/{project}":
            return "home"
        address = address.removeprefix(f"/p/{project}/")
    return re.sub(r"/|\?name=", "-", address.strip("/"))


def _linked(visitor: Visitor, base: str) -> list[str]:
    """Return the pages in the navigation of a project."""
    visitor.open(base)
    links = visitor.page.locator(".mantine-AppShell-navbar nav a").evaluate_all(_LINKS)
    return [link.rstrip("/") for link in links]


def _sections(visitor: Visitor, address: str) -> list[str]:
    """Return the sections of a page, which are links above its content."""
    visitor.open(address)
    links = visitor.page.locator("main nav a").evaluate_all(_LINKS)
    return [link.rstrip("/") for link in links if link.startswith(address)]


def _first_of_list(visitor: Visitor, address: str) -> list[str]:
    """Return the page of the first thing in a list."""
    visitor.open(address)
    links = visitor.page.locator(f"main a[href^='{address}']").evaluate_all(
        "links => links.map(link => new URL(link.href).pathname + new URL(link.href).search)"
    )
    return [link for link in links if link.startswith((f"{address}/", f"{address}?name="))][-1:]
