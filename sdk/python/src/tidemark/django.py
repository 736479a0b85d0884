"""The adapter for Django: a line in ``MIDDLEWARE``, after the one that knows who is logged in."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tidemark.client import Client
from tidemark.visits import Visit, Visits


class VisitsMiddleware:
    """Records the visits of a site's pages.

    Settings: ``TIDEMARK_HOST`` and ``TIDEMARK_KEY``. ``SECRET_KEY`` makes the fingerprints.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response
        options = getattr(settings, "TIDEMARK_OPTIONS", {})
        self.client = Client(settings.TIDEMARK_HOST, settings.TIDEMARK_KEY, **options)
        self._visits = Visits(self.client, str(settings.SECRET_KEY))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request as the site does."""
        response = self._get_response(request)
        self._visits.record(lambda: self._visit(request, response))
        return response

    def _visit(self, request: HttpRequest, response: HttpResponse) -> Visit:
        return Visit(
            request.method or "",
            response.status_code,
            response.headers.get("Content-Type", ""),
            # What build_absolute_uri() returns, without taking the path apart again.
            f"{request.scheme}://{request.get_host()}{request.get_full_path()}",
            # request.headers would copy all of them.
            request.META.get("HTTP_REFERER", ""),
            request.META.get("REMOTE_ADDR", ""),
            request.META.get("HTTP_USER_AGENT", ""),
            self._visits.ask(lambda: _user_id(request)),
        )


def _user_id(request: HttpRequest) -> str | None:
    session = getattr(request, "session", None)
    accessed = getattr(session, "accessed", None)
    try:
        user = getattr(request, "user", None)
        return str(user.pk) if user is not None and user.is_authenticated else None
    finally:
        if session is not None and accessed is False:
            # The response does not depend on the session: it must not get "Vary: Cookie" for
            # this reading, which would keep caches from storing it.
            session.accessed = False
