"""Invitations: secret links by which one address may join a project or create an account."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from sqlalchemy.orm import Session

from services.auth import account_store, audit, project_store
from services.auth.audit import INSTALLATION, Actor, AuditAction
from services.auth.members.members import check_may_give
from services.auth.projects.ownership import check_may_be_first_owner
from shared.errors import Conflict, ErrorCode, Forbidden, NotFound
from shared.models import Invitation, Membership, Project
from shared.runtime.database import session_scope

_VALID = timedelta(days=7)
_MAX_OPEN = 200


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """An invitation that was just created; its token is known only now."""

    invitation: Invitation
    token: str


@dataclass(frozen=True, slots=True)
class InvitationPreview:
    """What an invitation is for, as shown to the holder of its link."""

    email: str
    role: str
    project_name: str | None
    """None: an invitation to the installation."""
    has_account: bool
    expires_at: datetime


def list_invitations(project_id: int | None) -> list[Invitation]:
    """Return the open invitations of a project, or (None) of the installation, newest first."""
    with session_scope() as session:
        return account_store.list_open_invitations(session, project_id)


def create_invitation(
    actor: Actor, project_id: int | None, *, own_role: str, email: str, role: str
) -> NewInvitation:
    """Invite an address to a project, or (None) to the installation; replaces an older invitation.

    Raises:
        Forbidden: only owners may invite owners.
        Conflict: the address is a member already, or too many invitations are open.
    """
    with session_scope() as session:
        if project_id is not None:
            project_store.get_locked_project(session, project_id)
        return add_invitation(session, actor, project_id, own_role=own_role, email=email, role=role)


def add_invitation(
    session: Session, actor: Actor, project_id: int | None, *, own_role: str, email: str, role: str
) -> NewInvitation:
    """Create an invitation within the caller's transaction; see ``create_invitation``."""
    check_may_give(own_role, role)
    email = email.strip().lower()
    _refuse_known_address(session, project_id, email)
    open_invitations = account_store.list_open_invitations(session, project_id)
    if len(open_invitations) >= _MAX_OPEN:
        raise Conflict(
            f"At most {_MAX_OPEN} invitations may be open. Revoke some.",
            code=ErrorCode.TOO_MANY_OBJECTS,
        )
    for older in open_invitations:
        if older.email == email:
            session.delete(older)
    token = secrets.token_urlsafe(32)
    now = datetime.now(timezone.utc)
    invitation = Invitation(
        project_id=project_id,
        email=email,
        role=role,
        token_hash=_digest(token),
        invited_by=actor.user_id,
        created_at=now,
        expires_at=now + _VALID,
    )
    session.add(invitation)
    session.flush()
    _record(session, actor, "member.invited", invitation)
    return NewInvitation(invitation, token)


def delete_invitation(actor: Actor, project_id: int | None, invitation_id: int) -> None:
    """Revoke an invitation before it is accepted.

    Raises:
        NotFound: there is no such open invitation.
    """
    with session_scope() as session:
        known = account_store.list_open_invitations(session, project_id)
        invitation = next((one for one in known if one.id == invitation_id), None)
        if invitation is None:
            raise NotFound(
                "There is no such open invitation. List the open invitations to find the id."
            )
        session.delete(invitation)
        _record(session, actor, "member.invitation_withdrawn", invitation)


def preview_invitation(token: str) -> InvitationPreview:
    """Return what the invitation behind a link is for.

    Raises:
        NotFound: the invitation is invalid, has expired or was used.
    """
    with session_scope() as session:
        invitation = get_valid_invitation(session, token)
        project = session.get(Project, invitation.project_id or 0)
        account = account_store.get_user_by_email(session, invitation.email)
    return InvitationPreview(
        email=invitation.email,
        role=invitation.role,
        project_name=project.name if project else None,
        has_account=account is not None,
        expires_at=invitation.expires_at,
    )


def get_valid_invitation(session: Session, token: str) -> Invitation:
    """Return the open invitation behind a link.

    Raises:
        NotFound: the invitation is invalid, has expired or was used.
    """
    invitation = account_store.get_invitation_by_token(session, _digest(token))
    project = session.get(Project, invitation.project_id or 0) if invitation else None
    project_is_deleted = (
        invitation is not None
        and invitation.project_id is not None
        and (project is None or project.deleted_at is not None)
    )
    if invitation is None or project_is_deleted:
        raise NotFound(
            "This invitation is invalid, has expired or was used. Ask for a new one.",
            code=ErrorCode.INVITATION_NOT_VALID,
        )
    return invitation


def accept_invitation(actor: Actor, token: str) -> int | None:
    """Accept an invitation; return the project, or None for the installation alone.

    Raises:
        NotFound: the invitation is invalid, has expired or was used.
        Forbidden: the invitation is for another address.
        Conflict: it would make the account the first owner of too many projects.
    """
    with session_scope() as session:
        invitation = get_valid_invitation(session, token)
        if invitation.email != actor.email:
            raise Forbidden(
                "This invitation is for another address. Sign in with the account of that address."
            )
        join(session, actor, invitation)
        return invitation.project_id


def join(session: Session, actor: Actor, invitation: Invitation) -> None:
    """Accept an invitation whose address the caller has checked.

    Raises:
        Conflict: it would make the account the first owner of too many projects; nothing has
            changed.
    """
    if invitation.project_id is None or actor.user_id is None:
        invitation.accepted_at = datetime.now(timezone.utc)
        return
    known = account_store.get_membership(session, invitation.project_id, actor.user_id)
    owners = account_store.list_owner_ids(session, invitation.project_id)
    if known is None and invitation.role == "owner" and not owners:
        check_may_be_first_owner(session, actor.user_id)
    invitation.accepted_at = datetime.now(timezone.utc)
    if known is None:
        session.add(
            Membership(
                project_id=invitation.project_id, user_id=actor.user_id, role=invitation.role
            )
        )
        _record(session, actor, "member.joined", invitation)


def _refuse_known_address(session: Session, project_id: int | None, email: str) -> None:
    invited = account_store.get_user_by_email(session, email)
    if invited is None:
        return
    if project_id is None:
        raise Conflict(
            "There is already an account with this address. It needs no invitation.",
            code=ErrorCode.EMAIL_TAKEN,
        )
    if account_store.get_membership(session, project_id, invited.id) is not None:
        raise Conflict("This address is already a member. Change the member's role instead.")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _record(session: Session, actor: Actor, action: AuditAction, invitation: Invitation) -> None:
    audit.record(
        session,
        actor,
        action,
        project_id=invitation.project_id or INSTALLATION,
        member=invitation.email,
        role=invitation.role,
    )
