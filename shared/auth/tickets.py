"""Tickets with which a browser opens a WebSocket: one use, 30 seconds, one user, one project.

A browser's WebSocket cannot send a header, and a URL ends up in logs, where a token would be
dangerous and a used ticket is worthless.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import cast

import msgspec
from redis import Redis
from redis.exceptions import RedisError

from shared.errors import Unauthorized, Unavailable

TICKET_SECONDS = 30


@dataclass(frozen=True, slots=True)
class TicketHolder:
    """The login and project of a ticket; whether they still match is not checked here."""

    user_id: int
    project_id: int
    login_session_id: str
    login_version: int
    """Version of the account's logins when this one was created."""


def issue(redis: Redis, holder: TicketHolder) -> str:
    """Issue a ticket for a user who may see the project.

    Raises:
        Unavailable: Redis does not answer.
    """
    ticket = secrets.token_urlsafe(32)
    try:
        redis.set(_name(ticket), msgspec.json.encode(holder), ex=TICKET_SECONDS)
    except RedisError as error:
        raise _tickets_away() from error
    return ticket


def redeem(redis: Redis, ticket: str, project_id: int | None = None) -> TicketHolder:
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
        holder = msgspec.json.decode(stored, type=TicketHolder)
        if project_id in {None, holder.project_id}:
            return holder
    raise Unauthorized("This ticket is invalid or has expired. Request a new one.")


def _name(ticket: str) -> str:
    return f"ws-ticket:{ticket[:128]}"


def _tickets_away() -> Unavailable:
    return Unavailable("Live views are unavailable at the moment. Try again in a few seconds.")
