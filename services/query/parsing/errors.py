"""The error for a request that cannot be answered."""

from __future__ import annotations

from shared.errors import ErrorCode, Unprocessable


def invalid_field(field: str, message: str) -> Unprocessable:
    """Return the error for a request with an invalid field; ``message`` says what to do instead."""
    return Unprocessable(
        "The query is invalid. Correct the fields that errors names.",
        code=ErrorCode.INVALID_FIELDS,
        errors={field: [message]},
    )
