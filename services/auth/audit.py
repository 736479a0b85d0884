"""The audit log: who changed what, and when. Written in the transaction of the change itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from services.auth import store
from shared.models import AuditEntry

INSTALLATION = 0
"""Stands for the installation where the log asks for a project."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: an account, as it is called now, and from which address."""

    user_id: int | None
    email: str
    address: str = ""
    is_superuser: bool = False


def record(
    session: Session, actor: Actor, action: str, *, project_id: int = INSTALLATION, **details: Any
) -> None:
    """Add an entry; ``details`` must be what JSON can hold, and no secret."""
    session.add(
        AuditEntry(
            project_id=project_id,
            actor_id=actor.user_id,
            actor_email=actor.email,
            address=actor.address,
            action=action,
            details=details,
        )
    )


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What changed, as ``field: {"from": …, "to": …}``."""
    return {
        field: {"from": before.get(field), "to": value}
        for field, value in after.items()
        if before.get(field) != value
    }


def entries(
    session: Session, project_id: int, *, before_id: int | None, limit: int
) -> tuple[list[AuditEntry], int | None]:
    """The newest entries first, and the id before which the next page begins (None: no more)."""
    rows = store.audit_entries(session, project_id, before_id=before_id, limit=limit + 1)
    page = rows[:limit]
    return page, page[-1].id if len(rows) > limit else None
