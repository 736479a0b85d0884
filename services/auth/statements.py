"""Enter the SQL statements that the query service runs in the audit log."""

from __future__ import annotations

import hashlib

import msgspec
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from services.auth.audit import Actor, record
from shared.errors import NotFound
from shared.models import AuditEntry, User
from shared.runtime.database import session_scope

_MAX_BYTES = 900
_REPEAT_SECONDS = 60
_MAX_LATER = 100
"""Entries of a project after which one is not looked for any more."""


class RunStatement(msgspec.Struct, forbid_unknown_fields=True):
    """A statement that an account runs."""

    user_id: int
    statement: str
    """The SQL text, with a question mark in place of each literal value."""
    address: str = ""
    """Of the client."""


def record_statement(project_id: int, run: RunStatement) -> None:
    """Enter a statement in the audit log of its project.

    Of a long one the beginning is kept, and the SHA-256 of all. The same statement within a minute
    of the entry is counted there (``times``).

    Raises:
        NotFound: there is no such account.
    """
    with session_scope() as session:
        user = session.get(User, run.user_id)
        if user is None:
            raise NotFound("There is no such account.")
        actor = Actor(user.id, user.email, run.address, user.is_superuser)
        details = _details(run.statement)
        entry = _recent_entry(session, project_id, actor, details)
        if entry is None:
            record(session, actor, "sql.run", project_id=project_id, **details)
        else:
            times = entry.details.get("times", 1)
            assert isinstance(times, int)
            entry.details = {**entry.details, "times": times + 1}


def _details(statement: str) -> dict[str, str]:
    encoded = statement.encode("utf-8", "replace")
    if len(encoded) <= _MAX_BYTES:
        return {"statement": statement}
    beginning = encoded[:_MAX_BYTES].decode("utf-8", "ignore")
    return {"statement": f"{beginning} …", "sha256": hashlib.sha256(encoded).hexdigest()}


def _recent_entry(
    session: Session, project_id: int, actor: Actor, details: dict[str, str]
) -> AuditEntry | None:
    latest = (
        select(AuditEntry.id)
        .where(AuditEntry.project_id == project_id)
        .order_by(AuditEntry.id.desc())
        .limit(_MAX_LATER)
    )
    return session.scalars(
        select(AuditEntry)
        .where(
            AuditEntry.project_id == project_id,
            AuditEntry.id.in_(latest),
            AuditEntry.action == "sql.run",
            AuditEntry.actor_id == actor.user_id,
            AuditEntry.address == actor.address,
            AuditEntry.at > func.now() - text(f"interval '{_REPEAT_SECONDS} seconds'"),
            AuditEntry.details.contains(details),
        )
        .order_by(AuditEntry.id.desc())
        .limit(1)
        .with_for_update()
    ).first()
