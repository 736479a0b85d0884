"""Reading a request's body: size, compression and encoding, within bounds."""

from __future__ import annotations

import zlib

from shared.errors import BadRequest, PayloadTooLarge

_GZIP_MAGIC = b"\x1f\x8b\x08"
_GZIP = 16 + zlib.MAX_WBITS


def read_body(raw: bytes, content_encoding: str, most_bytes: int) -> bytes:
    """The body as the client wrote it, before compression.

    Gzip is recognised by its first bytes as well, because some SDKs compress without saying so.

    Args:
        raw: the bytes on the wire.
        content_encoding: the header, empty when there was none.
        most_bytes: the limit, before and after decompression.

    Raises:
        BadRequest: the body is empty, cut short, or in an encoding other than gzip or deflate.
        PayloadTooLarge: it is, or becomes, larger than the limit.
    """
    if len(raw) > most_bytes:
        raise _too_large(most_bytes)
    if not raw:
        raise BadRequest('The body is empty. Send a JSON event, a list, or {"events": [...]}.')
    encoding = content_encoding.strip().lower()
    if raw.startswith(_GZIP_MAGIC):
        return _inflate(raw, _GZIP, most_bytes)
    if encoding == "deflate":
        return _inflate(raw, zlib.MAX_WBITS, most_bytes)
    if encoding in {"", "identity", "gzip"}:
        return raw
    raise BadRequest(f"Content-Encoding {encoding!r} is not read here. Use gzip or none.")


def _inflate(raw: bytes, window_bits: int, most_bytes: int) -> bytes:
    """Decompress no further than the limit, so that a small body cannot fill the memory."""
    stream = zlib.decompressobj(window_bits)
    try:
        text = stream.decompress(raw, most_bytes + 1)
    except zlib.error as error:
        raise BadRequest(f"The compressed body cannot be read: {error}.") from error
    if len(text) > most_bytes:
        raise _too_large(most_bytes)
    if not stream.eof:
        raise BadRequest("The compressed body ends too early.")
    return text


def _too_large(most_bytes: int) -> PayloadTooLarge:
    return PayloadTooLarge(
        f"The body is larger than {most_bytes} bytes. Send fewer events in one request."
    )
