"""The caller as an actor, and the id in a cursor. Used by every route of a logged-in user."""

from __future__ import annotations

from services.auth.audit import Actor
from shared.auth.access import current_caller
from shared.errors import ErrorCode, Unprocessable
from shared.web.factory import client_address

_MAX_ID = 2**62


def current_actor() -> Actor:
    """Return the caller as an actor of the audit log. The blueprint's guard admits only users."""
    caller = current_caller()
    assert caller.user_id is not None
    return Actor(caller.user_id, caller.email, client_address(), caller.is_superuser)


def current_user_id() -> int:
    """Return the id of the caller's account."""
    return current_actor().existing_user_id


def id_of(cursor: str | None) -> int | None:
    """Return the id that a list's cursor stands for.

    Raises:
        Unprocessable: the cursor is not valid.
    """
    if cursor is None:
        return None
    if not cursor.isascii() or not cursor.isdigit() or int(cursor[:20]) > _MAX_ID:
        raise Unprocessable(
            "The cursor is not valid. Use next_cursor of the previous page.",
            code=ErrorCode.INVALID_CURSOR,
            errors={"cursor": ["Not valid."]},
        )
    return int(cursor)
