"""Numbers of properties that PostgreSQL would write out in many digits."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.query.parsing.numbers import parse_number
from shared.events.properties import encode_object

_NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers()
_VALUES = st.recursive(
    _NUMBERS | st.text(alphabet="e-0123,]}\x00", max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ae1", max_size=3), inner),
    max_leaves=6,
)


def written_out(value: Any) -> Any:
    """A value with all its numbers in digits, and with texts as they are."""
    if isinstance(value, dict):
        return {key: written_out(item) for key, item in value.items()}
    if isinstance(value, list):
        return [written_out(item) for item in value]
    return value if isinstance(value, str) else format(Decimal(str(value)), "f")


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        (1e308, "1e+308"), (-1.7e308, "-1.7e+308"), (5e-324, "5e-324"), (1e40, "1e+40"),
        (1e39, 1e39), (1e21, 1e21), (1e-20, 1e-20), (5.551115123125783e-17, 5.551115123125783e-17),
        (0.0, 0.0), (10**50, 10**50), ("1e308", "1e308"), ("fe12,", "fe12,"),
        ([{"a": [1e308, 2]}], [{"a": ["1e+308", 2]}]),
    ],
)  # fmt: skip
def test_very_large_and_small_numbers_are_stored_as_short_texts(sent: Any, stored: Any) -> None:
    assert json.loads(encode_object({"n": sent}, "properties")) == {"n": stored}


@given(_VALUES)
def test_no_stored_number_is_much_longer_than_it_was_sent(value: Any) -> None:
    encoded = encode_object({"n": value}, "properties")
    numbers: list[str] = []
    decoded = json.loads(encoded, parse_float=numbers.append, parse_int=str)
    assert all(len(format(Decimal(text), "f")) <= 41 for text in numbers)
    assert len(json.dumps(written_out(json.loads(encoded)))) < 12 * len(encoded) + 50
    assert decoded is not None


@given(_NUMBERS)
def test_a_number_stays_the_same_number(number: float) -> None:
    [stored] = json.loads(encode_object({"n": number}, "properties"), parse_float=str).values()
    assert parse_number(stored) == Decimal(str(number))
