"""Decompress lz-string, the compression of PostHog's oldest browser SDKs.

lz-string is LZW over UTF-16 code units (Welch, "A Technique for High-Performance Data
Compression", 1984) with codes of growing width, written bit by bit, least significant first. The
output is capped while it grows, because LZW can expand a small input to many times its size.
"""

from __future__ import annotations

import base64
import binascii

from shared.errors import BadRequest, PayloadTooLarge

_MAX_COMPRESSED = 128 * 1024  # more would keep a process busy
_UNREADABLE = "The data is not lz-string in base64. Use gzip."
_NEW_UNIT_8, _NEW_UNIT_16, _END = 0, 1, 2


def decompress_base64(data: bytes, max_units: int) -> bytes:
    """Return the decompressed text as UTF-8.

    Raises:
        BadRequest: the data is not lz-string in base64.
        PayloadTooLarge: the data is longer than these SDKs ever sent, or the text has more than
            ``max_units`` UTF-16 code units.
    """
    text = _read(data, max_units)
    if len(text) > max_units:
        raise PayloadTooLarge(
            f"The decompressed body is larger than {max_units} characters. "
            "Send fewer events in one request."
        )
    try:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le").encode()
    except UnicodeDecodeError as error:
        raise BadRequest(_UNREADABLE) from error


def start_of_base64(data: bytes, units: int) -> bytes:
    """Return about the first UTF-16 code units of the decompressed text, as UTF-8.

    Raises:
        BadRequest, PayloadTooLarge: as ``decompress_base64``, of what is read.
    """
    return (
        _read(data, units)[:units]
        .encode("utf-16-le", "surrogatepass")
        .decode("utf-16-le", "replace")
        .encode()
    )


def _read(data: bytes, units: int) -> str:
    """Return the code units, and no more once there are more than a number of them."""
    if len(data) > _MAX_COMPRESSED:
        raise PayloadTooLarge(
            f"lz-string is supported up to {_MAX_COMPRESSED} bytes. Use gzip for larger bodies."
        )
    try:
        digits = data.strip().replace(b" ", b"+").rstrip(b"=")
        # lz-string pads with up to three signs, which base64 does not allow; zero bits do as well.
        raw = base64.b64decode(digits + b"A" * (-len(digits) % 4), validate=True)
        return _decompress(_Bits(raw), units)
    except (binascii.Error, EOFError, LookupError) as error:
        raise BadRequest(_UNREADABLE) from error


class _Bits:
    """Reads bits, most significant first, and numbers, least significant bit first."""

    def __init__(self, raw: bytes) -> None:
        # As digits: a loop over single bits takes four times as long, and no key is known yet.
        self._digits = format(int.from_bytes(raw), f"0{8 * len(raw)}b")
        self._position = 0

    def number(self, width: int) -> int:
        digits = self._digits[self._position : self._position + width]
        if len(digits) < width:
            raise EOFError
        self._position += width
        return int(digits[::-1], 2)


def _decompress(bits: _Bits, units: int) -> str:
    first = _new_unit(bits, bits.number(2))
    if first is None:
        return ""
    entries = ["", "", "", first]
    parts, size, previous, width = [first], len(first), first, 3
    # A code is as wide as the number of entries; a new unit takes an entry of its own as well.
    while True:
        code = bits.number(width)
        if code in (_NEW_UNIT_8, _NEW_UNIT_16):
            entries.append(_new_unit(bits, code) or "")
            code = len(entries) - 1
            width = len(entries).bit_length()
        elif code == _END:
            return "".join(parts)
        if code < len(entries):
            entry = entries[code]
        elif code == len(entries):
            entry = previous + previous[0]
        else:
            raise LookupError(code)
        parts.append(entry)
        size += len(entry)
        if size > units:
            return "".join(parts)
        entries.append(previous + entry[0])
        previous = entry
        width = len(entries).bit_length()


def _new_unit(bits: _Bits, code: int) -> str | None:
    if code == _END:
        return None
    return chr(bits.number(8 if code == _NEW_UNIT_8 else 16))
