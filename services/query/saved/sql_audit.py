"""Enter SQL statements in the audit log, which the auth service keeps."""

from __future__ import annotations

from functools import cache

import requests

from shared.auth.auth_service import AuthService
from shared.errors import Unavailable
from shared.runtime.settings import get_settings


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
