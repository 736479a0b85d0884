"""Project keys: how they look, and the hash under which they are looked up."""

from __future__ import annotations

import hashlib
import secrets

PUBLIC_PREFIX = "pk_"
SECRET_PREFIX = "sk_"  # noqa: S105 (not a secret)
_SHOWN_CHARACTERS = 8


def new_key(kind: str) -> str:
    """A new random key of 256 bits: ``pk_…`` for kind "public", ``sk_…`` for "secret"."""
    prefix = {"public": PUBLIC_PREFIX, "secret": SECRET_PREFIX}[kind]
    return prefix + secrets.token_urlsafe(32)


def key_hash(key: str) -> str:
    """SHA-256 of a key, hexadecimal. Keys are random, so a fast unsalted hash is enough."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def shown_prefix(key: str) -> str:
    """The first characters of a key, enough to recognise it and useless to guess it."""
    return key[:_SHOWN_CHARACTERS]


def looks_like_key(text: str) -> bool:
    """Whether a text can be a key at all; anything else need not be looked up."""
    return text.startswith((PUBLIC_PREFIX, SECRET_PREFIX)) and len(text) < 128
