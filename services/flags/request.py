"""Read the body of a flags request: JSON, gzip, or a form with base64."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from shared.errors import BadRequest
from shared.web.bodies import decode_json, read_body, unwrap

_MAX_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class FlagsRequest:
    """Whose flags an SDK asks for."""

    token: str
    """The project's key; empty: none was sent."""
    distinct_id: str
    properties: dict[str, Any] = field(default_factory=dict)
    """Of the person, as the SDK knows them."""
    keys: tuple[str, ...] | None = None
    """The flags that are asked for; None: all."""


def read_flags_request(
    body: bytes, content_encoding: str, compression: str, token: str
) -> FlagsRequest:
    """Return what was sent, in any of the SDKs' encodings.

    Args:
        body: the bytes on the wire.
        content_encoding: the header, empty when there was none.
        compression: the ``compression`` parameter of the URL, empty when there was none.
        token: the ``token`` parameter of the URL, for a body without a key.

    Raises:
        BadRequest: the body is not an object.
        PayloadTooLarge: the body is larger than one megabyte, before or after decompression.
    """
    body = read_body(body, content_encoding, _MAX_BYTES)
    content = _object(unwrap(body, compression, _MAX_BYTES), "{token, distinct_id, ...}")
    sent_token = content.get("token") or content.get("api_key") or token
    properties, keys = content.get("person_properties"), content.get("flag_keys")
    return FlagsRequest(
        sent_token if isinstance(sent_token, str) else "",
        _text(content.get("distinct_id")),
        properties if isinstance(properties, dict) else {},
        tuple(key for key in keys if isinstance(key, str)) if isinstance(keys, list) else None,
    )


def read_object(body: bytes, content_encoding: str) -> dict[str, Any]:
    """Return the JSON object that was sent to a path of OpenFeature's SDKs.

    Raises:
        BadRequest: the body is not an object.
        PayloadTooLarge: the body is larger than one megabyte, before or after decompression.
    """
    return _object(read_body(body, content_encoding, _MAX_BYTES), '{"context": …}')


def _object(body: bytes, example: str) -> dict[str, Any]:
    content = decode_json(body)
    if not isinstance(content, dict):
        raise BadRequest(f"The body is not an object. Send {example}.")
    return content


def _text(value: object) -> str:
    """Return a distinct id as a text; SDKs send numbers, too."""
    if isinstance(value, str):
        return value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else ""
