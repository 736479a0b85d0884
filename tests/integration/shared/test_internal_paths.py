"""Every service, asked without the gateway by whoever reaches its port."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

from deploy.local.backends import Backends
from shared.auth.internal_token import HEADER, internal_token
from shared.web.metrics_access import metrics_token
from tests.conftest import SECRET_KEY

_SERVICES = ("auth", "ingest", "processor", "query", "flags", "live")


@pytest.mark.parametrize("service", _SERVICES)
def test_internal_paths_and_metrics_need_a_token_of_their_own(
    backends: Backends, service: str
) -> None:
    app = import_module(f"services.{service}.app").create_app()
    client = app.test_client()
    internal = {HEADER: internal_token(SECRET_KEY)}
    reading = {"Authorization": f"Bearer {metrics_token(SECRET_KEY)}"}
    routes = [
        (method, re.sub("<.*?>", "1", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/internal")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]
    assert all("<" not in path for _, path in routes), routes
    assert bool(routes) == (service in {"auth", "processor", "query"})
    for method, path in routes:
        for headers in ({}, reading, {HEADER: "guessed"}, {HEADER: "\xfc"}):
            answer = client.open(path, method=method, headers=headers)
            assert answer.status_code == 404
            assert answer.json["code"] == "not_found"
    for headers in ({}, internal, {"Authorization": "Bearer guessed"}):
        assert client.get("/metrics", headers=headers).status_code == 401
    answer = client.get("/metrics", headers=reading)
    assert (answer.status_code, "tidemark_http_requests_total" in answer.text) == (200, True)
