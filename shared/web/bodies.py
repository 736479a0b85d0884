"""Decode the bodies that SDKs send: compression, forms, base64 and JSON, within bounds.

Shared by the services that read bodies themselves, because no schema can describe them.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
import zlib
from collections.abc import Callable
from functools import cache, partial
from typing import Any
from urllib.parse import unquote_plus

import msgspec

from shared.errors import BadRequest, PayloadTooLarge
from shared.web import lz_string

SMALL_BYTES = 1024 * 1024
"""Up to this size, before and after decompression, a body needs no slot."""

BYTES_BEFORE_KEY = 16 * 1024
"""A text up to this size is decoded to find its key; a larger one must have a valid one in it."""

FindKey = Callable[[Callable[[], bytes]], None]
"""Is given what reads the beginning of a text; refuses a request that has no valid key in it."""

_GZIP_MAGIC = b"\x1f\x8b\x08"
_GZIP = 16 + zlib.MAX_WBITS
# Each member copies what is left of the body.
_MAX_GZIP_MEMBERS = 100
# Ten thousand events of 50 values stay below; each value costs far more memory than its text.
_MAX_VALUES = 500_000


def read_body(
    raw: bytes,
    content_encoding: str,
    max_bytes: int,
    acquire_slot: Callable[[], None] = lambda: None,
) -> bytes:
    """Return the decompressed body.

    Gzip is also recognised by its first bytes, because some SDKs compress without a header.

    Args:
        raw: the bytes on the wire.
        content_encoding: the header, empty when there was none.
        max_bytes: the limit, before and after decompression.
        acquire_slot: called before a large body is decoded.

    Raises:
        BadRequest: the body is empty, cut short, or in an encoding other than gzip or deflate.
        PayloadTooLarge: the body is larger than the limit, before or after decompression, or has
            too many values.
    """
    if len(raw) > max_bytes:
        raise _too_large(max_bytes)
    if not raw:
        raise BadRequest("The body is empty. Send JSON.")
    if len(raw) > SMALL_BYTES:
        acquire_slot()
    encoding = content_encoding.strip().lower()
    if raw.startswith(_GZIP_MAGIC):
        body = _inflate(raw, _GZIP, max_bytes, acquire_slot)
    elif encoding == "deflate":
        body = _inflate(raw, zlib.MAX_WBITS, max_bytes, acquire_slot)
    elif encoding in {"", "identity", "gzip"}:
        body = raw
    else:
        raise BadRequest(f"Content-Encoding {encoding!r} is not supported. Use gzip or none.")
    _refuse_many_values(body)
    return body


def _refuse_many_values(text: bytes) -> None:
    """Refuse JSON that would cost far more memory than its text, before it is decoded."""
    if len(text) > SMALL_BYTES and text.count(b",") > _MAX_VALUES:
        raise PayloadTooLarge(
            f"The body has more than {_MAX_VALUES} values. Send fewer events in one request."
        )


def _inflate(
    raw: bytes, window_bits: int, max_bytes: int, acquire_slot: Callable[[], None]
) -> bytes:
    """Decompress no further than the limit, so that a small body cannot fill the memory."""
    stream = zlib.decompressobj(window_bits)
    try:
        text = stream.decompress(raw, SMALL_BYTES)
        if stream.unconsumed_tail or stream.unused_data:
            acquire_slot()
            text += stream.decompress(stream.unconsumed_tail, max_bytes + 1 - len(text))
        members = 1
        while stream.unused_data.startswith(_GZIP_MAGIC) and len(text) <= max_bytes:
            members += 1
            if members > _MAX_GZIP_MEMBERS:
                raise BadRequest(f"The body has more than {_MAX_GZIP_MEMBERS} gzip members.")
            raw, stream = stream.unused_data, zlib.decompressobj(window_bits)
            text += stream.decompress(raw, max_bytes + 1 - len(text))
    except zlib.error as error:
        raise BadRequest(f"The compressed body cannot be read: {error}.") from error
    if len(text) > max_bytes:
        raise _too_large(max_bytes)
    if not stream.eof:
        raise BadRequest("The compressed body is incomplete. Send the whole body.")
    return text


def _too_large(max_bytes: int) -> PayloadTooLarge:
    return PayloadTooLarge(
        f"The body is larger than {max_bytes} bytes. Send fewer events in one request."
    )


def unwrap(
    body: bytes,
    compression: str,
    max_bytes: int,
    *,
    is_form: bool = False,
    acquire_slot: Callable[[], None] = lambda: None,
    find_key: FindKey = lambda _read_start: None,
) -> bytes:
    """Return the JSON inside a form's ``data`` field, base64 or lz-string.

    Args:
        body: the decompressed body; it counts as a form where it begins with ``data=``.
        compression: the ``compression`` parameter of the URL: ``base64``, ``lz64`` or any other.
            Base64 is also recognised by its characters.
        max_bytes: the limit of the decoded text.
        is_form: whether the content type is a form's.
        acquire_slot: called before a large body is decoded.
        find_key: called before a form that is not small is decoded, and before lz-string is
            decompressed: both take long for their size.

    Raises:
        BadRequest: the form has no data, or the data is in none of these encodings.
        PayloadTooLarge: the decoded text is larger than the limit, or has too many values.
    """
    data, is_form = body, is_form or body.startswith(b"data=")
    if is_form:
        data = _form_value(body, b"data")
        compression = _form_value(body, b"compression").decode("ascii", "replace") or compression
        if not data:
            raise BadRequest("The form has no field data. Send the JSON in it.")
    elif compression not in {"base64", "lz64"} and not _BASE64.fullmatch(body):
        return body
    # Each is done once, whether for the key in it or for the whole.
    decode: Callable[[], bytes] = partial(_decode_form, data) if is_form else lambda: data
    decode = cache(decode)
    if compression == "lz64":
        return _decompress_lz64(decode, max_bytes, acquire_slot, find_key)
    undo = cache(lambda: _undo_base64(decode(), max_bytes, acquire_slot))
    if is_form and len(data) > BYTES_BEFORE_KEY:
        find_key(undo)
    return undo()


def _undo_base64(data: bytes, max_bytes: int, acquire_slot: Callable[[], None]) -> bytes:
    """Return the JSON in base64, which may be gzip; JSON is returned as it is."""
    if data.lstrip()[:1] not in {b"{", b"["}:
        return read_body(_base64(data), "", max_bytes, acquire_slot)
    _refuse_many_values(data)  # the commas of a form could not be counted before
    return data


def _decompress_lz64(
    read: Callable[[], bytes], max_bytes: int, acquire_slot: Callable[[], None], find_key: FindKey
) -> bytes:
    """Decompress lz-string: a few kilobytes can become many megabytes, which need a slot."""
    find_key(lambda: lz_string.start_of_base64(read(), BYTES_BEFORE_KEY))
    try:
        text = lz_string.decompress_base64(read(), min(SMALL_BYTES, max_bytes))
    except PayloadTooLarge:
        if max_bytes <= SMALL_BYTES:
            raise
        acquire_slot()
        text = lz_string.decompress_base64(read(), max_bytes)
    _refuse_many_values(text)  # its commas could not be counted before
    return text


def _form_value(body: bytes, name: bytes) -> bytes:
    """Return the last value of a form's field, still encoded; empty: it has none."""
    # Not by dividing the form: a megabyte may have a million fields, and no key is known yet.
    _, found, rest = (b"&" + body).rpartition(b"&" + name + b"=")
    return rest.partition(b"&")[0] if found else b""


