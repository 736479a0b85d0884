"""Requests of a page, held or answered by a test, while the browser keeps its cache.

Playwright's own routes turn the cache off: each page of the dashboard would then load and compile
its scripts anew, which is half of what opening it takes.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import CDPSession, Page
from playwright.sync_api import Error as PlaywrightError


@dataclass(frozen=True)
class PausedRequest:
    """A request that waits for what a test decides; one that the page gave up needs nothing."""

    session: CDPSession
    key: str
    method: str
    url: str

    def proceed(self) -> None:
        """Send it to the server."""
        self._end("Fetch.continueRequest")

    def abort(self) -> None:
        """Have it fail like one without a network."""
        self._end("Fetch.failRequest", errorReason="Failed")

    def answer(self, status: int, json_text: str) -> None:
        """Answer it with JSON."""
        self._end(
            "Fetch.fulfillRequest",
            responseCode=status,
            responseHeaders=[{"name": "Content-Type", "value": "application/json"}],
            body=base64.b64encode(json_text.encode()).decode(),
        )

    def _end(self, way: str, **details: Any) -> None:
        with suppress(PlaywrightError):
            self.session.send(way, {"requestId": self.key, **details})


def intercept(page: Page, url: str, decide: Callable[[PausedRequest], None]) -> Callable[[], None]:
    """Have a function decide on each request of a page; return what ends that.

    Args:
        page: the page.
        url: of the requests; ``*`` stands for any text.
        decide: called with each request, which waits until one of its methods was called.
    """
    session = page.context.new_cdp_session(page)

    def paused(event: dict[str, Any]) -> None:
        request = event["request"]
        decide(PausedRequest(session, event["requestId"], request["method"], request["url"]))

    session.on("Fetch.requestPaused", paused)
    session.send("Fetch.enable", {"patterns": [{"urlPattern": url}]})
    return session.detach
