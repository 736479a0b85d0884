"""Single sign-on: find the account of a provider's identity, link it, or create one.

The rules (docs/decisions/0010-accounts.md): a known identity has its account. An unknown identity
is linked to the account with its address, if the provider verified the address; when that account
has a password, its owner first logs in with it once. Without an account, one is created where
registration allows it.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timezone

from sqlalchemy.orm import Session

from services.auth import account_store, audit
from services.auth.accounts.accounts import actor_of, create_user
from services.auth.accounts.oidc import Identity, SignInRefused
from services.auth.members import invitations
from shared.errors import Conflict
from shared.models import ExternalIdentity, User
from shared.runtime.database import session_scope
from shared.runtime.settings import Settings


class LinkRequiresLogin(SignInRefused):
    """The account has a password: its owner logs in with it once, then the identity is linked."""

    def __init__(self, identity: Identity) -> None:
        super().__init__(
            "login_first",
            "There is already an account with your address. Sign in to it with your password once.",
        )
        self.identity = identity


def sign_in(identity: Identity, settings: Settings, *, address: str) -> User:
    """Return the account that an identity signs in to.

    Args:
        identity: as verified with the provider.
        settings: of the installation: who may register.
        address: of the client, for the audit log.

    Raises:
        LinkRequiresLogin: the account has a password, and its owner has to log in first.
        SignInRefused: there is no account and none can be created, or the account is closed.
    """
    with session_scope() as session:
        account_store.lock_setup(session)
        known = account_store.get_external_identity(session, identity.issuer, identity.subject)
        if known is not None:
            user = account_store.get_locked_user(session, known.user_id)
            assert user is not None  # deleting an account deletes its identities
        else:
            user = _account_with_address(session, identity)
            user = user or _new_account(session, identity, settings, address)
            _link(session, identity, user, address)
        if not user.is_active:
            raise SignInRefused(
                "closed", "This account is deactivated. Ask an owner of this server."
            )
        user.last_login_at = datetime.now(timezone.utc)
        audit.record(session, actor_of(user, address), "login.succeeded", by=identity.issuer)
    return user


def link_after_login(identity: Identity, user: User, address: str) -> None:
    """Link an identity to the account that its owner has just logged in to.

    Nothing happens if the account has another address, or if the identity is linked by now.
    """
    with session_scope() as session:
        account_store.lock_setup(session)
        known = account_store.get_external_identity(session, identity.issuer, identity.subject)
        if known is None and identity.email == user.email:
            _link(session, identity, user, address)


def _account_with_address(session: Session, identity: Identity) -> User | None:
    if identity.email is None:
        raise SignInRefused(
            "unverified",
            "The provider has not verified your e-mail address. Verify it there first.",
        )
    user = account_store.get_user_by_email(session, identity.email)
    # Addresses are not verified here: another person may have registered this one and would keep
    # knowing the password. And a provider must not bypass a second factor.
    if user is not None and (user.password_hash is not None or user.totp_enabled_at is not None):
        raise LinkRequiresLogin(identity)
    # Providers give an address to another person when its owner leaves.
    if user is not None and account_store.has_identity_of(session, identity.issuer, user.id):
        raise SignInRefused(
            "another_identity",
            "The account with your address belongs to another identity of the provider. "
            "Ask the owner of the installation.",
        )
    return user


def _new_account(session: Session, identity: Identity, settings: Settings, address: str) -> User:
    assert identity.email is not None
    invited = account_store.list_invitations_for(session, identity.email)
    may_register = settings.registration == "open" or settings.oidc_sign_up or invited
    if settings.registration == "closed" or not may_register:
        raise SignInRefused(
            "no_account", "You have no account and no invitation. Ask a member for one."
        )
    user = create_user(
        session, email=identity.email, name=identity.name, password=None, is_superuser=False
    )
    actor = actor_of(user, address)
    audit.record(session, actor, "account.registered", account=user.email, by=identity.issuer)
    for invitation in invited:
        # One that makes the account own too many projects stays open.
        with suppress(Conflict):
            invitations.join(session, actor, invitation)
    return user


def _link(session: Session, identity: Identity, user: User, address: str) -> None:
    session.add(ExternalIdentity(issuer=identity.issuer, subject=identity.subject, user_id=user.id))
    audit.record(
        session, actor_of(user, address), "account.linked", account=user.email, to=identity.issuer
    )
