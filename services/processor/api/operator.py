"""The caller as an operator of the audit log."""

from __future__ import annotations

from services.processor.maintenance.operators import Operator
from shared.auth.access import current_caller
from shared.web.request_scope import client_address


def current_operator() -> Operator:
    """Return the caller. The blueprint's guard admits only owners of the installation."""
    caller = current_caller()
    assert caller.user_id is not None
    return Operator(caller.user_id, caller.email, client_address())
