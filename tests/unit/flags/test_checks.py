"""What makes definitions of feature flags wrong, without I/O."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from shared.errors import Unprocessable
from shared.flags.checks import check_definition
from shared.flags.definition import FlagDefinition, from_json


def needing(key: str, others: list[str]) -> FlagDefinition:
    """A flag that is on where all others are."""
    tests: list[Any] = [{"property": one, "scope": "flag", "value": [True]} for one in others]
    return from_json({"key": key, "conditions": [{"filters": tests}]})


def test_flags_that_depend_on_each_other_in_many_ways_are_checked_at_once() -> None:
    """In layers of 20 flags, each of which depends on all of the layer below: 20⁹ rows."""
    layers = [[f"{layer}-{number}" for number in range(20)] for layer in range(9)]
    flags = {key: from_json({"key": key}) for key in layers[0]}
    for below, layer in pairwise(layers):
        flags |= {key: needing(key, below) for key in layer}
    tenth = needing("tenth", layers[-1])
    check_definition(tenth, flags)
    with pytest.raises(Unprocessable) as refused:
        check_definition(needing("eleventh", ["tenth"]), {**flags, "tenth": tenth})
    assert list(refused.value.errors or {}) == ["conditions"]


def _asking(name: str, key: str = "asks", **changes: Any) -> FlagDefinition:
    test = {"property": name, "scope": "event", "operator": "did", "value": [7], **changes}
    return from_json({"key": key, "conditions": [{"filters": [test]}]})


@pytest.mark.parametrize(
    "changes",
    [
        *({"value": value} for value in ([0], [91], [1.5], ["7"], [True], [], [7, 8])),
        {"operator": "is"},
        {"scope": "person"},
    ],
    ids=str,
)
def test_conditions_on_events_say_what_and_for_how_many_days(changes: dict[str, Any]) -> None:
    check_definition(_asking("bought", value=[90]), {})
    with pytest.raises(Unprocessable) as refused:
        check_definition(_asking("bought", **changes), {})
    assert list(refused.value.errors or {}) == ["conditions.0.filters.0"]


def test_the_flags_of_a_project_ask_for_twenty_events_and_no_more() -> None:
    others = {f"flag-{n}": _asking(f"event {n}", f"flag-{n}", value=[n]) for n in range(1, 21)}
    check_definition(_asking("event 20", value=[90]), others)
    check_definition(from_json({"key": "asks"}), {**others, "more": _asking("event 21", "more")})
    with pytest.raises(Unprocessable) as refused:
        check_definition(_asking("event 21"), others)
    assert list(refused.value.errors or {}) == ["conditions"]
