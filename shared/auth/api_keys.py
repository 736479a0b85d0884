"""Project keys: their format, and the hash under which they are stored."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections import deque
from itertools import islice

PUBLIC_PREFIX = "pk_"
SECRET_PREFIX = "sk_"  # noqa: S105 (not a secret)
_SHOWN_CHARACTERS = 8
# 256 bits in base64: the last of 43 characters stands for four bits, so it is one of sixteen.
_RANDOM = r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"
_FORMAT = re.compile(rf"[ps]k_{_RANDOM}")
# It begins with characters, not a class of them: so it scans a text ten times as fast.
_IN_TEXT = re.compile(rf"k_(?<=[ps]k_){_RANDOM}".encode())
_END_BYTES = 64 * 1024
"""Of the end of a text, where its last matches are: a text of megabytes may be full of keys."""


def new_key(kind: str) -> str:
    """Make a random key of 256 bits: ``pk_…`` for kind "public", ``sk_…`` for "secret"."""
    prefix = {"public": PUBLIC_PREFIX, "secret": SECRET_PREFIX}[kind]
    return prefix + secrets.token_urlsafe(32)


def key_hash(key: str) -> str:
    """Return the SHA-256 of a key in hexadecimal. Keys are random, so no salt is needed."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def shown_prefix(key: str) -> str:
    """Return the first characters of a key: enough to recognise it, useless to guess it."""
    return key[:_SHOWN_CHARACTERS]


def looks_like_key(text: str) -> bool:
    """Return whether a text has the format of a key; other texts need no lookup."""
    return _FORMAT.fullmatch(text) is not None


def keys_in(text: bytes, most: int) -> list[str]:
    """Return the different keys among the first and the last matches of their format in a text.

    Args:
        text: of any kind; it need not be decodable.
        most: the number of matches that are looked at from its start, and from its end.
    """
    matches = list(islice(_IN_TEXT.finditer(text), most))
    if len(matches) == most:
        start = max(matches[-1].end(), len(text) - _END_BYTES)
        matches += deque(_IN_TEXT.finditer(text, start), most)
    found = (text[match.start() - 1 : match.end()] for match in matches)
    return list(dict.fromkeys(key.decode("ascii") for key in found))
