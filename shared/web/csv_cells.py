"""Cells of CSV files that people open in spreadsheets."""

from __future__ import annotations

# The last four are the full-width forms of the first four, which some spreadsheets accept too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def escape_formula(cell: str) -> str:
    """Return a text that no spreadsheet takes for a formula (OWASP: CSV injection)."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
