"""What every route of a logged-in user needs: who acts, and where a page begins."""

from __future__ import annotations

from services.auth.audit import Actor
from shared.auth.access import current_caller
from shared.errors import Unprocessable
from shared.web.factory import client_address

_MAX_ID = 2**62


def actor() -> Actor:
    """The caller, as the audit log names them. The blueprint's guard lets only users in."""
    caller = current_caller()
    assert caller.user_id is not None
    return Actor(caller.user_id, caller.email, client_address(), caller.is_superuser)


def user_id() -> int:
    """The caller's account."""
    found = current_caller().user_id
    assert found is not None
    return found


def id_of(cursor: str | None) -> int | None:
    """The id that a list's cursor stands for.

    Raises:
        Unprocessable: it is not one of ours.
    """
    if cursor is None:
        return None
    if not cursor.isascii() or not cursor.isdigit() or int(cursor[:20]) > _MAX_ID:
        raise Unprocessable("The cursor is not one of ours.", errors={"cursor": ["Not valid."]})
    return int(cursor)
