"""Exclude that a flag becomes one for groups while persons are compared or collected by it.

The query service saves experiments and cohorts, auth saves flags, and each looks at what the other
stored. Without a lock, neither would see what the other is about to commit.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.runtime.advisory_locks import AdvisoryLock

_SHARED = text("SELECT pg_advisory_xact_lock_shared(:lock, :project)")
_EXCLUSIVE = text("SELECT pg_advisory_xact_lock(:lock, :project)")


def lock_for_use(session: Session, project_id: int) -> None:
    """Keep flags of a project from becoming ones for groups until the transaction ends.

    It waits for a transaction that makes one. What is read afterwards has what that has committed.
    """
    _lock(session, project_id, is_exclusive=False)


def lock_for_groups(session: Session, project_id: int) -> None:
    """Keep a project from using further flags for persons until the transaction ends.

    It waits for transactions that save an experiment or a cohort of a flag.
    """
    _lock(session, project_id, is_exclusive=True)


def _lock(session: Session, project_id: int, *, is_exclusive: bool) -> None:
    values = {"lock": int(AdvisoryLock.FLAG_USES), "project": project_id}
    session.execute(_EXCLUSIVE if is_exclusive else _SHARED, values)
