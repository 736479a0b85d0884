"""Visits of real apps of Flask, Django, WSGI and ASGI, recorded by Tidemark's client for Python."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.clients.conftest import stored_events
from tests.conftest import ROOT, Installation

_BROWSERS = ("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", "Mozilla/5.0 (Windows NT 10.0) Edg/1")


_CLIENT = ROOT / "sdk/python/src"
_FRAMEWORKS = Path(sys.prefix) / "sdks" / "frameworks"
_USERS = {"flask": "user-7", "wsgi": "user-7", "starlette": "user-7", "django": "7"}
"""Who is logged in, by the app."""


@contextmanager
def _app(app: str, host: str, key: str, **settings: str) -> Iterator[str]:
    environment = {"HOST": host, "KEY": key, "EXIT_SECONDS": "30", "RECORD": "1", **settings}
    with subprocess.Popen(
        [sys.executable, f"tests/clients/sdks/tidemark_{app}.py"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{_CLIENT}:{_FRAMEWORKS}", **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.stdin.close()
        assert process.wait(60) == 0


def _browser(user_agent: str) -> requests.Session:
    browser = requests.Session()
    browser.headers["User-Agent"] = user_agent
    return browser


@pytest.mark.parametrize("app", _USERS)
def test_an_anonymous_visitor_who_logs_in_is_a_conversion(
    installation: Installation, app: str
) -> None:
    project = installation.new_project(app)
    converts, stays = map(_browser, _BROWSERS)
    with _app(app, installation.url, project["secret_key"]) as url:
        assert converts.get(url + "/", timeout=10).cookies.get_dict() == {}
        for path in ("/", "/data", "/nowhere"):
            stays.get(url + path, timeout=10)
        converts.post(url + "/login", timeout=10)
        converts.get(url + "/", timeout=10)
    stored = stored_events(installation, project["id"])
    assert [row.event_name for row in stored] == [
        "page_view", "page_view", "$identify", "page_view", "page_view",
    ]  # fmt: skip
    assert stored[2].distinct_id == _USERS[app]
    assert stored[0].page_url == stored[1].page_url == f"{url}/"

    def read(path: str) -> Any:
        answer = requests.get(
            f"{installation.url}/api/analytics/{path}/",
            headers={"X-API-Key": project["secret_key"]},
            timeout=10,
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    today = read("visitors/today")
    assert (today["total_visitors"], today["authenticated_visitors"]) == (2, 1)
    assert today["total_page_views"] == 4
    conversions = read("conversions")
    assert conversions["total_conversions"] == 1
    waited = (stored[2].timestamp - stored[0].timestamp).total_seconds()
    assert abs(conversions["avg_time_to_conversion"] - waited) < 0.01


def test_recording_changes_no_header_of_djangos_answers() -> None:
    """Reading the user would make each page vary by cookie."""
    seen = []
    for record in ("", "1"):
        with _app("django", "http://127.0.0.1:9", "sk_any", EXIT_SECONDS="0", RECORD=record) as url:
            headers = requests.get(url + "/", timeout=10).headers
            seen.append({name: headers[name] for name in headers if name.lower() != "date"})
    assert seen[0] == seen[1]


@pytest.mark.parametrize("app", _USERS)
def test_an_app_answers_as_before_while_tidemark_is_away_or_user_id_fails(app: str) -> None:
    with _app(app, "http://127.0.0.1:9", "sk_any", EXIT_SECONDS="0", BROKEN="1") as url:
        statuses = [requests.get(url + "/", timeout=10).status_code for _ in range(50)]
    assert statuses == [200] * 50
