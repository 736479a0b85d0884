"""Crawlers are told from people by 500 user agents that were labelled by hand."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import cast, get_args

import pytest

from services.ingest.bots import Crawler, CrawlerClass, crawler_of

_TABLE = Path(__file__).parent / "user_agents.csv"
"""``class``: that of a crawler, or person, library (an app's or a server's), headless (a browser in
tests), which are none; ``source``: where its operator describes it, or the product's own page."""
_NO_CRAWLERS = {"person", "library", "headless"}
_UNLISTED = {"plankton.example", "acme.example", "example.org", "new.example"}
"""Crawlers that only name themselves so: anybody may, so their operator is unknown."""
ROWS = list(csv.DictReader(_TABLE.read_text().splitlines()))


def _labelled(row: dict[str, str]) -> Crawler | None:
    if row["class"] in _NO_CRAWLERS:
        return None
    operator = "" if row["operator"] in _UNLISTED else row["operator"]
    return Crawler(cast("CrawlerClass", row["class"]), operator)


def test_no_labelled_user_agent_has_a_wrong_class_or_operator() -> None:
    wrong = [
        (row["class"], row["operator"], crawler_of(row["user_agent"]), row["user_agent"])
        for row in ROWS
        if crawler_of(row["user_agent"]) != _labelled(row)
    ]
    assert wrong == []


def test_the_table_has_enough_of_every_class_with_operator_and_source() -> None:
    assert len({row["user_agent"] for row in ROWS}) == len(ROWS) >= 500
    classes = Counter(row["class"] for row in ROWS)
    assert set(classes) == {*get_args(CrawlerClass), *_NO_CRAWLERS}
    assert classes["person"] >= 200
    assert all(row["operator"] and row["source"] for row in ROWS)


@pytest.mark.parametrize(
    "user_agent",
    [
        "a." * 250,
        "bot/" * 125,
        "bot " + "http:" * 100,
        "(+" * 250,
        "\x00" * 500,
        "Ĳ" * 500,
        "Mozilla/5.0 " * 10_000,
    ],
)
def test_any_text_has_an_answer(user_agent: str) -> None:
    found = crawler_of(user_agent)
    assert found is None or found.crawler_class in get_args(CrawlerClass)
