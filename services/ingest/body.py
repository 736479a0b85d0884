"""Reading a request's body: size, compression and encoding, within bounds."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from services.ingest.large_bodies import SMALL_BYTES
from shared.errors import BadRequest, PayloadTooLarge

_GZIP_MAGIC = b"\x1f\x8b\x08"
_GZIP = 16 + zlib.MAX_WBITS
# More than a thousand events of 500 properties have; each value costs far more memory than text.
_MOST_VALUES = 500_000


def read_body(
    raw: bytes, content_encoding: str, most_bytes: int, take_turn: Callable[[], None]
) -> bytes:
    """The body as the client wrote it, before compression.

    Gzip is recognised by its first bytes as well, because some SDKs compress without saying so.

    Args:
        raw: the bytes on the wire.
        content_encoding: the header, empty when there was none.
        most_bytes: the limit, before and after decompression.
        take_turn: called before much memory is used.

    Raises:
        BadRequest: the body is empty, cut short, or in an encoding other than gzip or deflate.
        PayloadTooLarge: it is, or becomes, larger than the limit, or has too many values.
    """
    if len(raw) > most_bytes:
        raise _too_large(most_bytes)
    if not raw:
        raise BadRequest('The body is empty. Send a JSON event, a list, or {"events": [...]}.')
    if len(raw) > SMALL_BYTES:
        take_turn()
    encoding = content_encoding.strip().lower()
    if raw.startswith(_GZIP_MAGIC):
        body = _inflate(raw, _GZIP, most_bytes, take_turn)
    elif encoding == "deflate":
        body = _inflate(raw, zlib.MAX_WBITS, most_bytes, take_turn)
    elif encoding in {"", "identity", "gzip"}:
        body = raw
    else:
        raise BadRequest(f"Content-Encoding {encoding!r} is not read here. Use gzip or none.")
    if len(body) > SMALL_BYTES and body.count(b",") > _MOST_VALUES:
        raise PayloadTooLarge(
            f"The body has more than {_MOST_VALUES} values. Send fewer events in one request."
        )
    return body


def _inflate(raw: bytes, window_bits: int, most_bytes: int, take_turn: Callable[[], None]) -> bytes:
    """Decompress no further than the limit, so that a small body cannot fill the memory."""
    stream = zlib.decompressobj(window_bits)
    try:
        text = stream.decompress(raw, SMALL_BYTES)
        if stream.unconsumed_tail:
            take_turn()
            text += stream.decompress(stream.unconsumed_tail, most_bytes + 1 - len(text))
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
