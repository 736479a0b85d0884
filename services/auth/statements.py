"""Enter the SQL statements that the query service runs in the audit log."""

from __future__ import annotations

import msgspec

from services.auth.audit import Actor, record
from shared.errors import NotFound
from shared.models import User
from shared.runtime.database import session_scope


class RunStatement(msgspec.Struct, forbid_unknown_fields=True):
    """A statement that an account runs."""

    user_id: int
    statement: str
    """The SQL text, with a question mark in place of each literal value."""
    address: str = ""
    """Of the client."""


def record_statement(project_id: int, run: RunStatement) -> None:
    """Enter a statement in the audit log of its project.

    Raises:
        NotFound: there is no such account.
    """
    with session_scope() as session:
        user = session.get(User, run.user_id)
        if user is None:
            raise NotFound("There is no such account.")
        actor = Actor(user.id, user.email, run.address, user.is_superuser)
        record(session, actor, "sql.run", project_id=project_id, statement=run.statement)
