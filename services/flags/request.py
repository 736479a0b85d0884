"""Read the body of a flags request: JSON, gzip, or a form with base64."""

from __future__ import annotations

from typing import Any

from shared.errors import BadRequest
from shared.web.bodies import decode_json, read_body, unwrap

_MAX_BYTES = 1024 * 1024


def read_flags_request(body: bytes, content_encoding: str, compression: str) -> dict[str, Any]:
    """Return the object that was sent, in any of the SDKs' encodings.

    Args:
        body: the bytes on the wire.
        content_encoding: the header, empty when there was none.
        compression: the ``compression`` parameter of the URL, empty when there was none.

    Raises:
        BadRequest: the body is not an object.
        PayloadTooLarge: the body is larger than one megabyte, before or after decompression.
    """
    body = read_body(body, content_encoding, _MAX_BYTES)
    content = decode_json(unwrap(body, compression, _MAX_BYTES))
    if not isinstance(content, dict):
        raise BadRequest("The body is not an object. Send {token, distinct_id, ...}.")
    return content
