"""Limit SQL statements, and enter them in the audit log, which the auth service keeps."""

from __future__ import annotations

from functools import cache

import requests
from redis import Redis

from shared.auth.attempts import count_attempt
from shared.auth.auth_service import AuthService
from shared.errors import TooManyRequests, Unavailable
from shared.runtime.settings import get_settings

_PER_MINUTE = 30
_PER_DAY = 2_000
"""A year of it is 0.7 GB of the audit log at most."""


def limit_statements(redis: Redis, user_id: int) -> None:
    """Count a statement of an account, in all its projects.

    Each is an entry in the audit log, which is kept for years.

    Raises:
        TooManyRequests: the account has sent as many in this minute or these 24 hours as it may.
        Unavailable: Redis does not answer.
    """
    for most, seconds, period in ((_PER_MINUTE, 60, "a minute"), (_PER_DAY, 86_400, "a day")):
        key = f"sql-statements:{user_id}:{seconds}"
        try:
            wait = count_attempt(redis, key, most, str(seconds))
        except Unavailable as error:
            raise Unavailable(
                "The limits of SQL cannot be checked at the moment, so the statement was not run. "
                "Try again in a few seconds."
            ) from error
        if wait:
            raise TooManyRequests(
                f"Your account may send {most} SQL statements {period}. Try again after the "
                "seconds in Retry-After.",
                retry_after_seconds=wait,
            )


def record_statement(project_id: int, user_id: int, address: str, shape: str) -> None:
    """Record who is about to run which statement; without an entry it is not run.

    Args:
        project_id: the project whose rows it reads.
        user_id: the account.
        address: of the client.
        shape: the SQL text without its literal values, which may be about persons.

    Raises:
        Unavailable: the auth service does not answer.
    """
    body = {"user_id": user_id, "address": address, "statement": shape}
    try:
        _auth().request("POST", f"/audit-log/{project_id}/statements", json=body)
    except requests.RequestException as error:
        raise Unavailable(
            "The service that keeps the audit log does not answer, so the statement was not run. "
            "Try again in a few seconds."
        ) from error


@cache
def _auth() -> AuthService:
    return AuthService(get_settings())
