"""Cells of CSV files that people open in spreadsheets."""

from __future__ import annotations

# The last four are the full-width forms of the first four, which some spreadsheets accept too.
BYTE_ORDER_MARK = "\ufeff"
"""Begins a file with other letters than ASCII: without it spreadsheets show ü as Ã¼."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def escape_formula(cell: str) -> str:
    """Return a text that no spreadsheet takes for a formula (OWASP: CSV injection).

    A text that already has apostrophes before a formula gets one more, so that no two texts become
    the same cell.
    """
    return f"'{cell}" if cell.lstrip("'").startswith(FORMULA) else cell
