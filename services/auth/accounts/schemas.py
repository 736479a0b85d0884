"""Request and response schemas about accounts."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from services.auth.email_field import email_field
from shared.web.schemas import (
    PageQuery,
    PlainText,
    StorableText,
    TrueOrFalse,
    WholeNumber,
)

_MAX_ID = 2**31 - 1


def _password(doc: str = "In clear.") -> StorableText:
    return StorableText(
        required=True,
        validate=validate.Length(1, 1024),
        load_only=True,
        metadata={"description": doc, "format": "password"},
    )


def _code(**kwargs: Any) -> StorableText:
    return StorableText(
        validate=validate.Length(1, 64),
        load_only=True,
        metadata={"description": "Code of the authenticator app, or a recovery code."},
        **kwargs,
    )


class LoginRequest(Schema):
    """An account's address and password, and a code where it has a second factor."""

    email = email_field(required=True)
    password = _password()
    code = _code(load_default=None, allow_none=True)


class FormLoginRequest(Schema):
    """An OAuth 2 password form; its other fields are ignored."""

    class Meta:
        """OAuth 2 clients also send scope, client_id and similar fields."""

        unknown = "exclude"

    username = email_field(required=True)
    password = _password()
    grant_type = fields.String(load_default="password", validate=validate.OneOf(["password", ""]))
    code = _code(load_default=None)


class TokenResponse(Schema):
    """A Bearer token."""

    access_token = fields.String(required=True)
    token_type = fields.String(required=True, validate=validate.Equal("bearer"))
    expires_in = fields.Integer(required=True, metadata={"description": "Seconds."})


class RegisterRequest(Schema):
    """A new account."""

    email = email_field(required=True)
    password = _password("At least 10 characters.")
    name = PlainText(load_default="", validate=validate.Length(max=100))
    invitation = StorableText(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 200),
        metadata={"description": "The token of an invitation's link."},
    )


class RegistrationResponse(Schema):
    """The options of a login page."""

    registration = fields.String(
        required=True,
        validate=validate.OneOf(["first", "open", "invitation", "closed"]),
        metadata={"description": "`first`: the account registered now owns the installation."},
    )
    sign_in_with = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Name of the OpenID Connect provider, if there is one."},
    )


class OidcStartQuery(Schema):
    """The page to open after the sign-in."""

    next = StorableText(
        load_default="/",
        validate=validate.Length(max=300),
        metadata={"description": "A path of the dashboard; anything else opens its start page."},
    )


class OidcCallbackQuery(Schema):
    """Parameters of a provider's response (RFC 6749, 4.1.2; RFC 9207)."""

    class Meta:
        """Providers add parameters of their own."""

        unknown = "exclude"

    state = StorableText()
    code = StorableText()
    error = StorableText()
    iss = StorableText()


class UserResponse(Schema):
    """An account."""

    id = fields.Integer(required=True)
    email = fields.String(required=True)
    name = fields.String(required=True)
    is_superuser = fields.Boolean(required=True)
    is_active = fields.Boolean(required=True)
    has_second_factor = fields.Function(
        lambda user: user.totp_enabled_at is not None,
        required=True,
        metadata={"type": "boolean"},
    )
    created_at = fields.AwareDateTime(required=True)
    last_login_at = fields.AwareDateTime(required=True, allow_none=True)


class LoginResponse(Schema):
    """The account that is signed in; its tokens are in the cookies."""

    user = fields.Nested(UserResponse, required=True)


class UserListQuery(PageQuery):
    """Filters for the list of accounts."""

    search = PlainText(
        load_default="",
        validate=validate.Length(max=100),
        metadata={"description": "Part of a name or address."},
    )


class UserListResponse(Schema):
    """A page of accounts."""

    items = fields.List(fields.Nested(UserResponse), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class UserUpdateRequest(Schema):
    """Changes to an account; fields that are not sent keep their values."""

    name = PlainText(validate=validate.Length(1, 100))
    email = email_field()
    is_active = TrueOrFalse(
        metadata={"description": "False: the account cannot sign in. Superusers only."}
    )
    is_superuser = TrueOrFalse(metadata={"description": "Superusers only."})
    current_password = StorableText(
        validate=validate.Length(1, 1024),
        load_only=True,
        metadata={"description": "Required to change one's own address.", "format": "password"},
    )


class PasswordChangeRequest(Schema):
    """A new password for one's own account."""

    current_password = _password()
    password = _password("At least 10 characters.")


class PasswordResetRequest(Schema):
    """A new password for another account."""

    password = _password("At least 10 characters.")


class LoginSessionResponse(Schema):
    """An active login."""

    id = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    last_used_at = fields.AwareDateTime(
        required=True, metadata={"description": "Time of the last renewal."}
    )
    address = fields.String(required=True)
    user_agent = fields.String(required=True)
    is_current = fields.Boolean(required=True)


class LoginSessionListResponse(Schema):
    """An account's active logins, most recently used first."""

    items = fields.List(fields.Nested(LoginSessionResponse), required=True)


class TicketRequest(Schema):
    """The project that a WebSocket shows."""

    project_id = WholeNumber(
        load_default=None,
        validate=validate.Range(1, _MAX_ID),
        metadata={"description": "Default: the user's only project."},
    )


class TicketResponse(Schema):
    """A ticket for one WebSocket."""

    ticket = fields.String(required=True)
    expires_in = fields.Integer(required=True, metadata={"description": "Seconds."})


class PasswordConfirmationRequest(Schema):
    """The current password, which sensitive changes require."""

    current_password = _password()


class TwoFactorSetupResponse(Schema):
    """The secret for an authenticator app."""

    secret = fields.String(required=True)
    uri = fields.String(
        required=True, metadata={"description": "`otpauth://…`, the content of a QR code."}
    )


class CodeRequest(Schema):
    """A code of the authenticator app."""

    code = _code(required=True)


class TwoFactorDisableRequest(PasswordConfirmationRequest, CodeRequest):
    """The current password and a code."""


class RecoveryCodesResponse(Schema):
    """Recovery codes; each can be used once, and they are never shown again."""

    recovery_codes = fields.List(fields.String(), required=True)


class DeletionResponse(Schema):
    """Progress of a project's deletion."""

    project_id = fields.Integer(required=True)
    name = fields.String(required=True)
    requested_at = fields.AwareDateTime(required=True)
    purge_after = fields.AwareDateTime(
        required=True, metadata={"description": "Until this time the project can be restored."}
    )
    started_at = fields.AwareDateTime(required=True, allow_none=True)
    finished_at = fields.AwareDateTime(required=True, allow_none=True)
    done = fields.Integer(required=True, metadata={"description": "Steps done."})
    total = fields.Integer(required=True)
    rows = fields.Integer(required=True, metadata={"description": "Rows deleted so far."})
