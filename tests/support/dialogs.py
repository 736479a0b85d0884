"""What the buttons of a page open: its dialogs and menus, one after the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page

from tests.support.interception import PausedRequest, intercept

OPENED = "[role=dialog], [role=alertdialog], [role=menu]"
_DIALOGS = "[role=dialog], [role=alertdialog]"
_BUTTONS = """[...document.querySelectorAll("#content button, #content [role=button]")]
    .filter(one => one.checkVisibility() && !one.disabled && one.getAttribute("role") !== "switch")
    .map(one => ({one, name: one.getAttribute("aria-label") || one.textContent.trim()}))"""
_NAMES = f"() => {_BUTTONS}.map(({{name}}) => name).filter(Boolean)"
_PRESS = f"""wanted => {{
    const found = {_BUTTONS}.find(({{name}}) => name === wanted);
    found?.one.click();
    return found !== undefined;
}}"""
_CHANGES_NOTHING = re.compile(r"/(insights|preview|sample|refresh|ws-ticket)(/|$)")
"""Paths of POST requests that only ask."""
_MOMENT_MS = 150
_TRIES = 3


def keep_everything(page: Page) -> None:
    """Have no change reach the server: pages opened later have what they show, and no more."""

    def decide(request: PausedRequest) -> None:
        asks = _CHANGES_NOTHING.search(urlsplit(request.url).path) is not None
        if request.method == "GET" or (request.method == "POST" and asks):
            request.proceed()
        else:
            request.abort()

    intercept(page, "*/api/*", decide)


@dataclass
class Pressing:
    """Presses every button of pages, each name once.

    ``known``: names that were pressed before. Names that differ in their numbers only are one.
    ``load``: opens an address, and waits until its page is there.
    """

    page: Page
    load: Callable[[str], None]
    known: set[str]

    def opened(self, address: str) -> Iterator[str]:
        """Load a page, and yield each button that has opened something; that is open then."""
        self.load(address)
        while (name := self._next_name()) is not None:
            self._press(name)
            if self._shown(OPENED).count():
                yield name
                yield from self._opened_by_menu(address, name)
            self._return(address)

    def _opened_by_menu(self, address: str, button: str) -> Iterator[str]:
        """Press every item of the menu that a button opens."""
        items = self._shown("[role=menu]").locator("[role=menuitem]")
        for index in range(items.count()):
            if not items.count() and not self._press(button):
                return
            item = items.nth(index)
            if not item.count():
                return
            name = item.inner_text()
            item.evaluate("one => one.click()")
            self.page.wait_for_timeout(_MOMENT_MS)
            if self._shown(_DIALOGS).count():
                yield f"{button}, {name}"
            self._return(address)

    def _shown(self, selector: str) -> Locator:
        return self.page.locator(selector).locator("visible=true")

    def _next_name(self) -> str | None:
        """Return the first name of a button that is not known yet, and add it."""
        for name in self.page.evaluate(_NAMES):
            plain = re.sub(r"[\d.,:]+", "0", name)
            if plain not in self.known:
                self.known.add(plain)
                return str(name)
        return None

    def _press(self, name: str) -> bool:
        """Press a button; answers whether it is there."""
        is_there: bool = self.page.evaluate(_PRESS, name)
        self.page.wait_for_timeout(_MOMENT_MS)
        return is_there

    def _return(self, address: str) -> None:
        """Close what is open, and go back to the page if a button has left it."""
        for _ in range(_TRIES):
            if not self._shown(OPENED).count():
                break
            self.page.keyboard.press("Escape")
            self.page.wait_for_timeout(_MOMENT_MS)
        else:
            self.load(address)
        has_left = urlsplit(self.page.url).path != urlsplit(address).path
        # What is deleted is away until the page is loaded again: it stays on the server.
        if has_left or self.page.get_by_role("button", name="Undo", exact=True).count():
            self.load(address)
