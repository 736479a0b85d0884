"""The account that is logged in: its logins, its second factor, its tickets and invitations."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, make_response

from services.auth import account_store, audit, invitations, two_factor
from services.auth.accounts import change_password, confirm_both, confirm_password
from services.auth.member_schemas import (
    AcceptedAnswer,
    InvitationTokenRequest,
)
from services.auth.routes.cookies import (
    delete_cookies,
    lockout_for,
    open_session,
    set_cookies,
)
from services.auth.routes.current_actor import actor, user_id
from services.auth.schemas import (
    CodeRequest,
    LoginAnswer,
    PasswordChange,
    PasswordConfirmation,
    RecoveryCodesAnswer,
    SessionListAnswer,
    TicketAnswer,
    TicketRequest,
    TwoFactorDisableRequest,
    TwoFactorSetupAnswer,
    UserAnswer,
)
from shared.auth import tickets
from shared.auth.access import current_caller, get_sessions, project_for
from shared.errors import NotFound
from shared.models import User
from shared.runtime.database import session_scope
from shared.runtime.redis_clients import get_cache
from shared.web.blueprint import Blueprint
from shared.web.factory import service_settings

blueprint = Blueprint("account", __name__, url_prefix="/api/v1/auth", description="Account")
password_blueprint = Blueprint(
    "password", __name__, url_prefix="/api/v1/users/me", description="Own password"
)


@blueprint.post("/logout")
@blueprint.response(204)
def logout() -> Response:
    """End this login, here and wherever its tokens were copied to."""
    session_id = current_caller().session_id
    if session_id:
        get_sessions().end_of_user(user_id(), [session_id])
    return delete_cookies(make_response("", 204))


@blueprint.get("/me")
@blueprint.response(200, UserAnswer)
def me() -> User:
    """The account that is logged in."""
    with session_scope() as session:
        return account_store.own_account(session, user_id())


@blueprint.get("/sessions")
@blueprint.response(200, SessionListAnswer)
def list_sessions() -> dict[str, Any]:
    """Where this account is logged in."""
    current = current_caller().session_id
    fields = ("id", "created_at", "last_used_at", "address", "user_agent")
    return {
        "items": [
            {name: getattr(found, name) for name in fields} | {"is_current": found.id == current}
            for found in get_sessions().of_user(user_id())
        ]
    }


@blueprint.delete("/sessions")
@blueprint.response(204)
def end_other_sessions() -> None:
    """End every login of this account but this one."""
    others = [found.id for found in get_sessions().of_user(user_id())]
    get_sessions().end_of_user(
        user_id(), [found for found in others if found != current_caller().session_id]
    )
    _record("account.other_logins_ended")


@blueprint.delete("/sessions/<string:session_id>")
@blueprint.response(204)
def end_session(session_id: str) -> None:
    """End one login of this account."""
    if not get_sessions().end_of_user(user_id(), [session_id]):
        raise NotFound("This account has no such login, or it has ended already.")
    _record("account.login_ended")


@blueprint.post("/ws-ticket")
@blueprint.arguments(TicketRequest)
@blueprint.response(200, TicketAnswer)
def ws_ticket(request: dict[str, int]) -> dict[str, Any]:
    """A ticket that opens one WebSocket of a project, within 30 seconds."""
    access = project_for(request["project_id"])
    ticket = tickets.issue(get_cache(), user_id(), access.project_id)
    return {"ticket": ticket, "expires_in": tickets.TICKET_SECONDS}


@blueprint.post("/invitations/accept")
@blueprint.arguments(InvitationTokenRequest)
@blueprint.response(200, AcceptedAnswer)
def accept_invitation(given: dict[str, str]) -> dict[str, int | None]:
    """Join what an invitation's link is to."""
    with session_scope() as session:
        return {"project_id": invitations.accept(session, actor(), given["token"])}


@blueprint.post("/two-factor/setup")
@blueprint.arguments(PasswordConfirmation)
@blueprint.response(200, TwoFactorSetupAnswer)
def set_up_two_factor(given: dict[str, str]) -> two_factor.Setup:
    """A new secret for an authenticator app; it counts once its first code was entered."""
    with session_scope() as session:
        user = account_store.own_account(session, user_id())
        confirm_password(user, given["current_password"], lockout_for(user.email))
        return two_factor.begin(user, service_settings().secret_key)


@blueprint.post("/two-factor/enable")
@blueprint.arguments(CodeRequest)
@blueprint.response(200, RecoveryCodesAnswer)
def enable_two_factor(given: dict[str, str]) -> dict[str, list[str]]:
    """Ask for a code at every login from now on."""
    secret_key = service_settings().secret_key
    with session_scope() as session:
        user = account_store.own_account(session, user_id())
        return {
            "recovery_codes": two_factor.enable(session, actor(), user, given["code"], secret_key)
        }


@blueprint.post("/two-factor/disable")
@blueprint.arguments(TwoFactorDisableRequest)
@blueprint.response(204)
def disable_two_factor(given: dict[str, str]) -> None:
    """Ask for codes no more."""
    with session_scope() as session:
        user = account_store.own_account(session, user_id())
        confirm_both(
            session,
            user,
            password=given["current_password"],
            code=given["code"],
            lockout=lockout_for(user.email),
            secret_key=service_settings().secret_key,
        )
        two_factor.disable(session, actor(), user)


@blueprint.post("/two-factor/recovery-codes")
@blueprint.arguments(TwoFactorDisableRequest)
@blueprint.response(200, RecoveryCodesAnswer)
def new_recovery_codes(given: dict[str, str]) -> dict[str, list[str]]:
    """New recovery codes; those made before are void."""
    with session_scope() as session:
        user = account_store.own_account(session, user_id())
        confirm_both(
            session,
            user,
            password=given["current_password"],
            code=given["code"],
            lockout=lockout_for(user.email),
            secret_key=service_settings().secret_key,
        )
        audit.record(session, actor(), "account.recovery_codes_renewed", account=user.email)
        return {"recovery_codes": two_factor.renew_recovery_codes(user)}


@password_blueprint.post("/password")
@password_blueprint.arguments(PasswordChange)
@password_blueprint.response(200, LoginAnswer)
def change_own_password(given: dict[str, str]) -> Response:
    """Change one's own password. Every other login ends; this one gets new cookies."""
    with session_scope() as session:
        user = account_store.own_account(session, user_id())
        change_password(
            session,
            actor(),
            user,
            current=given["current_password"],
            new=given["password"],
            lockout=lockout_for(user.email),
        )
    sessions = get_sessions()
    sessions.end_of_user(user.id, [found.id for found in sessions.of_user(user.id)])
    return set_cookies(jsonify(LoginAnswer().dump({"user": user})), open_session(user))


def _record(action: str) -> None:
    with session_scope() as session:
        audit.record(session, actor(), action)
