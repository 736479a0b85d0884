"""Dead letters."""

from __future__ import annotations

from services.query.api.schemas.common import NumberedPageRequest


class DeadLetterListRequest(NumberedPageRequest):
    """The page of dead letters."""
