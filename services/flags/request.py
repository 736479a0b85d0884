"""What SDKs send to ask for flags: JSON, gzip, or a form with base64."""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Any
from urllib.parse import parse_qs

import msgspec

from shared.errors import BadRequest, PayloadTooLarge

_MOST_BYTES = 1024 * 1024
_GZIP_MAGIC = b"\x1f\x8b\x08"
_GZIP = 16 + zlib.MAX_WBITS


def read_question(body: bytes) -> dict[str, Any]:
    """The object that was sent, whatever it is wrapped in.

    Raises:
        BadRequest: there is none.
        PayloadTooLarge: it is larger than a megabyte once decompressed.
    """
    if body.startswith(b"data="):
        body = _form_data(body)
    if body.startswith(_GZIP_MAGIC):
        body = _inflate(body)
    try:
        question = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"The body is not JSON: {error}.") from error
    if not isinstance(question, dict):
        raise BadRequest("Send an object: {token, distinct_id, ...}.")
    return question


def _form_data(body: bytes) -> bytes:
    """The field ``data`` of a form: base64, whose plus signs arrive as spaces."""
    fields = parse_qs(body.decode("ascii", "replace"), max_num_fields=10)
    text = fields.get("data", [""])[0].replace(" ", "+")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadRequest("The form's field data is not base64.") from error


def _inflate(body: bytes) -> bytes:
    stream = zlib.decompressobj(_GZIP)
    try:
        text = stream.decompress(body, _MOST_BYTES + 1)
    except zlib.error as error:
        raise BadRequest(f"The compressed body cannot be read: {error}.") from error
    if len(text) > _MOST_BYTES:
        raise PayloadTooLarge("A question about flags has at most a megabyte.")
    return text
