"""Password hashing: Argon2id with the library's recommended cost (RFC 9106, low memory)."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

_hasher = PasswordHasher()
# Compared against when the account does not exist, so that both answers take as long.
_NOBODY = _hasher.hash("no account has this password")


def hash_password(password: str) -> str:
    """An Argon2id hash with its own salt, in PHC string form."""
    return _hasher.hash(password)


def verify_password(password: str, password_hash: str | None) -> bool:
    """Whether a password belongs to a hash; ``None`` (no such account) takes as long and fails."""
    try:
        _hasher.verify(password_hash or _NOBODY, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return password_hash is not None
