"""Why an installation cannot start, in one sentence for the person at the terminal."""

from __future__ import annotations


class CannotStart(Exception):
    """Its message is the sentence that is printed; it says what to do next."""
