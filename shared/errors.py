"""The errors a domain function may raise; one handler in ``shared.web.factory`` answers them.

Every message is written for the person who made the request: what was wrong and what to
do next. Nothing internal goes in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

FieldErrors = Mapping[str, Sequence[str]]


class TidemarkError(Exception):
    """Base of all expected failures. ``status`` is the HTTP status it is answered with."""

    status = 500

    def __init__(
        self,
        message: str,
        *,
        errors: FieldErrors | None = None,
        retry_after_seconds: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.errors = dict(errors or {})
        self.retry_after_seconds = retry_after_seconds
        self.headers = dict(headers or {})


class BadRequest(TidemarkError):
    """The request could not be read at all."""

    status = 400


class Unauthorized(TidemarkError):
    """Credentials are missing, wrong, expired or revoked."""

    status = 401


class Forbidden(TidemarkError):
    """The caller is known, and may not do this."""

    status = 403


class NotFound(TidemarkError):
    """The object does not exist, or the caller may not know that it does."""

    status = 404


class Conflict(TidemarkError):
    """The request contradicts what is stored."""

    status = 409


class PayloadTooLarge(TidemarkError):
    """The body, or its decompressed form, is above the limit."""

    status = 413


class Unprocessable(TidemarkError):
    """The request was read, and a field of it is not usable."""

    status = 422


class TooManyRequests(TidemarkError):
    """A rate limit or lockout is in force; ``retry_after_seconds`` says how long."""

    status = 429


class Unavailable(TidemarkError):
    """Something this service depends on is away. Nothing of the request was kept."""

    status = 503

    def __init__(self, message: str, *, retry_after_seconds: int = 5) -> None:
        super().__init__(message, retry_after_seconds=retry_after_seconds)
