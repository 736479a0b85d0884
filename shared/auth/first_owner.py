"""The account that a project counts for, where accounts share a resource.

It is the owner who has been one for longest: nobody who is made an owner is charged for what an
earlier owner does.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session


def first_owner_sql(project: str) -> str:
    """Return a subquery for the first owner's user id; NULL: the project has no owner.

    Args:
        project: the SQL of a project's id: a column or a parameter, never a value of a request.
    """
    return (
        "(SELECT owners.user_id FROM memberships owners "  # noqa: S608 (ours)
        f"WHERE owners.project_id = {project} AND owners.role = 'owner' "
        "ORDER BY owners.role_since, owners.user_id LIMIT 1)"
    )


def first_owner(session: Session, project_id: int) -> int | None:
    """Return the user id of a project's first owner; None: it has no owner."""
    found: int | None = session.scalar(_FIRST_OWNER, {"project_id": project_id})
    return found


_FIRST_OWNER = text(f"SELECT {first_owner_sql(':project_id')}")
