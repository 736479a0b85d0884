"""Why an installation cannot start, in one sentence for the person at the terminal."""

from __future__ import annotations


class CannotStart(Exception):  # noqa: N818 (reads as the sentence it is)
    """Its message is the sentence that is printed; it says what to do next."""
