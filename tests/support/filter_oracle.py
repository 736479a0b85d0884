"""Which events pass a filter, told in plain Python."""

from __future__ import annotations

import re
from typing import Any

from tests.support.insights import Sample
from tests.support.number_oracle import number, shown


def passes(row: Sample, part: dict[str, Any]) -> bool:
    """Return whether an event passes a condition, or a group of them."""
    for word, every in (("and", True), ("or", False)):
        if word in part:
            found = [passes(row, inner) for inner in part[word]]
            return (all(found) if every else any(found)) if found else True
    value, operator = row.value(part["property"]), part["operator"]
    wanted = part.get("value")
    many: list[Any] = wanted if isinstance(wanted, list) else [wanted]
    if operator in {"is_set", "is_not_set"}:
        return bool((value is not None) == (operator == "is_set"))
    if operator in {"is", "is_not"}:
        same = any(
            number(value) == number(one)
            if isinstance(one, int | float) and not isinstance(one, bool)
            else shown(value) == shown(one)
            for one in many
        )
        return bool(same == (operator == "is"))
    text = shown(value)
    if operator in {"contains", "not_contains"}:
        holds = text is not None and any(str(one).lower() in text.lower() for one in many)
        return bool(holds == (operator == "contains"))
    if operator == "regex":
        return text is not None and re.search(many[0], text) is not None
    figure = number(value)
    if figure is None:
        return False
    if operator == "between":
        return bool(many[0] <= figure <= many[1])
    outcome: bool = {
        "gt": figure > many[0],
        "gte": figure >= many[0],
        "lt": figure < many[0],
        "lte": figure <= many[0],
    }[operator]
    return outcome
