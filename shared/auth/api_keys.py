"""Project keys: their format, and the hash under which they are stored."""

from __future__ import annotations

import hashlib
import re
import secrets

PUBLIC_PREFIX = "pk_"
SECRET_PREFIX = "sk_"  # noqa: S105 (not a secret)
_SHOWN_CHARACTERS = 8
# 256 bits in base64: the last of 43 characters stands for four bits, so it is one of sixteen.
_FORMAT = re.compile(r"[ps]k_[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")


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
