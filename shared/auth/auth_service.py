"""Ask the auth service what other services need of it, on its internal paths."""

from __future__ import annotations

from typing import Any

import requests

from shared.auth.internal_token import HEADER, internal_token
from shared.runtime.settings import Settings

_TIMEOUT_SECONDS = (1.0, 3.0)


class AuthService:
    """The auth service, as other services see it."""

    def __init__(self, settings: Settings) -> None:
        self._url = f"{settings.auth_url.rstrip('/')}/internal"
        self._headers = {HEADER: internal_token(settings.secret_key)}
        self._http = requests.Session()

    def request(self, method: str, path: str, json: Any = None) -> bytes:
        """Return the body of the answer to a request.

        Args:
            method: of HTTP.
            path: below ``/internal``, beginning with a slash.
            json: the body; None: there is none.

        Raises:
            requests.RequestException: auth is unavailable, or refuses the request.
        """
        answer = self._http.request(
            method, f"{self._url}{path}", json=json, headers=self._headers, timeout=_TIMEOUT_SECONDS
        )
        answer.raise_for_status()
        return answer.content
