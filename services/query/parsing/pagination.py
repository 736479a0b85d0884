"""Cursors of lists: where a page ended, as opaque text."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime, timezone

from shared.errors import Unprocessable


def write_moment(moment: datetime, key: str) -> str:
    """A cursor of a list in order of time."""
    text = f"{moment.astimezone(timezone.utc).isoformat()} {key}"
    return base64.urlsafe_b64encode(text.encode()).decode()


def read_moment(cursor: str) -> tuple[datetime, str]:
    """Moment and key of the last row of the page before.

    Raises:
        Unprocessable: it was not written by ``write_moment``.
    """
    try:
        text = base64.urlsafe_b64decode(cursor.encode("ascii")).decode()
        moment, _, key = text.partition(" ")
        found = datetime.fromisoformat(moment)
    except (ValueError, binascii.Error) as error:
        raise invalid_cursor() from error
    if found.tzinfo is None or not key or "\x00" in key:
        raise invalid_cursor()
    return found, key


def read_numbers(cursor: str) -> tuple[int, int]:
    """The two numbers of a cursor such as ``12-7``.

    Raises:
        Unprocessable: it is none.
    """
    first, _, second = cursor.partition("-")
    if not all(one.isascii() and one.isdigit() and len(one) <= 18 for one in (first, second)):
        raise invalid_cursor()
    return int(first), int(second)


def invalid_cursor() -> Unprocessable:
    """What a cursor that nobody gave out is answered with."""
    return Unprocessable(
        "The cursor is not one of ours.",
        errors={"cursor": ["Use next_cursor of the page before, as it is."]},
    )
