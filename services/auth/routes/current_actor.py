"""Who acts, as every route of a logged-in user needs it."""

from __future__ import annotations

from services.auth.audit import Actor
from shared.auth.access import current_caller
from shared.web.factory import client_address


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
