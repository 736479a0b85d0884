"""Refuse regular expressions that could keep PostgreSQL busy; PostgreSQL checks their syntax."""

from __future__ import annotations

import re

from services.query.parsing.errors import invalid_field

MAX_REGEX_LENGTH = 200
MAX_REPETITIONS = 50
MAX_COUNTED = 3
MAX_EXPANDED_LENGTH = 1_000
"""PostgreSQL writes counted repetitions out. 1,000 cost 0.1 ms for each text of 120 characters,
9,000 cost 0.7 ms and much memory."""

_BACK_REFERENCE = re.compile(r"\\[1-9]")
_BRACKETS = r"\[\^?\]?(?:\\.|\[[:.=].*?[:.=]\]|[^\]\\])*\]"
_BOUND = r"\{(?P<least>\d+)(?P<comma>,(?P<most>\d*))?\}"
_TOKEN = re.compile(rf"\\.|{_BRACKETS}|{_BOUND}|.", re.DOTALL)


def parse_regex(item: object, field: str) -> str:
    """Return the regular expression.

    Raises:
        Unprocessable: it is too long, or could take PostgreSQL too long.
    """
    if not isinstance(item, str) or not 0 < len(item) <= MAX_REGEX_LENGTH:
        raise invalid_field(
            field, f"Use a regular expression of at most {MAX_REGEX_LENGTH} characters."
        )
    if _BACK_REFERENCE.search(item) or item.startswith("***") or "(?" in item:
        raise invalid_field(
            field,
            "Back references, look-around and embedded options are not supported. Remove them.",
        )
    counts = [_counts(token) for token in _TOKEN.finditer(item) if token["least"]]
    if len(counts) > MAX_COUNTED or any(max(pair) > MAX_REPETITIONS for pair in counts):
        raise invalid_field(
            field,
            f"Use at most three counted repetitions, of at most {MAX_REPETITIONS} each.",
        )
    length = expanded_length(item)
    if length > MAX_EXPANDED_LENGTH:
        raise invalid_field(
            field,
            f"With its repetitions written out, this expression has {length:,} characters. Repeat "
            f"less often: at most {MAX_EXPANDED_LENGTH:,}.",
        )
    return item


def expanded_length(pattern: str) -> int:
    """Count the characters that the pattern matches at most with ``*`` and ``+`` counted once.

    Repetitions within repetitions multiply: ``(a{1,20}b){3}`` has 63.
    """
    outer: list[tuple[int, int]] = []
    before, last = 0, 0
    """The length of everything before the last atom of this group, and the length of that atom."""
    for token in _TOKEN.finditer(pattern):
        text = token[0]
        if token["least"]:
            last *= max(*_counts(token), 1)
        elif text == "(":
            outer.append((before, last))
            before, last = 0, 0
        elif text == ")" and outer:
            inside = before + last
            before, last = outer.pop()
            before, last = before + last, max(inside, 1)
        elif text not in "*+?|":
            before, last = before + last, 1
    return before + last + sum(map(sum, outer))


def _counts(token: re.Match[str]) -> tuple[int, int]:
    least = int(token["least"][:9])
    return least, int(token["most"][:9]) if token["most"] else least
