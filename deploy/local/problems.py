"""The error that prevents an installation from starting."""

from __future__ import annotations


class CannotStart(Exception):
    """Tidemark cannot start; the message is printed, and names the cause and the next step."""
