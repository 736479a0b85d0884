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
    """Arguments of pytest, or of Vitest for tests in TypeScript: the tests that have to fail."""

    @property
    def vitest_folder(self) -> str | None:
        """The folder in which Vitest runs its tests; None: pytest runs them."""
        folders = ("dashboard", "sdk/javascript")
        return next((one for one in folders if self.tests.startswith(f"{one}/")), None)
