"""What the dashboard takes from the services beside their OpenAPI documents."""

from __future__ import annotations

from tools import dashboard_constants


def test_the_constants_are_those_of_the_services() -> None:
    committed = dashboard_constants.PATH.read_text(encoding="utf-8")
    assert committed == dashboard_constants.content(), "run: make openapi"
