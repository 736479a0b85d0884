"""Requests for dead letters."""

from __future__ import annotations

from shared.web.schemas import PageQuery


class DeadLetterListRequest(PageQuery):
    """The page of dead letters."""
