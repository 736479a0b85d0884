"""One's own account: its logins, password, second factor, tickets and invitations."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, make_response

from services.auth.accounts import logins, own_account
from services.auth.accounts.schemas import (
    CodeRequest,
    LoginResponse,
    LoginSessionListResponse,
    PasswordChangeRequest,
    PasswordConfirmationRequest,
    RecoveryCodesResponse,
    TicketRequest,
    TicketResponse,
    TwoFactorDisableRequest,
    TwoFactorSetupResponse,
    UserResponse,
)
from services.auth.accounts.two_factor import Setup
from services.auth.members import invitations
from services.auth.members.schemas import InvitationAcceptedResponse, InvitationTokenRequest
from services.auth.routes.cookies import (
    delete_cookies,
    lockout_for,
    set_cookies,
    start_login_session,
)
from services.auth.routes.current_actor import current_actor, current_user_id
from shared.auth import tickets
from shared.auth.access import current_caller, project_for
from shared.auth.login_sessions import get_login_sessions
from shared.models import User
from shared.runtime.redis_clients import get_login_redis
from shared.web.blueprint import Blueprint
from shared.web.factory import service_settings

blueprint = Blueprint("account", __name__, url_prefix="/api/v1/auth", description="Account")
password_blueprint = Blueprint(
    "password", __name__, url_prefix="/api/v1/users/me", description="Own password"
)


@blueprint.post("/logout")
@blueprint.response(204)
def logout() -> Response:
    """Sign out: end this login and delete its cookies."""
    login_session_id = current_caller().login_session_id
    if login_session_id:
        get_login_sessions().end_of_user(current_user_id(), [login_session_id])
    return delete_cookies(make_response("", 204))


@blueprint.get("/me")
@blueprint.response(200, UserResponse)
def get_own_account() -> User:
    """Get the account of the signed-in user."""
    return own_account.get(current_user_id())


@blueprint.get("/sessions")
@blueprint.response(200, LoginSessionListResponse)
def list_logins() -> dict[str, Any]:
    """List the active logins of the account, most recently used first."""
    current = current_caller().login_session_id
    fields = ("id", "created_at", "last_used_at", "address", "user_agent")
    return {
        "items": [
            {name: getattr(found, name) for name in fields} | {"is_current": found.id == current}
            for found in get_login_sessions().list_of_user(current_user_id())
        ]
    }


@blueprint.delete("/sessions")
@blueprint.response(204)
def end_other_logins() -> None:
    """End every login of the account except the current one."""
    logins.end_other_logins(current_actor(), current_caller().login_session_id)


@blueprint.delete("/sessions/<string:session_id>")
@blueprint.response(204)
def end_login(session_id: str) -> None:
    """End a login of the account."""
    logins.end_login(current_actor(), session_id)


@blueprint.post("/ws-ticket")
@blueprint.arguments(TicketRequest, required=False)
@blueprint.response(200, TicketResponse)
def create_ticket(request: dict[str, int | None]) -> dict[str, Any]:
    """Create a ticket that opens one WebSocket of a project within 30 seconds."""
    access = project_for(request["project_id"])
    caller = current_caller()
    holder = tickets.TicketHolder(
        current_user_id(),
        access.project_id,
        caller.login_session_id or "",
        caller.login_version,
    )
    ticket = tickets.issue(get_login_redis(), holder)
    return {"ticket": ticket, "expires_in": tickets.TICKET_SECONDS}


@blueprint.post("/invitations/accept")
@blueprint.arguments(InvitationTokenRequest)
@blueprint.response(200, InvitationAcceptedResponse)
def accept_invitation(given: dict[str, str]) -> dict[str, int | None]:
    """Accept an invitation by the token of its link."""
    return {"project_id": invitations.accept_invitation(current_actor(), given["token"])}


@blueprint.post("/two-factor/setup")
@blueprint.arguments(PasswordConfirmationRequest)
@blueprint.response(200, TwoFactorSetupResponse)
def set_up_two_factor(given: dict[str, str]) -> Setup:
    """Create a secret for an authenticator app. It applies once its first code is confirmed."""
    actor = current_actor()
    return own_account.set_up_two_factor(
        actor,
        current_password=given["current_password"],
        lockout=lockout_for(actor.email),
        secret_key=service_settings().secret_key,
    )


@blueprint.post("/two-factor/enable")
@blueprint.arguments(CodeRequest)
@blueprint.response(200, RecoveryCodesResponse)
def enable_two_factor(given: dict[str, str]) -> dict[str, list[str]]:
    """Enable the second factor with a first code. The response has the recovery codes."""
    codes = own_account.enable_two_factor(
        current_actor(), code=given["code"], secret_key=service_settings().secret_key
    )
    return {"recovery_codes": codes}


@blueprint.post("/two-factor/disable")
@blueprint.arguments(TwoFactorDisableRequest)
@blueprint.response(204)
def disable_two_factor(given: dict[str, str]) -> None:
    """Disable the second factor."""
    actor = current_actor()
    own_account.disable_two_factor(
        actor,
        current_password=given["current_password"],
        code=given["code"],
        lockout=lockout_for(actor.email),
        secret_key=service_settings().secret_key,
    )


@blueprint.post("/two-factor/recovery-codes")
@blueprint.arguments(TwoFactorDisableRequest)
@blueprint.response(200, RecoveryCodesResponse)
def renew_recovery_codes(given: dict[str, str]) -> dict[str, list[str]]:
    """Replace the recovery codes. The old ones are invalid."""
    actor = current_actor()
    codes = own_account.renew_recovery_codes(
        actor,
        current_password=given["current_password"],
        code=given["code"],
        lockout=lockout_for(actor.email),
        secret_key=service_settings().secret_key,
    )
    return {"recovery_codes": codes}


@password_blueprint.post("/password")
@password_blueprint.arguments(PasswordChangeRequest)
@password_blueprint.response(200, LoginResponse)
def change_own_password(given: dict[str, str]) -> Response:
    """Change the own password. All other logins end, and this one gets new cookies."""
    actor = current_actor()
    user = own_account.change_password(
        actor,
        current=given["current_password"],
        new=given["password"],
        lockout=lockout_for(actor.email),
    )
    return set_cookies(jsonify(LoginResponse().dump({"user": user})), start_login_session(user))
