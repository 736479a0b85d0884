"""How many projects an account may own, checked whenever it becomes the owner of one."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.auth import account_store, project_store
from shared.errors import Conflict, ErrorCode
from shared.runtime.settings import get_settings


def check_may_own_another(session: Session, user_id: int) -> None:
    """Check that an account may own one more project, and lock it until the transaction ends.

    Projects that are deleted count while their data is there. Owners of the installation may own
    any number. However a project came to the account, it counts: otherwise an account could hand
    its projects to another one and create as many again.

    Raises:
        Conflict: the account owns as many as it may.
    """
    user = account_store.get_locked_user(session, user_id)
    if user is None or user.is_superuser:
        return
    maximum = get_settings().projects_per_account
    if project_store.count_owned_projects(session, user_id) >= maximum:
        raise Conflict(
            f"An account may own {maximum} projects. Delete one that is not used, or ask the "
            "operator to raise PROJECTS_PER_ACCOUNT.",
            code=ErrorCode.TOO_MANY_OBJECTS,
        )