def _decode_form(data: bytes) -> bytes:
    """Decode the value of a form's field: a megabyte of it can take a fifth of a second."""
    # A plus is a space in a form, and a digit in base64: JSON contains spaces, base64 does not.
    text = unquote_plus(data.decode("ascii", "replace"))
    if text.lstrip()[:1] not in {"{", "["}:
        text = text.replace(" ", "+")
    return text.encode()


def _base64(data: bytes) -> bytes:
    text = data.strip().replace(b"-", b"+").replace(b"_", b"/")
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadRequest("The data is neither JSON nor base64. Send one of them.") from error


# Old SDKs and proxies that drop the query string send base64 without saying so. JSON with an event
# has characters that base64 does not have.
_BASE64 = re.compile(rb"\s*+[A-Za-z0-9+/_-]{16,}+=*+\s*+")

# Escaped backslashes (an even number), then a pair of surrogates or a lone one. Nothing else is
# matched: a match calls Python, and a body may have a million backslashes.
_SURROGATES = re.compile(
    rb"(?<!\\)((?:\\\\)*+)(?:"
    rb"(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
_MAX_SURROGATES = 100_000

_decode = msgspec.json.Decoder().decode


def decode_json(body: bytes) -> Any:
    """Decode a JSON body.

    Raises:
        BadRequest: the body is not JSON, or JSON that cannot be stored (NaN, numbers beyond a
            double, thousands of levels).
    """
    try:
        return _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _decode_repaired(body.removeprefix(codecs.BOM_UTF8))


def _decode_repaired(body: bytes) -> Any:
    r"""Decode a body with lone surrogates, which JSON allows and Unicode does not.

    JavaScript can cut a text in the middle of an emoji and write the half as an escape
    (``\ud83d``). It becomes U+FFFD, so that one such text does not fail the whole batch.
    """
    try:
        if body.count(b"\\u") <= _MAX_SURROGATES:
            body = _SURROGATES.sub(_repair, body)
        return _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"The body is not JSON: {error}.") from error


def _repair(match: re.Match[bytes]) -> bytes:
    """Replace lone surrogates; keep pairs and escaped backslashes."""
    return match[0] if match[2] else match[1] + rb"\ufffd"
