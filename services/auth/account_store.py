"""SQL of auth about accounts, members and invitations."""

from __future__ import annotations

from sqlalchemy import func, or_, select, text
from sqlalchemy.orm import Session

from shared.errors import ErrorCode, Unauthorized
from shared.models import ExternalIdentity, Invitation, Membership, Project, User
from shared.runtime.advisory_locks import AdvisoryLock


def lock_setup(session: Session) -> None:
    """Let one transaction at a time decide who owns the installation."""
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": int(AdvisoryLock.SETUP)})


def use_async_commit(session: Session) -> None:
    """Commit without waiting for the disk, so that timing does not reveal what was written."""
    session.execute(text("SET LOCAL synchronous_commit TO off"))


def count_users(session: Session) -> int:
    """Return the number of accounts."""
    return session.scalar(select(func.count()).select_from(User)) or 0


def get_user_by_email(session: Session, email: str) -> User | None:
    """Return the account with this address, ignoring case."""
    return session.scalar(select(User).where(User.email == email.strip().lower()))


def get_locked_own_account(session: Session, user_id: int) -> User:
    """Return the account of a logged-in user, locked until the end of the transaction.

    Raises:
        Unauthorized: the account was deleted in the meantime.
    """
    user = get_locked_user(session, user_id)
    if user is None:
        raise Unauthorized(
            "This account is deactivated. Ask an owner of this server.",
            code=ErrorCode.ACCOUNT_CLOSED,
        )
    return user


def get_locked_user(session: Session, user_id: int) -> User | None:
    """Return an account, locked until the end of the transaction."""
    return session.get(User, user_id, with_for_update=True)


def list_users(session: Session, *, after_id: int, limit: int, search: str = "") -> list[User]:
    """Return accounts, oldest first; ``search`` is part of a name or address."""
    statement = select(User).where(User.id > after_id)
    if search:
        pattern = f"%{_literal(search)}%"
        statement = statement.where(or_(User.email.ilike(pattern), User.name.ilike(pattern)))
    return list(session.scalars(statement.order_by(User.id).limit(limit)))


def count_active_superusers(session: Session) -> int:
    """Return the number of active accounts that own the installation."""
    return (
        session.scalar(
            select(func.count()).select_from(User).where(User.is_superuser, User.is_active)
        )
        or 0
    )


def list_owned_projects(session: Session, user_id: int) -> list[Project]:
    """Return the projects that an account owns, locked until the end of the transaction."""
    return list(
        session.scalars(
            select(Project)
            .join(Membership, Membership.project_id == Project.id)
            .where(Membership.user_id == user_id, Membership.role == "owner")
            .order_by(Project.id)
            .with_for_update(of=Project)
        )
    )


def list_members(
    session: Session, project_id: int, *, after_id: int, limit: int
) -> list[tuple[User, str]]:
    """Return a project's members with their roles, oldest account first."""
    rows = session.execute(
        select(User, Membership.role)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.project_id == project_id, User.id > after_id)
        .order_by(User.id)
        .limit(limit)
    )
    return [(user, role) for user, role in rows]


def get_membership(session: Session, project_id: int, user_id: int) -> Membership | None:
    """Return a user's membership of a project."""
    return session.get(Membership, (project_id, user_id))


def list_owner_ids(session: Session, project_id: int) -> list[int]:
    """Return the ids of a project's owners, the first being the one whom the project counts for."""
    return list(
        session.scalars(
            select(Membership.user_id)
            .where(Membership.project_id == project_id, Membership.role == "owner")
            .order_by(Membership.role_since, Membership.user_id)
        )
    )


def list_open_invitations(session: Session, project_id: int | None) -> list[Invitation]:
    """Return invitations that can be accepted, newest first; None: those to the installation."""
    return list(
        session.scalars(
            select(Invitation)
            .where(
                Invitation.project_id.is_(None)
                if project_id is None
                else Invitation.project_id == project_id,
                Invitation.accepted_at.is_(None),
                Invitation.expires_at > func.now(),
            )
            .order_by(Invitation.id.desc())
        )
    )


def list_invitations_for(session: Session, email: str) -> list[Invitation]:
    """Return an address's open invitations, locked until the end of the transaction."""
    return list(
        session.scalars(
            select(Invitation)
            .outerjoin(Project, Project.id == Invitation.project_id)
            .where(
                Invitation.email == email,
                Invitation.accepted_at.is_(None),
                Invitation.expires_at > func.now(),
                Project.deleted_at.is_(None),
            )
            .order_by(Invitation.id)
            .with_for_update(of=Invitation)
        )
    )


def get_invitation_by_token(session: Session, token_hash: str) -> Invitation | None:
    """Return an open invitation, locked until the end of the transaction."""
    return session.scalar(
        select(Invitation)
        .where(
            Invitation.token_hash == token_hash,
            Invitation.accepted_at.is_(None),
            Invitation.expires_at > func.now(),
        )
        .with_for_update()
    )


def get_external_identity(session: Session, issuer: str, subject: str) -> ExternalIdentity | None:
    """Return the link between a provider's identity and an account."""
    return session.get(ExternalIdentity, (issuer, subject))


def has_identity_of(session: Session, issuer: str, user_id: int) -> bool:
    """Return whether an account is linked to an identity of this provider."""
    statement = select(ExternalIdentity.subject).where(
        ExternalIdentity.issuer == issuer, ExternalIdentity.user_id == user_id
    )
    return session.scalar(statement.limit(1)) is not None


def _literal(pattern: str) -> str:
    return pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
