"""Ask the query service for answers to insights, over HTTP with the internal token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import requests

from shared.auth.internal_token import HEADER, internal_token
from shared.runtime.settings import Settings

BUSY = 503
"""The status of an answer that can be had later."""


class QueryServiceAway(Exception):
    """The query service does not answer, so that no figure can be had."""


class QueryClient:
    """The query service, as the processor asks it."""

    def __init__(self, settings: Settings, timeout: tuple[float, float]) -> None:
        """Create a client; ``timeout`` is to connect and to read, in seconds."""
        self.url = f"{settings.query_url.rstrip('/')}/internal/answers"
        self._headers = {HEADER: internal_token(settings.secret_key)}
        self._timeout = timeout
        self._http = requests.Session()

    def answers(
        self,
        project_id: int,
        questions: Sequence[Mapping[str, Any]],
        now: datetime | None = None,
    ) -> dict[str, Any]:
        """Return the answers to questions about one project, in their order.

        Args:
            project_id: the project.
            questions: as the internal endpoint documents them.
            now: what named periods end with; None: the current time.

        Raises:
            QueryServiceAway: it does not answer.
        """
        body: dict[str, Any] = {"project_id": project_id, "questions": questions}
        if now is not None:
            body["now"] = now.isoformat()
        try:
            response = self._http.post(
                self.url, json=body, headers=self._headers, timeout=self._timeout
            )
            response.raise_for_status()
            found: dict[str, Any] = msgspec.json.decode(response.content)
        except (requests.RequestException, msgspec.DecodeError) as error:
            raise QueryServiceAway(
                f"The query service did not answer ({type(error).__name__}). It is asked again."
            ) from error
        return found
