"""Tickets by which a browser opens a WebSocket: one use, 30 seconds, one user, one project.

A WebSocket cannot carry a header, and a token in a URL ends up in logs; a ticket there is worth
nothing any more.
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
class Admission:
    """Who came with a ticket, and to what. Whether they still may is for the caller to check."""

    user_id: int
    project_id: int


def issue(redis: Redis, user_id: int, project_id: int) -> str:
    """A ticket for a user who may see the project.

    Raises:
        Unavailable: Redis is away.
    """
    ticket = secrets.token_urlsafe(32)
    try:
        redis.set(_name(ticket), f"{user_id}:{project_id}", ex=TICKET_SECONDS)
    except RedisError as error:
        raise _tickets_away() from error
    return ticket


def redeem(redis: Redis, ticket: str, project_id: int) -> Admission:
    """Use a ticket up.

    Raises:
        Unauthorized: it is unknown, used, too old, or for another project.
        Unavailable: Redis is away.
    """
    try:
        kept = cast("bytes | None", redis.getdel(_name(ticket)))
    except RedisError as error:
        raise _tickets_away() from error
    if kept is not None:
        user, _, project = kept.decode().partition(":")
        if int(project) == project_id:
            return Admission(int(user), project_id)
    raise Unauthorized("This ticket is not valid (any more). Ask for a new one.")


def _name(ticket: str) -> str:
    return f"ws-ticket:{ticket[:128]}"


def _tickets_away() -> Unavailable:
    return Unavailable("Live views are away at the moment. Try again in a few seconds.")
