"""A Django site with a login whose visits Tidemark records; it ends when its input does."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from pathlib import Path

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import path
from werkzeug.serving import make_server

folder = tempfile.TemporaryDirectory()
settings.configure(
    SECRET_KEY="for the cookie of a test",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"],
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": Path(folder.name) / "site.sqlite3",
        }
    },
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        *(["tidemark.django.VisitsMiddleware"] if os.environ["RECORD"] else []),
    ],
    TIDEMARK_HOST=os.environ["HOST"],
    TIDEMARK_KEY=os.environ["KEY"],
    TIDEMARK_OPTIONS={"exit_seconds": float(os.environ["EXIT_SECONDS"])},
)
django.setup()

from django.contrib.auth import get_user_model, login  # noqa: E402 (need the settings)
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402

call_command("migrate", verbosity=0)
user = get_user_model().objects.create(pk=7, username="user-7")


class _Broken:
    """A user of whom nothing can be told."""


def home(request: HttpRequest) -> HttpResponse:
    """Answer a page."""
    if os.environ.get("BROKEN"):
        request.user = _Broken()
    return HttpResponse("<h1>Home</h1>")


def data(_: HttpRequest) -> HttpResponse:
    """Answer what is no page."""
    return JsonResponse({"answer": 42})


def log_in(request: HttpRequest) -> HttpResponse:
    """Log everybody in as the same user."""
    login(request, user)
    return HttpResponseRedirect("/")


urlpatterns = [path("", home), path("data", data), path("login", log_in)]
server = make_server("127.0.0.1", 0, get_wsgi_application(), threaded=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
