"""Read the documents: their fenced blocks, their links, and the answers that they show."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

ANYTHING = "…"
"""Stands for any value in an answer that a document shows."""
_FENCE = re.compile(r"^```(?P<info>[^`\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One fenced block of a document."""

    path: Path
    line: int
    language: str
    words: tuple[str, ...]
    """What follows the language on the fence, such as ``not-run``."""
    text: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}"

    def option(self, name: str) -> str | None:
        """The value of a word such as ``zone=UTC``."""
        for word in self.words:
            key, found, value = word.partition("=")
            if found and key == name:
                return value
        return None


def documents() -> list[Path]:
    """Every document that a reader is sent to from the README."""
    return [
        *sorted(ROOT.glob("*.md")),
        *(
            ROOT / name / "README.md"
            for name in ("deploy", "demo", "sdk/javascript", "sdk/python", "sdk/examples")
        ),
        *sorted((ROOT / "docs").rglob("*.md")),
    ]


def blocks(path: Path) -> list[Block]:
    """The fenced blocks of a document, in order."""
    text = path.read_text()
    found = []
    for match in _FENCE.finditer(text):
        language, *words = match["info"].split() or [""]
        line = text.count("\n", 0, match.start()) + 1
        found.append(Block(path, line, language, tuple(words), match["text"]))
    return found


def difference(shown: Any, found: Any, where: str = "answer") -> str | None:
    """The first difference between an answer that a document shows and the real one.

    Objects may leave out keys, lists may not leave out items; ``ANYTHING`` matches every value.
    """
    if shown == ANYTHING:
        return None
    if isinstance(shown, dict) and isinstance(found, dict):
        for key, value in shown.items():
            if key not in found:
                return f"{where} has no {key!r}: {sorted(found)}"
            different = difference(value, found[key], f"{where}.{key}")
            if different:
                return different
        return None
    if isinstance(shown, list) and isinstance(found, list):
        if len(shown) != len(found):
            return f"{where} has {len(found)} items, shown are {len(shown)}: {found}"
        for index, (one, other) in enumerate(zip(shown, found, strict=True)):
            different = difference(one, other, f"{where}.{index}")
            if different:
                return different
        return None
    same = shown == found and isinstance(shown, bool) == isinstance(found, bool)
    return None if same else f"{where} is {found!r}, shown is {shown!r}"
