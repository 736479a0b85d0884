"""A Starlette app with a login whose visits Tidemark records; it ends when its input does."""

from __future__ import annotations

import os
import socket
import sys
import threading
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from tidemark import Client
from tidemark.asgi import RecordVisits


async def home(request: Request) -> Response:
    """Answer a page."""
    request.state.user = request.cookies.get("user")
    return HTMLResponse("<h1>Home</h1>")


async def data(_: Request) -> Response:
    """Answer what is no page."""
    return JSONResponse({"answer": 42})


async def login(request: Request) -> Response:
    """Log everybody in as the same user."""
    request.state.user = "user-7"
    response = RedirectResponse("/", 302)
    response.set_cookie("user", "user-7")
    return response


def user_of(scope: dict[str, Any]) -> str | None:
    """Return who is logged in."""
    if os.environ.get("BROKEN"):
        raise ValueError("broken")
    found: str | None = scope.get("state", {}).get("user")
    return found


app: Any = Starlette(
    routes=[Route("/", home), Route("/data", data), Route("/login", login, methods=["POST"])]
)
if os.environ["RECORD"]:
    exit_seconds = float(os.environ["EXIT_SECONDS"])
    client = Client(os.environ["HOST"], os.environ["KEY"], exit_seconds=exit_seconds)
    app = RecordVisits(app, client, user_of, "a secret of a test")
listening = socket.create_server(("127.0.0.1", 0))
server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
threading.Thread(target=server.run, args=([listening],), daemon=True).start()
print(listening.getsockname()[1], flush=True)
sys.stdin.read()
