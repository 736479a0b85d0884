"""Project keys: their format, and the hash under which they are stored."""

from __future__ import annotations

import hashlib
import re
import secrets
from itertools import islice

PUBLIC_PREFIX = "pk_"
SECRET_PREFIX = "sk_"  # noqa: S105 (not a secret)
_SHOWN_CHARACTERS = 8
# 256 bits in base64: the last of 43 characters stands for four bits, so it is one of sixteen.
_RANDOM = r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"
_FORMAT = re.compile(rf"[ps]k_{_RANDOM}")
# It begins with characters, not a class of them: so it scans a text ten times as fast.
_IN_TEXT = re.compile(rf"k_(?<=[ps]k_){_RANDOM}".encode())


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
    """Return the different keys among a text's first matches of their format.

    Args:
        text: of any kind; it need not be decodable.
        most: the number of matches that are looked at.
    """
    found = (text[match.start() - 1 : match.end()] for match in _IN_TEXT.finditer(text))
    return list(dict.fromkeys(key.decode("ascii") for key in islice(found, most)))
