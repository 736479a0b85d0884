"""Dead letters."""

from __future__ import annotations

from services.query.api.schemas.common import NumberedPageQuery


class DeadLettersQuery(NumberedPageQuery):
    """A page of dead letters."""
