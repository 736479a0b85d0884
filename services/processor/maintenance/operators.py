"""Record in the audit log what owners of the installation do through the processor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import Json


@dataclass(frozen=True, slots=True)
class Operator:
    """The account that acts, with its current address and the client's."""

    user_id: int
    email: str
    address: str


def record(
    cursor: Cursor, operator: Operator, action: str, project_id: int, **details: Any
) -> None:
    """Add an entry to the project's audit log, in the transaction of what is done.

    Args:
        cursor: of that transaction.
        operator: who does it.
        action: an ``AuditAction`` of ``services.auth.audit``.
        project_id: the project; 0: the installation.
        details: JSON values, and no secret.
    """
    cursor.execute(
        "INSERT INTO audit_log (project_id, actor_id, actor_email, address, action, details) "
        "VALUES (%s, %s, %s, %s, %s, %s)",
        (
            project_id,
            operator.user_id,
            operator.email,
            operator.address,
            action,
            Json(details),
        ),
    )
