"""Names of the pictures of the dashboard's pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.screenshots.own_tidemark import OwnTidemark
from tools.screenshots.pages import name_of

TIDEMARK = OwnTidemark(Path(), "http://localhost", "", "", {"shop": 1, "game": 12})


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/login", "login"),
        ("/admin/audit-log", "admin-audit-log"),
        ("/p/1", "home"),
        ("/p/12/game/economy", "game-economy"),
        ("/p/1/events/catalog?name=signed_up", "events-catalog-signed_up"),
    ],
)
def test_a_picture_is_named_after_its_page_whatever_the_project(address: str, name: str) -> None:
    assert name_of(address, TIDEMARK) == name
