"""Public links through the gateway: a password, dates within limits, pages that embed them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, expect

from tests.conftest import Installation
from tests.e2e.test_web_page import keep_picture
from tests.support.axe import findings_of_both_schemes
from tests.support.http_server import HttpServer

PASSWORD = "harbour lights at nine"
_WAIT_MS = 20_000


class Board:
    """A dashboard with one insight, and the calls of the owner to share it."""

    def __init__(self, installation: Installation) -> None:
        project = installation.new_project("Shared links")
        self.project_id: int = project["id"]
        installation.ingest(project["public_key"], {"event": "opened", "distinct_id": "ada"})
        installation.wait_until_stored()
        self._owner = installation.login()
        self._base = f"{installation.url}/api/v1/analytics/{project['id']}"
        self.shared = f"{installation.url}/api/v1/analytics/shared/dashboards"
        query = {"period": "7d", "series": [{"event": "opened"}]}
        self.insight = self._post(
            "saved-insights/", {"name": "Ships", "kind": "trends", "query": query}
        )["id"]
        tiles = {"items": [{"insight_id": self.insight}]}
        self.key = self._post("dashboards/", {"name": "Harbour", "tiles": tiles})["id"]

    def _post(self, path: str, body: Any) -> Any:
        answer = self._owner.post(f"{self._base}/{path}", json=body, timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    def share(self, **options: Any) -> str:
        """Create a link, and return its token."""
        token: str = self._post(f"dashboards/{self.key}/share", options)["token"]
        return token

    def read(self, token: str, path: str = "", access: str = "", **params: Any) -> Any:
        """Read what a link gives."""
        return requests.get(
            f"{self.shared}/{token}{path}",
            headers={"X-Share-Access": access},
            params=params,
            timeout=30,
        )

    def segment(self, event: str) -> int:
        """Save a segment of the events of a name, and return its id."""
        filters = {"property": "event_name", "value": event}
        segment: int = self._post("segments/", {"name": f"Only {event}", "filters": filters})["id"]
        return segment

    def delete_segment(self, segment: int) -> None:
        """Delete a segment."""
        assert self._owner.delete(f"{self._base}/segments/{segment}", timeout=30).ok

    def give_password(self, token: str, password: str) -> requests.Response:
        """Send the password of a link."""
        url = f"{self.shared}/{token}/access"
        return requests.post(url, json={"password": password}, timeout=30)


@pytest.fixture(scope="module")
def board(installation: Installation) -> Board:
    return Board(installation)


def test_a_link_with_a_password_gives_nothing_without_it(board: Board) -> None:
    token = board.share(password=PASSWORD)
    for path in ("", f"/insights/{board.insight}"):
        for access in ("", "9999999999.0", "x.y"):
            refused = board.read(token, path, access)
            assert (refused.status_code, refused.json()["code"]) == (403, "share_password_required")
    assert "Harbour" not in board.read(token).text
    given = board.give_password(token, PASSWORD).json()["access"]
    assert PASSWORD not in given
    assert board.read(token, "", given).json()["name"] == "Harbour"
    assert board.read(token, f"/insights/{board.insight}", given).status_code == 200
    # An access ends with the link that it was given for.
    newer = board.share(password=PASSWORD)
    assert board.read(newer, "", given).status_code == 403


def test_wrong_passwords_of_a_link_are_limited(board: Board) -> None:
    token = board.share(password=PASSWORD)
    tried = [board.give_password(token, f"guess number {number}") for number in range(6)]
    assert [one.status_code for one in tried] == [403] * 5 + [429]
    assert tried[0].json()["code"] == "share_password_wrong"
    assert int(tried[5].headers["Retry-After"]) > 60
    assert board.give_password(token, PASSWORD).status_code == 429
    assert board.give_password(board.share(password=PASSWORD), PASSWORD).status_code == 200


def test_readers_choose_dates_only_within_what_the_link_allows(board: Board) -> None:
    path = f"/insights/{board.insight}"
    only = board.share(period="30d")
    assert board.read(only, path, period="90d").status_code == 422
    assert board.read(only, path, **{"from": "2026-01-01", "to": "2026-01-02"}).status_code == 422
    shown, asked = board.read(only, path).json(), board.read(only, path, period="30d").json()
    assert (shown["from"], shown["to"]) == (asked["from"], asked["to"])
    since = board.share(earliest="2026-03-01")
    early = board.read(since, path, **{"from": "2026-02-28", "to": "2026-03-02"})
    assert (early.status_code, "2026-03-01" in str(early.json()["errors"])) == (422, True)
    assert board.read(since, path, **{"from": "2026-03-01", "to": "2026-03-02"}).ok


def test_readers_choose_only_segments_that_the_link_offers(board: Board) -> None:
    path = f"/insights/{board.insight}"
    opened, closed = board.segment("opened"), board.segment("closed")
    token = board.share(segments=[opened, closed])
    offered = board.read(token).json()["segments"]
    assert offered == [
        {"id": closed, "name": "Only closed"},
        {"id": opened, "name": "Only opened"},
    ]
    totals = {
        segment: board.read(token, path, segment=segment).json()["series"][0]["total"]
        for segment in (opened, closed)
    }
    assert totals == {opened: 1, closed: 0}
    assert board.read(token, path, filters="{}").status_code == 422
    with pytest.raises(AssertionError, match="no segment 2147483647"):
        board.share(segments=[2**31 - 1])
    board.delete_segment(closed)
    assert [one["id"] for one in board.read(token).json()["segments"]] == [opened]
    assert board.read(token, path, segment=closed).status_code == 422
    none = board.share()
    assert board.read(none).json()["segments"] == []
    assert board.read(none, path, segment=opened).status_code == 422


def test_only_allowed_sites_embed_a_link(board: Board, installation: Installation) -> None:
    token = board.share(origins=["https://reef.example", "http://127.0.0.1:9"])
    page = requests.get(f"{installation.url}/embed/{token}", timeout=30)
    ancestors = "frame-ancestors https://reef.example http://127.0.0.1:9;"
    assert ancestors in page.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in page.headers
    for address in (f"/shared/{token}", f"/embed/{board.share()}", "/embed/1-unknown", "/embed/"):
        page = requests.get(installation.url + address, timeout=30)
        assert (page.status_code, page.headers["X-Frame-Options"]) == (200, "DENY"), address
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"], address
    for origin in ("https://reef.example/page", "'self'", "https://*", "data:", "a; script-src *"):
        with pytest.raises(AssertionError, match="origins"):
            board.share(origins=[origin])


class Site(BaseHTTPRequestHandler):
    """A page of another site, which embeds the address after the question mark."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        embedded = self.path.partition("?")[2]
        self.wfile.write(f'<iframe src="{embedded}" width="900" height="700">'.encode())

    def log_message(self, *args: Any) -> None:
        """Write no log."""


