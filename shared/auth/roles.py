"""The roles of a project's members."""

from __future__ import annotations

ROLES = ("viewer", "analyst", "member", "admin", "owner")
"""From the least to the most powerful; each may do everything that the ones before it may."""


def is_at_least(role: str, minimum: str) -> bool:
    """Return whether a role includes everything that another may do."""
    return ROLES.index(role) >= ROLES.index(minimum)
