"""The checks of the documents can fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.docs.markdown import blocks, difference


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": "…"}, {"a": [1, 2]}),
        ([{"a": 1}, "…"], [{"a": 1}, 2]),
    ],
)
def test_a_shortened_answer_is_the_same(shown: object, found: object) -> None:
    assert difference(shown, found) is None


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {}),
        ([1], [1, 2]),
        ({"a": True}, {"a": 1}),
        ({"a": {"b": None}}, {"a": {"b": 0}}),
    ],
)
def test_another_answer_is_noticed(shown: object, found: object) -> None:
    assert difference(shown, found)


def test_blocks_are_found_with_their_words(tmp_path: Path) -> None:
    document = ROOT / "docs" / "metrics.md"
    assert len(blocks(document)) > 20
    text = "A\n\n```csv events zone=UTC\na,b\n```\n\nB\n\n```json\n{}\n```\n"
    (tmp_path / "one.md").write_text(text)
    first, second = blocks(tmp_path / "one.md")
    assert (first.language, first.words, first.text) == ("csv", ("events", "zone=UTC"), "a,b\n")
    assert first.option("zone") == "UTC"
    assert (second.language, second.line) == ("json", 9)
