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
