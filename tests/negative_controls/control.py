"""What a negative control is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Control:
    """One protection, and how to take it away."""

    name: str
    path: str
    """Of the file that has the protection."""
    protection: str
    """Text that occurs once in the file."""
    instead: str
    """The text without the protection."""
    tests: str
    """Arguments of pytest, or of Vitest for tests of the dashboard: the tests that have to fail."""

    @property
    def is_of_dashboard(self) -> bool:
        """Whether Vitest runs its tests."""
        return self.tests.startswith("dashboard/")
