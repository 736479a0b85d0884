"""Invitations: secret links by which one address may join a project or make an account."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from sqlalchemy.orm import Session

from services.auth import account_store, audit
from services.auth.audit import INSTALLATION, Actor
from services.auth.members import may_give
from shared.errors import Conflict, Forbidden, NotFound
from shared.models import Invitation, Membership, Project

_VALID = timedelta(days=7)
_MAX_OPEN = 200


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """An invitation that was just made; its token is known only now."""

    invitation: Invitation
    token: str


def invite(
    session: Session, actor: Actor, project_id: int | None, *, own_role: str, email: str, role: str
) -> NewInvitation:
    """Invite an address to a project, or (None) to the installation; an older invitation ends.

    Raises:
        Forbidden: the role is above one's own.
        Conflict: the address is a member already, or too many invitations are open.
    """
    may_give(own_role, role)
    email = email.strip().lower()
    invited = account_store.user_by_email(session, email)
    if project_id is None and invited is not None:
        raise Conflict("There is an account with this address already.")
    if project_id is not None and invited is not None:
        known = account_store.membership(session, project_id, invited.id)
        if known is not None:
            raise Conflict("This address is a member already. Change its role there.")
    open_ones = account_store.open_invitations(session, project_id)
    if len(open_ones) >= _MAX_OPEN:
        raise Conflict(f"At most {_MAX_OPEN} invitations can be open. Withdraw some.")
    for older in open_ones:
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


def withdraw(session: Session, actor: Actor, project_id: int | None, invitation_id: int) -> None:
    """End an invitation before somebody accepts it.

    Raises:
        NotFound: there is no such open invitation.
    """
    known = account_store.open_invitations(session, project_id)
    invitation = next((one for one in known if one.id == invitation_id), None)
    if invitation is None:
        raise NotFound("There is no such invitation, or it was accepted already.")
    session.delete(invitation)
    _record(session, actor, "member.invitation_withdrawn", invitation)


def find(session: Session, token: str) -> Invitation:
    """The open invitation behind a link.

    Raises:
        NotFound: there is none (any more).
    """
    invitation = account_store.invitation_by_token(session, _digest(token))
    project = session.get(Project, invitation.project_id or 0) if invitation else None
    gone = (
        invitation is not None
        and invitation.project_id is not None
        and (project is None or project.deleted_at is not None)
    )
    if invitation is None or gone:
        raise NotFound("This invitation is not valid (any more). Ask for a new one.")
    return invitation


def accept(session: Session, actor: Actor, token: str) -> int | None:
    """Join what a link invites to; answers the project, or None for the installation alone.

    Raises:
        NotFound: the invitation is not valid (any more).
        Forbidden: it is for another address.
    """
    invitation = find(session, token)
    if invitation.email != actor.email:
        raise Forbidden(
            "This invitation is for another address. Log in with the account of that address."
        )
    join(session, actor, invitation)
    return invitation.project_id


def join(session: Session, actor: Actor, invitation: Invitation) -> None:
    """Accept an invitation whose address was looked at."""
    invitation.accepted_at = datetime.now(timezone.utc)
    if invitation.project_id is None or actor.user_id is None:
        return
    known = account_store.membership(session, invitation.project_id, actor.user_id)
    if known is None:
        session.add(
            Membership(
                project_id=invitation.project_id, user_id=actor.user_id, role=invitation.role
            )
        )
        _record(session, actor, "member.joined", invitation)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _record(session: Session, actor: Actor, action: str, invitation: Invitation) -> None:
    audit.record(
        session,
        actor,
        action,
        project_id=invitation.project_id or INSTALLATION,
        member=invitation.email,
        role=invitation.role,
    )
