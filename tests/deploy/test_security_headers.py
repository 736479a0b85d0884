"""What browsers are told about our pages and answers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import requests
import yaml

from deploy.demo_config import write_demo_config
from tests.conftest import ROOT, Installation

_PAGES = ("/", "/login", "/projects/1", "/demo/snake/", "/api/v1/docs/")


def directives(policy: str) -> dict[str, list[str]]:
    parts = [part.split() for part in policy.split(";") if part.strip()]
    return {name: sources for name, *sources in parts}


@pytest.mark.parametrize("path", _PAGES)
def test_a_page_runs_only_scripts_that_are_files_of_ours(
    installation: Installation, path: str
) -> None:
    page = requests.get(installation.url + path, timeout=10)
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    policy = directives(page.headers["Content-Security-Policy"])
    assert policy["script-src"] == ["'self'"]
    assert policy["default-src"] in (["'self'"], ["'none'"])
    assert policy["object-src"] == policy["frame-ancestors"] == ["'none'"]
    assert policy["base-uri"] in (["'self'"], ["'none'"])
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "camera=()" in page.headers["Permissions-Policy"]
    assert page.headers["X-Frame-Options"] == "DENY"
    for attributes, content in re.findall(r"<script([^>]*)>(.*?)</script>", page.text, re.DOTALL):
        assert "src=" in attributes, path
        assert not content.strip(), path
    assert not re.search(r"\son[a-z]+\s*=", page.text), "a handler in an attribute"
    addresses = re.findall(r"(?:src|href)=\"([^\"]+)\"", page.text)
    assert all(not address.startswith(("http:", "https:", "//")) for address in addresses)


def test_an_answer_is_never_run_nor_kept_nor_taken_for_something_else(
    installation: Installation,
) -> None:
    browser = installation.login()
    project = f"{installation.url}/api/v1/projects/{installation.project_id}"
    for url, status in (
        (project, 200),
        (f"{installation.url}/api/v1/auth/me", 200),
        (f"{installation.url}/api/v1/analytics/{installation.project_id}/overview", 200),
        (f"{project}9999", 404),
        (f"{installation.url}/api/v1/nothing", 404),
    ):
        answer = browser.get(url, timeout=10)
        assert answer.status_code == status
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
        assert "camera=()" in answer.headers["Permissions-Policy"]
        if status == 200:
            policy = directives(answer.headers["Content-Security-Policy"])
            assert policy["default-src"] == policy["frame-ancestors"] == ["'none'"]


def test_login_cookies_are_not_sent_from_other_sites_nor_over_plain_http_by_default(
    installation: Installation,
) -> None:
    body = {key: installation.credentials[key] for key in ("email", "password")}
    answer = requests.post(f"{installation.url}/api/v1/auth/login", json=body, timeout=10)
    cookies = answer.raw.headers.getlist("Set-Cookie")
    assert len(cookies) == 3
    assert all("SameSite=Lax" in cookie for cookie in cookies)
    refresh = next(cookie for cookie in cookies if cookie.startswith("refresh_token="))
    assert "Path=/api/v1/auth;" in f"{refresh};"


def test_the_configuration_of_the_demos_has_the_headers_of_every_file(
    installation: Installation,
) -> None:
    answer = requests.get(f"{installation.url}/demo/config.json", timeout=10)
    assert answer.status_code == 200
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src" in answer.headers["Content-Security-Policy"]


def test_the_key_of_the_demos_is_published_only_where_they_are_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, credentials = tmp_path / "config.json", tmp_path / "credentials.json"
    # Installations of earlier versions have no project for the demos.
    credentials.write_text(json.dumps({"public_key": "pk_a", "secret_key": "sk_a"}))
    write_demo_config(path, credentials)
    assert json.loads(path.read_text()) == {"public_key": "pk_a", "dashboard": ""}
    known = {"public_key": "pk_a", "demo_public_key": "pk_demo", "url": "https://stats.example"}
    credentials.write_text(json.dumps(known))
    write_demo_config(path, credentials)
    assert json.loads(path.read_text()) == {
        "public_key": "pk_demo",
        "dashboard": "https://stats.example",
    }
    monkeypatch.setenv("DEMO", "false")
    write_demo_config(path, credentials)
    assert not path.exists()
    migrate = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["migrate"]
    assert migrate["environment"]["DEMO"] == "${DEMO:-false}"
