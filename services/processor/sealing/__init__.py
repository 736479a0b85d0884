"""Seal a project's closed local days.

``due.py`` lists the days, ``day.py`` seals one in named steps: ``rows.py`` reads it,
``aggregate.py`` counts it, ``summaries.py`` summarises it, ``store.py`` writes it. Why a late event
cannot be missed: docs/decisions/0007-sealed-days.md.
"""
