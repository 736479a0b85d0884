"""A WSGI app with a login whose visits Tidemark records; it ends when its input does."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable
from http.cookies import SimpleCookie
from typing import Any

from tidemark import Client
from tidemark.wsgi import RecordVisits
from werkzeug.serving import make_server

_PAGES = {
    "/": ("200 OK", "text/html; charset=utf-8", b"<h1>Home</h1>"),
    "/data": ("200 OK", "application/json", b"{}"),
}


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a page, data, or log everybody in as the same user."""
    cookies = SimpleCookie(environ.get("HTTP_COOKIE", ""))
    if "user" in cookies:
        environ["app.user"] = cookies["user"].value
    if environ["PATH_INFO"] == "/login":
        environ["app.user"] = "user-7"
        start_response("302 Found", [("Location", "/"), ("Set-Cookie", "user=user-7; Path=/")])
        return [b""]
    missing = ("404 Not Found", "text/html", b"?")
    status, kind, body = _PAGES.get(environ["PATH_INFO"], missing)
    start_response(status, [("Content-Type", kind)])
    return [body]


recorded = RecordVisits(
    app,
    Client(os.environ["HOST"], os.environ["KEY"], exit_seconds=float(os.environ["EXIT_SECONDS"])),
    lambda environ: environ["user"] if os.environ.get("BROKEN") else environ.get("app.user"),
    "a secret of a test",
)
server = make_server("127.0.0.1", 0, recorded, threaded=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
