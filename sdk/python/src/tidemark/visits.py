"""Visits of a server's pages, without cookies: what the adapters for web frameworks share."""

from __future__ import annotations

import hmac
import logging
import secrets
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timezone
from functools import partial
from typing import NamedTuple

from tidemark.client import Client
from tidemark.forks import ForkSafeLock

log = logging.getLogger("tidemark")

_MAX_KNOWN = 100_000


class Visit(NamedTuple):
    """One request, once its response has begun."""

    method: str
    status: int
    content_type: str
    url: str
    referrer: str
    address: str
    """Of the visitor: the app says which, as it knows its proxies."""
    user_agent: str
    user_id: str | None
    """Of the person who is logged in when the response begins."""


class Visits:
    """Records page views, and the login of a visitor who was anonymous before.

    Args:
        client: what sends the events.
        secret: makes the visitors' fingerprints. Processes of one app need the same one; without
            it each process knows a visitor by another id.
    """

    def __init__(self, client: Client, secret: str | None = None) -> None:
        self._client = client
        self._secret = (secret or secrets.token_hex()).encode()
        self._linked: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._lock = ForkSafeLock()

    def record(self, visit: Callable[[], Visit]) -> None:
        """Record the visit that a function returns; never raises.

        The request waits only for what it alone can tell: the events are made by the thread that
        sends them, with the time of now.
        """
        try:
            now = datetime.now(timezone.utc)
            self._client.record_later(partial(self._record, visit(), now))
        except Exception:
            log.exception("A visit could not be recorded.")

    def ask(self, user_id: Callable[[], object]) -> str | None:
        """Return who an app's function says is logged in; None: nobody, or it failed."""
        try:
            found = user_id()
            return None if found is None else str(found)
        except Exception:
            log.exception("user_id() failed; the visit counts as anonymous.")
            return None

    def _record(self, visit: Visit, at: datetime) -> None:
        anonymous_id = self._fingerprint(visit, at)
        if visit.user_id and self._is_new(anonymous_id, visit.user_id):
            self._client.identify(visit.user_id, anonymous_id=anonymous_id, timestamp=at)
        is_page = visit.method == "GET" and 200 <= visit.status < 300
        if is_page and visit.content_type.startswith("text/html"):
            self._client.track(
                "page_view",
                visit.user_id or anonymous_id,
                timestamp=at,
                context={
                    "page_url": visit.url,
                    "referrer": visit.referrer,
                    "user_agent": visit.user_agent,
                    "ip": visit.address,
                },
            )

    def _fingerprint(self, visit: Visit, at: datetime) -> str:
        """Return the visitor's anonymous id: another one each day (UTC), so nobody is followed."""
        day = at.date().isoformat()
        seen = f"{day}\n{visit.address}\n{visit.user_agent}".encode()
        return "anonymous_" + hmac.digest(self._secret, seen, "sha256").hex()[:32]

    def _is_new(self, anonymous_id: str, user_id: str) -> bool:
        """Return whether these two are seen together for the first time, and remember them."""
        pair = (anonymous_id, user_id)
        with self._lock:
            if pair in self._linked:
                self._linked.move_to_end(pair)
                return False
            self._linked[pair] = None
            if len(self._linked) > _MAX_KNOWN:
                self._linked.popitem(last=False)
            return True
