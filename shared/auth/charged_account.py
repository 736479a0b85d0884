"""Which account the current request is charged to, where accounts share a resource.

Guards set it. It is a context variable, so domain functions read it without knowing Flask.
"""

from __future__ import annotations

from contextvars import ContextVar

ANONYMOUS = 0
"""Stands for all callers without an account, such as readers of public links; no account has it."""

charged_account: ContextVar[int] = ContextVar("charged_account", default=ANONYMOUS)
"""The id of the caller's account; for a secret key, of the project's first owner."""
