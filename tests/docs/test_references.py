"""What the documents refer to is there: files, headings, names in files, addresses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import requests
import yaml

from benchmarks.attack import PARTS
from shared.errors import ErrorCode
from shared.models import Base
from tests.conftest import ROOT, Installation
from tests.docs.markdown import documents

_LINK = re.compile(r"\]\((?!https?://|mailto:)([^)\s#]*)(?:#([^)\s]+))?\)")
_PATH = re.compile(
    r"`((?:services|shared|deploy|tools|tests|benchmarks|docs|dashboard|sdk|demo)/[\w./*-]*)"
    r"(?:`, `([A-Za-z_]\w*)(?:\(\))?)?`"
)
_ADDRESS = re.compile(r"http://127\.0\.0\.1:8000(/[^\s\"'`)>]*)")
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def anchors(path: Path) -> set[str]:
    """The names of a document's headings, as GitHub makes them."""
    found = set()
    for heading in re.findall(r"^#+ (.+)$", _FENCED.sub("", path.read_text()), re.MULTILINE):
        text = re.sub(r"[^\w\- ]", "", heading.strip().lower())
        found.add(text.replace(" ", "-"))
    return found


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_merge_is_unfinished(path: Path) -> None:
    assert not re.search(r"^(<<<<<<<|>>>>>>>) ", path.read_text(), re.MULTILINE)


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for target, anchor in _LINK.findall(_FENCED.sub("", path.read_text())):
        there = (path.parent / target).resolve() if target else path
        assert there.exists(), f"{path}: {target}"
        if anchor and there.suffix == ".md":
            assert anchor in anchors(there), f"{path}: {target}#{anchor}"


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_named_files_and_their_names_exist(path: Path) -> None:
    """`path/of/a/file.py` must exist, and `path/of/a/file.py`, `name` must be said in it."""
    for name, symbol in _PATH.findall(path.read_text()):
        found = list(ROOT.glob(name.rstrip("/"))) if "…" not in name else [ROOT]
        assert found, f"{path}: {name} does not exist"
        if symbol and name.endswith(".py"):
            assert re.search(rf"\b{symbol}\b", found[0].read_text()), f"{path}: {symbol} in {name}"


def test_tests_that_hold_what_was_mended_are_there() -> None:
    """Of each row of the table in `docs/testing.md`; `path`: name; name; `path`: name."""
    text = (ROOT / "docs/testing.md").read_text().split("## What the first dashboard got wrong")[1]
    rows = re.findall(r"^\| (\d+) \| [^|]+ \| (.+) \|$", text, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, len(rows) + 1))
    for number, tests in rows:
        for path, names in re.findall(r"`([^`]+)`: ((?:[^`](?!; `))+[^`])", tests):
            content = (ROOT / path).read_text()
            for name in _names(names, content):
                assert re.search(rf"def {re.escape(name)}\(|\"{re.escape(name)}\"", content), (
                    f"{number}: {path} has no test {name!r}"
                )


def test_what_attacks_must_not_do_is_asserted_by_tests_in_ci() -> None:
    """Of each attack that `make bench-attack` plays; `path`: name, name; `path`: name."""
    text = (ROOT / "docs/testing.md").read_text().split("## Attacks")[1].split("\n## ")[0]
    rows = dict(re.findall(r"^\| ([a-z]+) \| (.+) \|$", text, re.MULTILINE))
    assert rows.keys() == PARTS.keys()
    for attack, tests in rows.items():
        for path, names in re.findall(r"`([^`]+)`: ([^;]+)", tests):
            for name in names.split(", "):
                assert f"def {name.strip()}(" in (ROOT / path).read_text(), f"{attack}: {name}"


def _names(text: str, content: str) -> list[str]:
    """The names in a list of them, some of which have semicolons of their own."""
    return [text] if f'"{text}"' in content else text.split("; ")


def test_every_alert_has_its_section_in_operations() -> None:
    rules = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())
    alerts = {rule["alert"] for group in rules["groups"] for rule in group["rules"]}
    text = (ROOT / "docs/operations.md").read_text()
    assert {alert for alert in alerts if f"`{alert}`" not in text} == set()
    named = set(re.findall(r"`(Tidemark[A-Z]\w+)`", text))
    assert named <= alerts, named - alerts


def test_addresses_in_the_documents_answer(installation: Installation) -> None:
    for path in documents():
        for address in set(_ADDRESS.findall(_FENCED.sub("", path.read_text()))):
            response = requests.get(f"{installation.url}{address}", timeout=10)
            assert response.status_code < 400, f"{path}: {address}"


def test_every_table_is_described_in_the_data_model() -> None:
    text = (ROOT / "docs/data-model.md").read_text()
    assert {name for name in Base.metadata.tables if f"`{name}`" not in text} == set()


def test_the_index_lists_every_document_and_decision() -> None:
    index = (ROOT / "docs/README.md").read_text()
    for path in sorted((ROOT / "docs").rglob("*.md")):
        relative = str(path.relative_to(ROOT / "docs"))
        assert relative == "README.md" or f"({relative})" in index, relative


def test_decisions_have_the_same_headings_and_a_number_each() -> None:
    paths = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in paths] == list(range(1, len(paths) + 1))
    for path in paths:
        headings = re.findall(r"^## (.+)$", path.read_text(), re.MULTILINE)
        assert headings[:4] == ["Status", "Context", "Decision", "Consequences"], path


def test_every_error_code_is_explained() -> None:
    text = (ROOT / "docs/querying.md").read_text()
    assert {code.value for code in ErrorCode if f"`{code.value}`" not in text} == set()


def test_the_glossary_defines_each_term_once() -> None:
    text, _, _ = (ROOT / "docs/glossary.md").read_text().partition("## Retired words")
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ", text, re.MULTILINE)
    terms = [term.strip() for term, where in rows if "`" in where]
    assert len(terms) > 60
    assert len(set(terms)) == len(terms), sorted(terms)
