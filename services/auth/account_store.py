"""Auth's SQL about people: accounts, members and invitations."""

from __future__ import annotations

from sqlalchemy import func, or_, select, text
from sqlalchemy.orm import Session, aliased

from shared.errors import Unauthorized
from shared.models import ExternalIdentity, Invitation, Membership, Project, User
from shared.runtime.advisory_locks import AdvisoryLock


def lock_setup(session: Session) -> None:
    """Let one process at a time decide who owns the installation."""
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": int(AdvisoryLock.SETUP)})


def do_not_wait_for_the_disk(session: Session) -> None:
    """Commit without waiting: how long an answer takes must not tell what was written."""
    session.execute(text("SET LOCAL synchronous_commit TO off"))


def count_users(session: Session) -> int:
    """How many accounts there are."""
    return session.scalar(select(func.count()).select_from(User)) or 0


def user_by_email(session: Session, email: str) -> User | None:
    """The account with this address, whatever its case."""
    return session.scalar(select(User).where(User.email == email.strip().lower()))


def own_account(session: Session, user_id: int) -> User:
    """The account of somebody who is logged in, locked until the end of the transaction.

    Raises:
        Unauthorized: it was deleted in this very moment.
    """
    user = user_for_update(session, user_id)
    if user is None:
        raise Unauthorized("This account is closed.")
    return user


def user_for_update(session: Session, user_id: int) -> User | None:
    """An account, locked until the end of the transaction."""
    return session.get(User, user_id, with_for_update=True)


def users(session: Session, *, after_id: int, limit: int, search: str = "") -> list[User]:
    """Accounts in the order they were made; ``search`` is part of a name or address."""
    statement = select(User).where(User.id > after_id)
    if search:
        pattern = f"%{_literal(search)}%"
        statement = statement.where(or_(User.email.ilike(pattern), User.name.ilike(pattern)))
    return list(session.scalars(statement.order_by(User.id).limit(limit)))


def count_active_superusers(session: Session) -> int:
    """How many can still look after the installation."""
    return (
        session.scalar(
            select(func.count()).select_from(User).where(User.is_superuser, User.is_active)
        )
        or 0
    )


def owned_alone(session: Session, user_id: int) -> list[Project]:
    """Projects that have no other owner, locked until the end of the transaction."""
    other = aliased(Membership)
    return list(
        session.scalars(
            select(Project)
            .join(Membership, Membership.project_id == Project.id)
            .where(Membership.user_id == user_id, Membership.role == "owner")
            .where(
                ~select(other.user_id)
                .where(
                    other.project_id == Project.id,
                    other.role == "owner",
                    other.user_id != user_id,
                )
                .exists()
            )
            .order_by(Project.id)
            .with_for_update(of=Project)
        )
    )


def members(session: Session, project_id: int) -> list[tuple[User, str]]:
    """A project's members with their roles, in the order of their accounts."""
    rows = session.execute(
        select(User, Membership.role)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.project_id == project_id)
        .order_by(User.id)
    )
    return [(user, role) for user, role in rows]


def membership(session: Session, project_id: int, user_id: int) -> Membership | None:
    """What somebody may do in a project."""
    return session.get(Membership, (project_id, user_id))


def count_owners(session: Session, project_id: int) -> int:
    """How many owners a project has."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Membership)
            .where(Membership.project_id == project_id, Membership.role == "owner")
        )
        or 0
    )


def open_invitations(session: Session, project_id: int | None) -> list[Invitation]:
    """Invitations that can still be accepted, newest first; None: those to the installation."""
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


def invitations_of(session: Session, email: str) -> list[Invitation]:
    """What an address is invited to, locked until the end of the transaction."""
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


def invitation_by_token(session: Session, token_hash: str) -> Invitation | None:
    """An invitation that can still be accepted, locked until the end of the transaction."""
    return session.scalar(
        select(Invitation)
        .where(
            Invitation.token_hash == token_hash,
            Invitation.accepted_at.is_(None),
            Invitation.expires_at > func.now(),
        )
        .with_for_update()
    )


def external_identity(session: Session, issuer: str, subject: str) -> ExternalIdentity | None:
    """The account behind an identity of a provider."""
    return session.get(ExternalIdentity, (issuer, subject))


def is_known_to(session: Session, issuer: str, user_id: int) -> bool:
    """Whether an account has an identity of a provider already."""
    statement = select(ExternalIdentity.subject).where(
        ExternalIdentity.issuer == issuer, ExternalIdentity.user_id == user_id
    )
    return session.scalar(statement.limit(1)) is not None


def _literal(pattern: str) -> str:
    return pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
