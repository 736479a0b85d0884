"""Sealing a project's closed local days.

``due.py`` finds the days, ``day.py`` seals one in named steps: ``rows.py`` reads it, ``tally.py``
counts it, ``summaries.py`` sums it up, ``store.py`` writes it. Why a late event can never be
missed: docs/decisions/0007-sealed-days.md.
"""
