"""Password hashing: Argon2id with the library's recommended cost (RFC 9106, low memory)."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from shared.errors import ErrorCode, Unprocessable

MIN_CHARACTERS = 10
MAX_CHARACTERS = 1024
_MIN_DIFFERENT = 5

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """Return an Argon2id hash with its own salt, in PHC string form."""
    return _hasher.hash(password)


def verify_password(password: str, password_hash: str | None) -> bool:
    """Return whether a password matches a hash; None (no such account) takes as long and fails."""
    try:
        _hasher.verify(password_hash or _hash_of_nobody(), password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return password_hash is not None


@cache
def _hash_of_nobody() -> str:
    """Return what is compared against when the account does not exist, so that it takes as long.

    It is made once, when first needed: most processes that import this module check no password.
    """
    return _hasher.hash("no account has this password")


def check_new_password(password: str, *about: str) -> None:
    """Refuse passwords that are easy to guess: length counts, not composition (NIST SP 800-63B).

    Raises:
        Unprocessable: it is short, has few different characters, or is one of the texts ``about``
            its owner.
    """
    lowered = password.strip().lower()
    names = {part for text in about for part in (text.lower(), text.lower().partition("@")[0])}
    if len(password) < MIN_CHARACTERS:
        problem = f"Use at least {MIN_CHARACTERS} characters."
    elif len(set(lowered)) < _MIN_DIFFERENT:
        problem = f"Use at least {_MIN_DIFFERENT} different characters."
    elif lowered in names:
        problem = "Do not use your name or address."
    else:
        return
    raise Unprocessable(
        f"This password is too easy to guess. {problem}",
        code=ErrorCode.WEAK_PASSWORD,
        errors={"password": [problem]},
    )
