"""Which account an identity of the sign-in provider is let into, and who gets a new one.

The rules (docs/decisions/0010-accounts.md). An identity that is known has its account. One that is
not is linked to the account of its address, if the provider says that it verified the address; when
the account has a password, its holder logs in by it once. Without an account, one is made where
registration allows it.
"""

from __future__ import annotations

from datetime import datetime, timezone

from sqlalchemy.orm import Session

from services.auth import account_store, audit, invitations
from services.auth.accounts import actor_of, create_user
from services.auth.oidc import Identity, SignInRefused
from shared.models import ExternalIdentity, User
from shared.runtime.settings import Settings


class LoginFirst(SignInRefused):
    """The account has a password: its holder logs in by it once, then it is linked."""

    def __init__(self, identity: Identity) -> None:
        super().__init__(
            "login_first",
            "There is an account with your address already. Log in to it by password once.",
        )
        self.identity = identity


def sign_in(session: Session, identity: Identity, settings: Settings, *, address: str) -> User:
    """The account that an identity is let into.

    Args:
        session: of the request.
        identity: as the provider tells.
        settings: of the installation: who may register.
        address: of the client, for the log.

    Raises:
        LoginFirst: there is one, and the holder has to log in to it before it is linked.
        SignInRefused: there is no such account, and none can be made; or it is closed.
    """
    account_store.lock_setup(session)
    known = account_store.external_identity(session, identity.issuer, identity.subject)
    if known is not None:
        user = account_store.user_for_update(session, known.user_id)
        assert user is not None  # a deleted account takes its identities along
    else:
        user = _account_of_address(session, identity)
        user = user or _new_account(session, identity, settings, address)
        _link(session, identity, user, address)
    if not user.is_active:
        raise SignInRefused("closed", "This account is closed. Ask the owner of the installation.")
    user.last_login_at = datetime.now(timezone.utc)
    audit.record(session, actor_of(user, address), "login.succeeded", by=identity.issuer)
    return user


def link_after_login(session: Session, identity: Identity, user: User, address: str) -> None:
    """Link an identity to the account that its holder has just logged in to.

    Nothing is done when it is the account of another address, or the identity has one by now.
    """
    account_store.lock_setup(session)
    known = account_store.external_identity(session, identity.issuer, identity.subject)
    if known is None and identity.email == user.email:
        _link(session, identity, user, address)


def _account_of_address(session: Session, identity: Identity) -> User | None:
    if identity.email is None:
        raise SignInRefused(
            "unverified", "The provider does not say that it verified your e-mail address."
        )
    user = account_store.user_by_email(session, identity.email)
    # An address of ours is not proven: somebody else may have taken it, and would go on knowing the
    # password; and a second factor must not be got round by the provider.
    if user is not None and (user.password_hash is not None or user.totp_enabled_at is not None):
        raise LoginFirst(identity)
    # Providers give an address to somebody else when its holder leaves.
    if user is not None and account_store.is_known_to(session, identity.issuer, user.id):
        raise SignInRefused(
            "another_identity",
            "The account of your address belongs to somebody else at the provider.",
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
