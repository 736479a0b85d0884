"""The caller as an actor. Used by every route of a logged-in user."""

from __future__ import annotations

from services.auth.audit import Actor
from shared.auth.access import current_caller
from shared.web.request_scope import client_address


def current_actor() -> Actor:
    """Return the caller as an actor of the audit log. The blueprint's guard admits only users."""
    caller = current_caller()
    assert caller.user_id is not None
    return Actor(caller.user_id, caller.email, client_address(), caller.is_superuser)


def current_user_id() -> int:
    """Return the id of the caller's account."""
    return current_actor().existing_user_id
