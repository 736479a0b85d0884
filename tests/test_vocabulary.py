"""No name uses a word that the glossary has retired."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT

PYTHON_FOLDERS = ("services", "shared", "tools", "deploy")
TYPESCRIPT_FOLDERS = ("dashboard/src", "sdk/javascript/src")
KINDS = {"word", "name", "prefix", "module", "anywhere"}
# Files that a tool writes; the names in them are those of the API's schemas.
_GENERATED = ".gen."
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_EXPORT = re.compile(
    r"^\s*export\s+(?:default\s+)?(?:abstract\s+)?(?:async\s+)?"
    r"(?:function\*?|class|const|let|type|interface|enum)\s+(\w+)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Retired:
    """A word that is no longer used."""

    text: str
    kind: str
    """One of ``KINDS``, which the glossary explains."""
    instead: str

    def is_in(self, name: str, *, is_module: bool, is_public: bool = True) -> bool:
        """Return whether a name uses the word."""
        if self.kind == "module":
            return is_module and name == self.text
        if self.kind == "prefix":
            return name.lstrip("_").startswith(self.text)
        if self.kind == "anywhere":
            return self.text in words(name)
        if self.kind == "name":
            return is_public and name == self.text
        return is_public and self.text in words(name)


def words(name: str) -> list[str]:
    """Return the words of a name, in lower case: kept and answers of ``keptAnswers``."""
    return [word.lower() for word in _WORDS.findall(name)]


def retired_words() -> list[Retired]:
    """Return the table at the end of the glossary."""
    _, _, section = (ROOT / "docs" / "glossary.md").read_text().partition("## Retired words")
    found = []
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and cells[0].startswith("`"):
            texts = re.findall(r"`([^`]+)`", cells[0])
            found += [Retired(text, cells[1], cells[2]) for text in texts]
    return found


def python_names(source: str) -> Iterator[str]:
    """Yield the public functions, classes, methods and constants of a module."""
    for node in ast.parse(source).body:
        yield from _defined(node)
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                yield from _defined(inner)


def _defined(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        names = [node.name]
    elif isinstance(node, ast.Assign):
        names = [target.id for target in node.targets if isinstance(target, ast.Name)]
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        names = [node.target.id]
    else:
        names = []
    yield from (name for name in names if not name.startswith("_"))


def assigned_names(source: str) -> Iterator[str]:
    """Yield every name that a module defines: private ones, parameters and variables too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr


def refused(path: str, source: str, retired: list[Retired]) -> list[str]:
    """Return the retired words in a file's names, each with its replacement."""
    modules = [Path(path).name.partition(".")[0], *Path(path).parts[:-1]]
    is_python = path.endswith(".py")
    public = set(python_names(source) if is_python else _EXPORT.findall(source))
    private = set(assigned_names(source)) - public if is_python else set()
    return [
        f"{path}: {name} (use: {one.instead})"
        for one in retired
        for name in [
            *(name for name in modules if one.is_in(name, is_module=True)),
            *sorted(name for name in public if one.is_in(name, is_module=False)),
            *sorted(name for name in private if one.is_in(name, is_module=False, is_public=False)),
        ]
    ]


def sources() -> Iterator[Path]:
    """Yield every module of the product."""
    for folder in PYTHON_FOLDERS:
        yield from sorted((ROOT / folder).rglob("*.py"))
    for folder in TYPESCRIPT_FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.ts*")):
            if _GENERATED not in path.name:
                yield path


def test_no_retired_word_is_in_a_name() -> None:
    retired = retired_words()
    found = []
    for path in sources():
        relative = path.relative_to(ROOT)
        if "node_modules" not in relative.parts and "versions" not in relative.parts:
            found += refused(str(relative), path.read_text(), retired)
    assert not found, "\n".join(found)


def test_the_table_of_retired_words_is_read() -> None:
    retired = retired_words()
    assert {"kept", "turns", "Pick", "MOST_", "seen"} <= {one.text for one in retired}
    assert {one.kind for one in retired} == KINDS
    assert all(one.instead for one in retired)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("services/query/kept.py", ""),
        ("services/query/seen.py", ""),
        ("services/processor/people/store.py", ""),
        ("services/query/a.py", "def kept_export() -> None: ..."),
        ("services/query/a.py", "class KeptAnswers: ..."),
        ("services/query/a.py", "class A:\n    def turn(self) -> None: ..."),
        ("services/query/a.py", "class A:\n    told: int = 0"),
        ("services/query/a.py", "def _told() -> None: ..."),
        ("services/query/a.py", "def read() -> None:\n    knows_all = 1"),
        ("services/query/a.py", "class A:\n    def read(self) -> None:\n        self._place = 1"),
        ("services/query/a.py", "def limit(most_mib: int) -> None: ..."),
        ("services/query/a.py", "_LONGEST_PAUSE = 3"),
        ("services/query/a.py", "MOST_ROWS = 3"),
        ("services/query/a.py", "class Pick: ..."),
        ("dashboard/src/a.ts", "export const keptKeys = {};"),
        ("dashboard/src/SignInElsewhere.tsx", ""),
        ("sdk/javascript/src/queue.ts", "export interface Letter {}"),
    ],
)
def test_a_retired_word_is_noticed(path: str, source: str) -> None:
    assert refused(path, source, retired_words())


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("services/query/a.py", "def last_seen() -> None: ..."),
        ("services/query/a.py", "class DeadLetter: ..."),
        ("services/query/a.py", "def split_by_name() -> None: ..."),
        ("services/query/a.py", "def _kept() -> None: ..."),
        ("dashboard/src/a.ts", "export function returned(): void {}"),
    ],
)
def test_the_fields_own_words_are_not_refused(path: str, source: str) -> None:
    assert refused(path, source, retired_words()) == []
