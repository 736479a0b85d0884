"""Objects of a client's own making: bounded, and as JSON that PostgreSQL's jsonb accepts."""

from __future__ import annotations

import msgspec

from services.ingest.outcomes import Dropped
from shared.events.outcomes import DropReason

MOST_ENTRIES = 500
MOST_BYTES = 32 * 1024
MOST_DEPTH = 32

_encode_json = msgspec.json.Encoder().encode


def encode_object(given: object, name: str, empty: bytes = b"{}") -> bytes:
    """A JSON object as UTF-8 bytes.

    Args:
        given: what the client sent; None counts as an empty object.
        name: the field's name, for the message.
        empty: the answer for an empty object.

    Raises:
        Dropped: it is no object, or larger or deeper than it may be.
    """
    if not given:
        if given is None or given == {}:
            return empty
        raise _not_an_object(name)
    if not isinstance(given, dict):
        raise _not_an_object(name)
    if len(given) > MOST_ENTRIES:
        raise Dropped(
            DropReason.PROPERTIES_TOO_LARGE, f"{name} may have at most {MOST_ENTRIES} entries."
        )
    try:
        encoded = _encode_json(given)
    except RecursionError as error:
        raise _too_deep(name) from error
    if len(encoded) > MOST_BYTES:
        raise Dropped(
            DropReason.PROPERTIES_TOO_LARGE,
            f"{name} may have at most {MOST_BYTES} bytes of JSON.",
        )
    # With so few brackets it cannot be too deep; only the rest needs to be walked.
    if encoded.count(b"{") + encoded.count(b"[") > MOST_DEPTH and _depth(given) > MOST_DEPTH:
        raise _too_deep(name)
    if b"\\u0000" in encoded:
        encoded = _encode_json(_without_nul(given))
    return encoded


def clean(text: str) -> str:
    """The text without NUL, which PostgreSQL cannot store."""
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}") if "\x00" in text else text


def _depth(value: object) -> int:
    """How many containers deep a value is; walked level by level, for it may be very deep."""
    depth, level = 0, [value]
    while level := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        level = [
            item
            for container in level
            for item in (container.values() if isinstance(container, dict) else container)
        ]
    return depth


def _without_nul(value: object) -> object:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(key): _without_nul(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_nul(item) for item in value]
    return value


def _not_an_object(name: str) -> Dropped:
    return Dropped(DropReason.INVALID_PROPERTIES, f"{name} must be an object.")


def _too_deep(name: str) -> Dropped:
    return Dropped(DropReason.INVALID_PROPERTIES, f"{name} may nest {MOST_DEPTH} levels deep.")
