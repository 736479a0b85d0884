"""Who may read: checked when a connection opens, and every few seconds while it is open."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from shared.auth import tickets
from shared.auth.access import (
    access_of,
    caller_of_key,
    caller_of_login,
    caller_of_token,
    holder_of_key,
)
from shared.auth.first_owner import first_owner
from shared.errors import TidemarkError, TooManyRequests, Unauthorized, Unavailable
from shared.policies.networks import is_private, network_of
from shared.runtime.database import session_scope
from shared.runtime.redis_clients import get_login_redis

log = logging.getLogger(__name__)

CHECK_SECONDS = 4.0
_CHECKERS = 4
_MAX_PENDING = 256
"""Connections that may wait for the check of who they are."""
_SHARE_OF_CLIENT = 1 / 20
"""What a client with a public key, an address or an IPv6 /64, may have of an owner's."""
_SHARE_OF_VISITORS = 9 / 10
"""What all public keys may have of an owner's; the rest is for secret keys."""

Close = Callable[[TidemarkError], Awaitable[None]]
"""Ends a connection, and tells its reader why."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """A user with a login, or the holder of a secret key, who reads one project."""

    project_id: int
    user_id: int | None = None
    login_session_id: str = ""
    login_version: int = 0
    key: str | None = None
    owner_id: int | None = None
    """The first owner of the project, if it has one."""

    @property
    def account(self) -> Hashable:
        """Who the connections are counted for: a user, or all keys of projects of one owner."""
        return ("keys", self.owner) if self.key else self.user_id

    @property
    def owner(self) -> int:
        """Whose projects share what an owner may have; negative: the project has no owner."""
        return self.owner_id or -self.project_id


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request showed; the first that is there counts."""

    ticket: str | None = None
    key: str | None = None
    access_token: str | None = None


def authenticate(credentials: Credentials, project_id: int | None) -> Viewer:
    """Return who reads. Blocks on Redis and PostgreSQL.

    Args:
        credentials: of the request.
        project_id: the project; None: that of the ticket, or the only one.

    Raises:
        Unauthorized: there are no credentials, or they are invalid or have expired.
        Forbidden: a public key cannot read.
        NotFound: the project does not exist, or the caller may not see it.
        Unavailable: Redis or PostgreSQL does not answer.
    """
    if credentials.ticket is not None:
        ticket = tickets.redeem(get_login_redis(), credentials.ticket, project_id)
        viewer = Viewer(
            ticket.project_id,
            ticket.user_id,
            ticket.login_session_id,
            ticket.login_version,
            owner_id=_owner_of(ticket.project_id),
        )
        check(viewer)
        return viewer
    if credentials.key is not None:
        caller, owner_id = holder_of_key(credentials.key)
        access = access_of(caller, project_id)
        return Viewer(access.project_id, key=credentials.key, owner_id=owner_id)
    if credentials.access_token is not None:
        caller = caller_of_token(credentials.access_token)
        access = access_of(caller, project_id)
        return Viewer(
            access.project_id,
            caller.user_id,
            caller.login_session_id or "",
            caller.login_version,
            owner_id=_owner_of(access.project_id),
        )
    raise Unauthorized(
        "Live views need a login, a secret key or a ticket. Sign in, or request a ticket "
        "(POST /api/v1/auth/ws-ticket)."
    )


def check(viewer: Viewer) -> None:
    """Check that a viewer may still read. Blocks on Redis and PostgreSQL.

    Raises:
        Unauthorized: the login or the key has ended.
        NotFound: the project is gone, or the user may not see it any more.
        Unavailable: Redis or PostgreSQL does not answer.
    """
    if viewer.key is not None:
        caller = caller_of_key(viewer.key)
    else:
        caller = caller_of_login(viewer.user_id or 0, viewer.login_session_id, viewer.login_version)
    access_of(caller, viewer.project_id)


def _owner_of(project_id: int) -> int | None:
    with session_scope() as session:
        return first_owner(session, project_id)


