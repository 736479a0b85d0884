"""The values of a property that may be an array, told in plain Python."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from tests.support.number_oracle import shown


def values(given: Any) -> list[str]:
    """The texts of a value, or of the different elements of an array."""
    items = given if isinstance(given, list) else [given]
    return sorted({_text(item) for item in items if item is not None})


def _text(item: Any) -> str:
    return json.dumps(item) if isinstance(item, list) else str(shown(item))


def passes(given: Any, operator: str, wanted: str) -> bool:
    """Whether a value passes a filter with a text."""
    texts = values(given)
    found = {
        "is": wanted in texts,
        "contains": any(wanted.lower() in text.lower() for text in texts),
        "is_set": bool(texts),
    }
    positive = operator.replace("not_", "") if operator != "is_not" else "is"
    return found[positive] != ("not" in operator)


def ranked(given: Iterable[Any], limit: int) -> dict[tuple[str | None, bool], int]:
    """Events of each of the most frequent values, and of all others together, each event once."""
    events: list[list[str | None]] = [[*values(one)] or [None] for one in given]
    size: Counter[str | None] = Counter(value for event in events for value in event)
    order = sorted(size, key=lambda value: (-size[value], value is None, value or ""))
    known = set(order[:limit])
    others = sum(any(value not in known for value in event) for event in events)
    lines = {(value, False): size[value] for value in known}
    return lines | ({(None, True): others} if others else {})
