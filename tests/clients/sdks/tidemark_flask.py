"""A Flask app with a login whose visits Tidemark records; it ends when its input does."""

from __future__ import annotations

import os
import sys
import threading

from flask import Flask, redirect, session
from tidemark import Client
from tidemark.flask import record_visits
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

app = Flask(__name__)
app.secret_key = "for the cookie of a test"
if os.environ["RECORD"]:
    record_visits(
        app,
        Client(
            os.environ["HOST"], os.environ["KEY"], exit_seconds=float(os.environ["EXIT_SECONDS"])
        ),
        lambda: session["user"] if os.environ.get("BROKEN") else session.get("user"),
    )


@app.get("/")
def home() -> str:
    """Answer a page."""
    return "<h1>Home</h1>"


@app.get("/data")
def data() -> dict[str, int]:
    """Answer what is no page."""
    return {"answer": 42}


@app.post("/login")
def login() -> Response:
    """Log everybody in as the same user."""
    session["user"] = "user-7"
    return redirect("/")


server = make_server("127.0.0.1", 0, app, threaded=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
