"""What auth takes and answers about accounts."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from shared.web.schemas import (
    PageQuery,
    PlainEmail,
    PlainText,
    StorableText,
    TrueOrFalse,
    WholeNumber,
)

_MAX_EMAIL = 254
_MAX_ID = 2**31 - 1


def email_field(**kwargs: Any) -> PlainEmail:
    """An e-mail address of the length that mail allows."""
    return PlainEmail(validate=validate.Length(max=_MAX_EMAIL), **kwargs)


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
        metadata={"description": "Of the authenticator app, or a recovery code."},
        **kwargs,
    )


class LoginRequest(Schema):
    """An account's address and password, and a code where it has a second factor."""

    email = email_field(required=True)
    password = _password()
    code = _code(load_default=None, allow_none=True)


class FormLoginRequest(Schema):
    """The same as an OAuth 2 password form; other fields of such a form mean nothing here."""

    class Meta:
        """OAuth 2 clients send scope, client_id and the like."""

        unknown = "exclude"

    username = email_field(required=True)
    password = _password()
    grant_type = fields.String(load_default="password", validate=validate.OneOf(["password", ""]))
    code = _code(load_default=None)


class TokenAnswer(Schema):
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


class RegistrationAnswer(Schema):
    """What a login page can offer."""

    registration = fields.String(
        required=True,
        validate=validate.OneOf(["first", "open", "invitation", "closed"]),
        metadata={"description": "first: whoever registers now owns the installation."},
    )
    sign_in_with = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Name of the OpenID Connect provider, if there is one."},
    )


class OidcStartQuery(Schema):
    """Where to go after signing in."""

    next = StorableText(
        load_default="/",
        validate=validate.Length(max=300),
        metadata={"description": "A path of the dashboard; what is none leads to its start."},
    )


class OidcCallbackQuery(Schema):
    """What a provider answers (RFC 6749, 4.1.2; RFC 9207)."""

    class Meta:
        """Providers add what they like."""

        unknown = "exclude"

    state = StorableText()
    code = StorableText()
    error = StorableText()
    iss = StorableText()


class UserAnswer(Schema):
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


class LoginAnswer(Schema):
    """The account that is now logged in; the tokens are in the cookies."""

    user = fields.Nested(UserAnswer, required=True)


class UserListQuery(PageQuery):
    """Which accounts."""

    search = PlainText(
        load_default="",
        validate=validate.Length(max=100),
        metadata={"description": "Part of a name or address."},
    )


class UserListAnswer(Schema):
    """A page of accounts."""

    items = fields.List(fields.Nested(UserAnswer), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class UserChanges(Schema):
    """What to change of an account; what is left out stays."""

    name = PlainText(validate=validate.Length(1, 100))
    email = email_field()
    is_active = TrueOrFalse(metadata={"description": "Off: it cannot log in. For superusers."})
    is_superuser = TrueOrFalse(metadata={"description": "For superusers."})
    current_password = StorableText(
        validate=validate.Length(1, 1024),
        load_only=True,
        metadata={"description": "Needed to change one's own address.", "format": "password"},
    )


class PasswordChange(Schema):
    """One's own new password."""

    current_password = _password()
    password = _password("At least 10 characters.")


class PasswordReset(Schema):
    """Somebody's new password."""

    password = _password("At least 10 characters.")


class SessionAnswer(Schema):
    """A login that has not ended."""

    id = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    last_used_at = fields.AwareDateTime(
        required=True, metadata={"description": "When it was last renewed."}
    )
    address = fields.String(required=True)
    user_agent = fields.String(required=True)
    is_current = fields.Boolean(required=True)


class SessionListAnswer(Schema):
    """An account's logins, those used last first."""

    items = fields.List(fields.Nested(SessionAnswer), required=True)


class TicketRequest(Schema):
    """Which project a WebSocket is to show."""

    project_id = WholeNumber(required=True, validate=validate.Range(1, _MAX_ID))


class TicketAnswer(Schema):
    """A ticket for one WebSocket."""

    ticket = fields.String(required=True)
    expires_in = fields.Integer(required=True, metadata={"description": "Seconds."})


class PasswordConfirmation(Schema):
    """The password once more, because the change is a grave one."""

    current_password = _password()


class TwoFactorSetupAnswer(Schema):
    """What an authenticator app must know."""

    secret = fields.String(required=True)
    uri = fields.String(required=True, metadata={"description": "otpauth://…, for a QR code."})


class CodeRequest(Schema):
    """A code of the authenticator app."""

    code = _code(required=True)


class TwoFactorDisableRequest(PasswordConfirmation, CodeRequest):
    """The password, and a code."""


class RecoveryCodesAnswer(Schema):
    """Codes for when the app is lost; each is good for one time, and never shown again."""

    recovery_codes = fields.List(fields.String(), required=True)


class DeletionAnswer(Schema):
    """How far the deletion of a project is."""

    project_id = fields.Integer(required=True)
    name = fields.String(required=True)
    requested_at = fields.AwareDateTime(required=True)
    purge_after = fields.AwareDateTime(
        required=True, metadata={"description": "Until then it can be restored."}
    )
    started_at = fields.AwareDateTime(required=True, allow_none=True)
    finished_at = fields.AwareDateTime(required=True, allow_none=True)
    done = fields.Integer(required=True, metadata={"description": "Steps behind us."})
    total = fields.Integer(required=True)
    rows = fields.Integer(required=True, metadata={"description": "Rows deleted so far."})
