"""Which account the current request is charged to, where accounts share a resource.

Guards set it. It is a context variable, so domain functions read it without knowing Flask.
"""

from __future__ import annotations

from contextvars import ContextVar

ANONYMOUS = 0
"""Stands for all callers without an account, such as readers of public links; no account has it."""

charged_account: ContextVar[int] = ContextVar("charged_account", default=ANONYMOUS)
"""The id of the caller's account; for a secret key, of the project's first owner; for a reader of a
public link, see ``readers_of_links``."""

_READERS = 2**32
"""More than any id of an account."""


def readers_of_links(owner_id: int) -> int:
    """Return who stands for the readers of all public links of one owner's projects."""
    return _READERS + owner_id


def is_anonymous(account: int) -> bool:
    """Return whether callers without an account are charged."""
    return account == ANONYMOUS or account >= _READERS // 2
