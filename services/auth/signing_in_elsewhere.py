"""Which account an identity of the sign-in provider is let into, and who gets a new one.

The rules (docs/decisions/0010-accounts.md). An identity that is known has its account. One that is
not may be linked to the account of its address, if the provider says that it verified the address,
and nobody but its holder can have made or protected that account; else its holder logs in first.
Without an account, one is made where registration allows it.
"""

from __future__ import annotations

from datetime import datetime, timezone

from sqlalchemy.orm import Session

from services.auth import account_store, audit, invitations
from services.auth.accounts import actor_of, create_user
from services.auth.oidc import Identity, SignInRefused
from shared.models import ExternalIdentity, User
from shared.settings import Settings


def sign_in(
    session: Session,
    identity: Identity,
    settings: Settings,
    *,
    address: str,
    logged_in_as: int | None = None,
) -> User:
    """The account that an identity is let into.

    Args:
        session: of the request.
        identity: as the provider tells.
        settings: of the installation: who may register.
        address: of the client, for the log.
        logged_in_as: the account that began this while logged in, if there was one.

    Raises:
        SignInRefused: there is no such account, and none can be made; or it is closed.
    """
    account_store.lock_setup(session)
    known = account_store.external_identity(session, identity.issuer, identity.subject)
    if known is not None:
        user = account_store.user_for_update(session, known.user_id)
        assert user is not None  # a deleted account takes its identities along
    else:
        user = _account_of_address(session, identity, settings, logged_in_as)
        user = user or _new_account(session, identity, settings, address)
        _link(session, identity, user, address)
    if not user.is_active:
        raise SignInRefused("closed", "This account is closed. Ask the owner of the installation.")
    user.last_login_at = datetime.now(timezone.utc)
    audit.record(session, actor_of(user, address), "login.succeeded", by=identity.issuer)
    return user


def _account_of_address(
    session: Session, identity: Identity, settings: Settings, logged_in_as: int | None
) -> User | None:
    if identity.email is None:
        raise SignInRefused(
            "unverified", "The provider does not say that it verified your e-mail address."
        )
    user = account_store.user_by_email(session, identity.email)
    if user is None or user.id == logged_in_as:
        return user
    # Where anybody may register any address, somebody else may have taken this one, and would go
    # on knowing its password; and a second factor must not be got round by the provider.
    may_be_anothers = settings.registration == "open" and user.password_hash is not None
    if may_be_anothers or user.totp_enabled_at is not None:
        raise SignInRefused(
            "login_first",
            "There is an account with your address already. "
            "Log in to it by password once, then sign in here.",
        )
    return user


def _new_account(session: Session, identity: Identity, settings: Settings, address: str) -> User:
    assert identity.email is not None
    invited = account_store.invitations_of(session, identity.email)
    welcome = settings.registration == "open" or settings.oidc_sign_up or invited
    if settings.registration == "closed" or not welcome:
        raise SignInRefused(
            "no_account", "You have no account here, and no invitation to make one."
        )
    user = create_user(
        session, email=identity.email, name=identity.name, password=None, is_superuser=False
    )
    actor = actor_of(user, address)
    audit.record(session, actor, "account.registered", account=user.email, by=identity.issuer)
    for invitation in invited:
        invitations.join(session, actor, invitation)
    return user


def _link(session: Session, identity: Identity, user: User, address: str) -> None:
    session.add(ExternalIdentity(issuer=identity.issuer, subject=identity.subject, user_id=user.id))
    audit.record(
        session, actor_of(user, address), "account.linked", account=user.email, to=identity.issuer
    )