@pytest.fixture
def sites() -> Iterator[list[str]]:
    """The origins of two sites."""
    servers = [HttpServer(("127.0.0.1", 0), Site) for _ in range(2)]
    threads = [threading.Thread(target=server.serve_forever) for server in servers]
    for thread in threads:
        thread.start()
    yield [f"http://127.0.0.1:{server.server_port}" for server in servers]
    for server, thread in zip(servers, threads, strict=True):
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_site_embeds_a_link_and_another_site_cannot(
    board: Board, browser: Browser, installation: Installation, sites: list[str]
) -> None:
    token = board.share(password=PASSWORD, origins=[sites[0]])
    embedded = f"{installation.url}/embed/{token}"
    page = browser.new_context().new_page()
    page.goto(f"{sites[0]}/?{embedded}")
    inside = page.frame_locator("iframe")
    inside.get_by_label("Password", exact=True).fill(PASSWORD)
    inside.get_by_role("button", name="Open dashboard").click()
    expect(inside.get_by_role("region", name="Ships")).to_contain_text("1", timeout=_WAIT_MS)
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(f"{sites[1]}/?{embedded}")
    page.wait_for_timeout(500)
    assert any("frame-ancestors" in text for text in refused), refused
    expect(inside.get_by_label("Password", exact=True)).to_have_count(0)


def test_a_reader_enters_the_password_once(
    board: Board, browser: Browser, installation: Installation
) -> None:
    token = board.share(password=PASSWORD, earliest="2026-03-01")
    page = browser.new_context(bypass_csp=True).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{installation.url}/shared/{token}")
    field = page.get_by_label("Password", exact=True)
    field.fill("not the password")
    field.press("Enter")
    expect(page.get_by_text("This password is wrong.")).to_be_visible(timeout=_WAIT_MS)
    keep_picture(page, "shared-password")
    assert findings_of_both_schemes(page) == []
    field.fill(PASSWORD)
    field.press("Enter")
    tile = page.get_by_role("region", name="Ships")
    expect(tile).to_contain_text("1", timeout=_WAIT_MS)
    page.reload()
    expect(tile).to_contain_text("1", timeout=_WAIT_MS)
    page.goto(f"{installation.url}/shared/{token}?from=2026-01-01&to=2026-03-05")
    expect(page.get_by_role("button", name="Dates")).to_contain_text("Mar 1 – 5", timeout=_WAIT_MS)
    keep_picture(page, "shared")
    assert not [url for url in asked if PASSWORD.split(maxsplit=1)[0] in url]
    assert findings_of_both_schemes(page) == []
