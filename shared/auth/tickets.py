"""Tickets with which a browser opens a WebSocket: one use, 30 seconds, one user, one project.

A browser's WebSocket cannot send a header, and a URL ends up in logs, where a token would be
dangerous and a used ticket is worthless.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import cast

from redis import Redis
from redis.exceptions import RedisError

from shared.errors import Unauthorized, Unavailable

TICKET_SECONDS = 30


@dataclass(frozen=True, slots=True)
class RedeemedTicket:
    """The user and project of a redeemed ticket; whether they still match is not checked here."""

    user_id: int
    project_id: int
    login_session_id: str


def issue(redis: Redis, user_id: int, project_id: int, login_session_id: str) -> str:
    """Issue a ticket for a user who may see the project.

    Raises:
        Unavailable: Redis does not answer.
    """
    ticket = secrets.token_urlsafe(32)
    try:
        redis.set(_name(ticket), f"{user_id}:{project_id}:{login_session_id}", ex=TICKET_SECONDS)
    except RedisError as error:
        raise _tickets_away() from error
    return ticket


def redeem(redis: Redis, ticket: str, project_id: int | None = None) -> RedeemedTicket:
    """Redeem a ticket, which can be done once.

    Args:
        redis: the server of logins.
        ticket: as it was sent.
        project_id: the project that it has to be for; None: whichever it is for.

    Raises:
        Unauthorized: the ticket is unknown, used, expired, or for another project.
        Unavailable: Redis does not answer.
    """
    try:
        stored = cast("bytes | None", redis.getdel(_name(ticket)))
    except RedisError as error:
        raise _tickets_away() from error
    if stored is not None:
        user, project, login_session_id = stored.decode().split(":", 2)
        if project_id in {None, int(project)}:
            return RedeemedTicket(int(user), int(project), login_session_id)
    raise Unauthorized("This ticket is not valid, or not any more. Request a new one.")


def _name(ticket: str) -> str:
    return f"ws-ticket:{ticket[:128]}"


def _tickets_away() -> Unavailable:
    return Unavailable("Live views are unavailable at the moment. Try again in a few seconds.")