class Connections:
    """The open connections, by viewer.

    Args:
        max_connections: of all viewers; the projects of one owner may have half of them.
        max_of_viewer: of one user, or of the keys of one owner's projects together.
        check: raises an error where a viewer may not read any more; blocks.
    """

    def __init__(
        self, max_connections: int, max_of_viewer: int, check: Callable[[Viewer], None]
    ) -> None:
        self._max_connections = max_connections
        self._max_of_viewer = max_of_viewer
        self._check_viewer = check
        self._open: dict[Viewer, set[Close]] = {}
        self._counts: Counter[Hashable] = Counter()
        self._of_owner: Counter[int] = Counter()
        self._of_client: Counter[tuple[int, str]] = Counter()
        self._of_visitors: Counter[int] = Counter()
        self._pending = 0
        self._checkers = ThreadPoolExecutor(_CHECKERS, thread_name_prefix="viewers")
        self._closing: set[asyncio.Task[None]] = set()

    @contextmanager
    def opened(self, viewer: Viewer, close: Close, visitor: str | None = None) -> Iterator[None]:
        """Count a connection as open while the block runs.

        Args:
            viewer: who reads.
            close: ends the connection.
            visitor: the address of a client with a public key, which anybody has; None: another.

        Raises:
            TooManyRequests: the viewer, or the visitor, has as many as one may have.
            Unavailable: all viewers together have as many as this process takes.
        """
        who, owner = viewer.account, viewer.owner
        counted: list[tuple[Counter[Any], Hashable]] = [
            (self._counts, who),
            (self._of_owner, owner),
        ]
        if visitor is not None:
            client = (owner, network_of(visitor))
            counted += [(self._of_client, client), (self._of_visitors, owner)]
            # Behind a private address are many clients, as for the limits of ingest.
            is_one = bool(visitor) and not is_private(visitor)
            if (
                is_one and self._of_client[client] >= self._max_of_viewer * _SHARE_OF_CLIENT
            ) or self._of_visitors[owner] >= self._max_of_viewer * _SHARE_OF_VISITORS:
                raise TooManyRequests(
                    "Too many live connections are open with public keys, from this address or of "
                    "all. Ask from time to time instead.",
                    retry_after_seconds=30,
                )
        if self._counts[who] >= self._max_of_viewer:
            raise TooManyRequests(
                f"You have {self._max_of_viewer} live connections open. Close one of them first.",
                retry_after_seconds=30,
            )
        if (
            self._counts.total() >= self._max_connections
            or self._of_owner[owner] >= self._max_connections // 2
        ):
            raise Unavailable("Too many live connections are open. Try again in a minute.")
        for counter, key in counted:
            counter[key] += 1
        self._open.setdefault(viewer, set()).add(close)
        try:
            yield
        finally:
            # Not ``-=``, which goes through all keys: many connections may end at once.
            for counter, key in counted:
                counter[key] -= 1
                if not counter[key]:
                    del counter[key]
            self._open[viewer].discard(close)
            if not self._open[viewer]:
                del self._open[viewer]

    @contextmanager
    def pending(self) -> Iterator[None]:
        """Count a connection while it is not known whose it is.

        Raises:
            Unavailable: too many are.
        """
        if self._pending >= _MAX_PENDING:
            raise Unavailable("Too many live connections are being opened. Try again in a minute.")
        self._pending += 1
        try:
            yield
        finally:
            self._pending -= 1

    async def keep_checking(self) -> None:
        """Check all viewers again and again, and close the connections of those who may not read.

        While Redis or PostgreSQL does not answer, connections stay as they are.
        """
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            await asyncio.gather(*(self._check(viewer) for viewer in list(self._open)))

    async def close_all(self, reason: TidemarkError) -> None:
        """Close every connection."""
        await asyncio.gather(*(self._close(viewer, reason) for viewer in list(self._open)))

    async def _check(self, viewer: Viewer) -> None:
        try:
            # Threads of their own: others wait for PostgreSQL in those of the loop.
            await asyncio.get_running_loop().run_in_executor(
                self._checkers, self._check_viewer, viewer
            )
        except (Unavailable, TooManyRequests):
            pass
        except TidemarkError as error:
            # Not awaited: a reader that takes nothing must not hold up the checks of others.
            closing = asyncio.create_task(self._close(viewer, error))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
        except Exception:
            log.exception("a viewer could not be checked")

    async def _close(self, viewer: Viewer, reason: TidemarkError) -> None:
        closes = list(self._open.get(viewer, ()))
        await asyncio.gather(*(close(reason) for close in closes), return_exceptions=True)
