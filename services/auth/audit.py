"""The audit log: who changed what, and when. Written in the same transaction as the change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy.orm import Session

from services.auth import project_store
from shared.models import AuditEntry
from shared.runtime.database import session_scope

INSTALLATION = 0
"""The project id of entries about the installation."""

AuditAction = Literal[
    "account.changed",
    "account.deleted",
    "account.linked",
    "account.login_ended",
    "account.other_logins_ended",
    "account.password_changed",
    "account.password_reset",
    "account.recovery_codes_renewed",
    "account.registered",
    "account.second_factor_disabled",
    "account.second_factor_enabled",
    "days.sealing_requested",
    "dead_letters.discarded",
    "dead_letters.replayed",
    "flag.changed",
    "flag.created",
    "flag.deleted",
    "flag.proposal_refused",
    "flag.proposed",
    "jobs.removed",
    "jobs.retried",
    "key.created",
    "key.revoked",
    "key.rotated",
    "login.failed",
    "login.succeeded",
    "member.invitation_withdrawn",
    "member.invited",
    "member.joined",
    "member.removed",
    "member.role_changed",
    "project.created",
    "project.deleted",
    "project.restored",
    "settings.changed",
    "source.added",
    "source.changed",
    "source.deleted",
    "sql.run",
]
"""What is recorded, by this service or the processor. The dashboard has a text for each."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The account that makes a change, with its current address and the client's."""

    user_id: int | None
    """None: no user is logged in."""
    email: str
    address: str = ""
    is_superuser: bool = False

    @property
    def existing_user_id(self) -> int:
        """Return the user id of a logged-in actor."""
        assert self.user_id is not None
        return self.user_id


def record(
    session: Session,
    actor: Actor,
    action: AuditAction,
    *,
    project_id: int = INSTALLATION,
    **details: Any,
) -> None:
    """Add an entry; ``details`` must be JSON values, and no secret."""
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
    """Return what changed, as ``field: {"from": …, "to": …}``."""
    return {
        field: {"from": before.get(field), "to": value}
        for field, value in after.items()
        if before.get(field) != value
    }


def list_entries(
    project_id: int, *, before_id: int | None, limit: int
) -> tuple[list[AuditEntry], int | None]:
    """Return the newest entries, and the id before which the next page begins (None: no more)."""
    with session_scope() as session:
        rows = project_store.list_audit_entries(
            session, project_id, before_id=before_id, limit=limit + 1
        )
    page = rows[:limit]
    return page, page[-1].id if len(rows) > limit else None
