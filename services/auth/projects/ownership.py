"""How many projects may count for an account, checked whenever it becomes the first owner of one.

A project counts for its first owner: who has been an owner for longest. An account becomes that by
creating a project or by taking one over, never because another account says so: who is made an
owner beside the first has nothing more to pay for, and takes the project over by removing the first
owner or giving them another role. An owner of the installation who does not own the project may
remove anyone; then the next owner has it.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.auth import account_store, project_store
from shared.errors import Conflict, ErrorCode
from shared.runtime.settings import get_settings


def check_may_be_first_owner(session: Session, user_id: int) -> None:
    """Check that one more project may count for an account; lock that until the transaction ends.

    Projects that are deleted count while their data is there. For owners of the installation any
    number may count. However a project came to the account, it counts: otherwise an account could
    hand its projects to another one and create as many again.

    Raises:
        Conflict: as many count for the account as may.
    """
    user = account_store.get_locked_user(session, user_id)
    if user is None or user.is_superuser:
        return
    maximum = get_settings().projects_per_account
    if project_store.count_projects_of_first_owner(session, user_id) >= maximum:
        raise Conflict(
            f"At most {maximum} projects may count for an account, their first owner. Delete one "
            "that is not used, or ask the operator to raise PROJECTS_PER_ACCOUNT.",
            code=ErrorCode.TOO_MANY_OBJECTS,
        )
