"""What every protocol makes of a body, and reading JSON that clients really send."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from services.ingest.request import Delivery
from shared.errors import BadRequest

Fields = dict[str, Any]
"""An event under the canonical field names (``services.ingest.normalise`` says what they are)."""


@dataclass(frozen=True, slots=True)
class Message:
    """A decoded body: the events as sent, and what was said about all of them."""

    events: list[Any]
    api_key: str | None = None
    sent_at: object = None
    """When the client sent it, by the client's clock."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """One way of sending events."""

    name: str
    read: Callable[[bytes, Delivery], Message]
    """The decompressed body as a message; raises BadRequest when it is none."""
    canonical: Callable[[Any], Fields]
    """One event (an object, or what ``read`` made of one) under the canonical field names; raises
    Dropped when it cannot be one."""


# Escaped characters in turn: a backslash, a pair of surrogates, a lone one.
_SURROGATES = re.compile(
    rb"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)

_decode = msgspec.json.Decoder().decode


def decode_json(body: bytes) -> Any:
    """The value a body holds.

    Raises:
        BadRequest: it is not JSON, or JSON that nobody could store (NaN, numbers beyond a double,
            thousands of levels).
    """
    try:
        return _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _decode_repaired(body)


def _decode_repaired(body: bytes) -> Any:
    r"""Decode a body that JSON allows and Unicode does not.

    JavaScript cuts texts in the middle of an emoji and writes the half as an escape (``\ud83d``).
    One such text must not cost the whole batch: the half becomes U+FFFD.
    """
    try:
        return _decode(_SURROGATES.sub(_repair, body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"The body is not JSON: {error}.") from error


def _repair(match: re.Match[bytes]) -> bytes:
    """Keep whole characters and escaped backslashes; replace halves."""
    whole = match[0]
    is_half = len(whole) == len(rb"\ud83d") and whole[:1] == b"\\" and whole[1:2] == b"u"
    return rb"\ufffd" if is_half else whole


def text_or_none(value: object) -> str | None:
    """The value if it is a text with something in it."""
    return value if isinstance(value, str) and value else None


def object_or_empty(value: object) -> dict[str, Any]:
    """The value if it is an object."""
    return value if isinstance(value, dict) else {}
