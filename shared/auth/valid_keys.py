"""The one definition of a valid key, for the services that read keys from PostgreSQL."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, func, or_

from shared.models import ApiKey


def valid_key() -> ColumnElement[bool]:
    """Return the SQL condition for keys that are neither revoked nor expired.

    A key of a deleted project stays valid in this sense, so that restoring the project brings it
    back. Code that reads a key also has to check that its project is not deleted.
    """
    return and_(
        ApiKey.revoked_at.is_(None),
        or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > func.now()),
    )
