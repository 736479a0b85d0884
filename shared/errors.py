"""The errors a domain function may raise; one handler in ``shared.web.factory`` answers them.

Every message is written for the person who made the request: it names the cause and the next step.
Nothing internal goes in. Programs tell errors apart by ``code``, never by the message.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

FieldErrors = Mapping[str, Sequence[str]]


class ErrorCode(StrEnum):
    """Machine-readable causes of errors. Clients rely on these words, so they never change."""

    INVALID_REQUEST = "invalid_request"
    """The request cannot be read."""
    INVALID_FIELDS = "invalid_fields"
    """Fields of the request are invalid; ``errors`` names each of them."""
    UNPROCESSABLE = "unprocessable"
    """The request is valid but cannot be carried out as it is."""
    INVALID_CURSOR = "invalid_cursor"
    PROJECT_REQUIRED = "project_required"
    WEAK_PASSWORD = "weak_password"  # noqa: S105 (not a password)
    QUERY_TIMEOUT = "query_timeout"
    UNAUTHORIZED = "unauthorized"
    INVALID_CREDENTIALS = "invalid_credentials"
    INVALID_KEY = "invalid_key"
    PROJECT_INACTIVE = "project_inactive"
    LOGIN_EXPIRED = "login_expired"
    ACCOUNT_CLOSED = "account_closed"
    SECOND_FACTOR_REQUIRED = "second_factor_required"
    SECOND_FACTOR_WRONG = "second_factor_wrong"
    FORBIDDEN = "forbidden"
    CURRENT_PASSWORD_WRONG = "current_password_wrong"  # noqa: S105
    SHARE_PASSWORD_REQUIRED = "share_password_required"  # noqa: S105
    """A public link has a password, which was not given, or too long ago."""
    SHARE_PASSWORD_WRONG = "share_password_wrong"  # noqa: S105
    ROLE_TOO_LOW = "role_too_low"
    ORIGIN_NOT_ALLOWED = "origin_not_allowed"
    REGISTRATION_CLOSED = "registration_closed"
    SIGN_IN_REFUSED = "sign_in_refused"
    NOT_FOUND = "not_found"
    INVITATION_NOT_VALID = "invitation_not_valid"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    CONFLICT = "conflict"
    EMAIL_TAKEN = "email_taken"
    LAST_OWNER = "last_owner"
    TAKEOVER_REQUIRED = "takeover_required"
    """A project counts for its first owner, and its next owner has not taken it over."""
    TOO_MANY_OBJECTS = "too_many_objects"
    """The project holds as many objects of this kind as it may."""
    PAYLOAD_TOO_LARGE = "payload_too_large"
    URI_TOO_LONG = "uri_too_long"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    RATE_LIMITED = "rate_limited"
    QUOTA_EXCEEDED = "quota_exceeded"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    """Too many wrong passwords or codes."""
    INTERNAL_ERROR = "internal_error"
    UNAVAILABLE = "unavailable"
    ACCOUNT_BACKLOG = "account_backlog"
    """Too many events of the project's owner, in all their projects, wait to be stored."""


_CODES_BY_STATUS = {
    400: ErrorCode.INVALID_REQUEST,
    401: ErrorCode.UNAUTHORIZED,
    403: ErrorCode.FORBIDDEN,
    404: ErrorCode.NOT_FOUND,
    405: ErrorCode.METHOD_NOT_ALLOWED,
    409: ErrorCode.CONFLICT,
    413: ErrorCode.PAYLOAD_TOO_LARGE,
    414: ErrorCode.URI_TOO_LONG,
    415: ErrorCode.UNSUPPORTED_MEDIA_TYPE,
    422: ErrorCode.UNPROCESSABLE,
    429: ErrorCode.RATE_LIMITED,
    503: ErrorCode.UNAVAILABLE,
}


def code_for_status(status: int) -> ErrorCode:
    """Return the code of an error of which only the HTTP status is known."""
    fallback = ErrorCode.INTERNAL_ERROR if status >= 500 else ErrorCode.INVALID_REQUEST
    return _CODES_BY_STATUS.get(status, fallback)


class TidemarkError(Exception):
    """Base of all expected failures. ``status`` is the HTTP status of the response."""

    status = 500

    def __init__(
        self,
        message: str,
        *,
        code: ErrorCode | None = None,
        errors: FieldErrors | None = None,
        retry_after_seconds: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Create the error; ``code`` None means the status's default code."""
        super().__init__(message)
        self.message = message
        self.code = code or code_for_status(self.status)
        self.errors = dict(errors or {})
        self.retry_after_seconds = retry_after_seconds
        self.headers = dict(headers or {})


class BadRequest(TidemarkError):
    """The request cannot be read."""

    status = 400


class Unauthorized(TidemarkError):
    """Credentials are missing, wrong, expired or revoked."""

    status = 401


class Forbidden(TidemarkError):
    """The caller is known but may not do this."""

    status = 403


class NotFound(TidemarkError):
    """The object does not exist, or the caller may not know that it does."""

    status = 404


class Conflict(TidemarkError):
    """The request contradicts the stored state."""

    status = 409


class PayloadTooLarge(TidemarkError):
    """The body is above the limit, before or after decompression."""

    status = 413


class Unprocessable(TidemarkError):
    """The request was read, but a value in it is not usable."""

    status = 422


class TooManyRequests(TidemarkError):
    """A rate limit or lockout applies; ``retry_after_seconds`` tells for how long."""

    status = 429


class Unavailable(TidemarkError):
    """Something this service depends on is unavailable. Nothing of the request was stored."""

    status = 503

    def __init__(
        self, message: str, *, code: ErrorCode | None = None, retry_after_seconds: int = 5
    ) -> None:
        super().__init__(message, code=code, retry_after_seconds=retry_after_seconds)


REDIS_FULL = (
    "The Redis for logins, limits and jobs (REDIS_URL) is full. The operator has to raise its "
    "maxmemory (REDIS_MAXMEMORY)."
)


def is_redis_full(error: BaseException | None) -> bool:
    """Return whether Redis refused a write because it has no memory left.

    The message is compared: inside scripts and transactions the class of the error says nothing.
    The client removes the word OOM before it.
    """
    return "command not allowed when used memory >" in str(error)
