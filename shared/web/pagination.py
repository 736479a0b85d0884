"""Cursors of lists: the key of the last item of a page, as opaque text."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from shared.errors import ErrorCode, Unprocessable

Key = int | str | datetime
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
_MESSAGE = "Invalid cursor. Use `next_cursor` from the previous page."


def encode_cursor(*key: Key) -> str:
    """Return the cursor of the page that follows the item with this key."""
    parts = [(one - _EPOCH) // _MICROSECOND if isinstance(one, datetime) else one for one in key]
    text = json.dumps(parts, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str, *kinds: type[Key]) -> list[Any]:
    """Return the key that a cursor was made of.

    Args:
        cursor: from a request.
        kinds: the type of each part of the key. A plain number is accepted for ``int`` alone, as
            lists by number once had such cursors.

    Raises:
        Unprocessable: the cursor is invalid.
    """
    try:
        if kinds == (int,) and cursor.isascii() and cursor.isdigit():
            parts: Any = [int(cursor)]
        else:
            padded = cursor + "=" * (-len(cursor) % 4)
            parts = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        return _checked(parts, kinds)
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error) as error:
        raise invalid_cursor() from error


def decode_id(cursor: str | None) -> int | None:
    """Return the id that the cursor of a list by id was made of; None without a cursor.

    Raises:
        Unprocessable: the cursor is invalid.
    """
    return None if cursor is None else decode_cursor(cursor, int)[0]


def _checked(parts: Any, kinds: Sequence[type[Key]]) -> list[Any]:
    if not isinstance(parts, list) or len(parts) != len(kinds):
        raise ValueError("another number of parts")
    return [_part(part, kind) for part, kind in zip(parts, kinds, strict=True)]


def _part(part: Any, kind: type[Key]) -> Key:
    if kind is str:
        if not isinstance(part, str) or "\x00" in part:
            raise ValueError("not a text")
        part.encode()  # refuses lone surrogates
        return part
    if type(part) is not int or not -(2**63) <= part < 2**63:
        raise ValueError("not a number")
    return _EPOCH + timedelta(microseconds=part) if kind is datetime else part


def invalid_cursor() -> Unprocessable:
    """Return the error for an invalid cursor."""
    return Unprocessable(_MESSAGE, code=ErrorCode.INVALID_CURSOR, errors={"cursor": [_MESSAGE]})
