"""How long a regular expression is with its repetitions written out, and which are refused."""

from __future__ import annotations

import pytest

from services.query.parsing.regular_expressions import expanded_length, parse_regex
from shared.errors import Unprocessable


@pytest.mark.parametrize(
    ("pattern", "length"),
    [
        ("abc", 3),
        ("a*b+c?", 3),
        ("a{3}", 3),
        ("a{2,7}b", 8),
        ("a{4,}", 4),
        ("a{0}", 1),
        (r"([0-9]{1,3}\.){3}[0-9]{1,3}", 15),
        ("(a{1,20}b){3}", 63),
        ("((.{1,50}){1,20}){1,9}x", 9_001),
        (r"\{9,99}[]{9,99}]{2}", 8),
        ("[[:alpha:]]{1,5}", 5),
        (r"[\]]{1,5}", 5),
        ("ab|cd{3}", 6),
        ("(a", 1),
        ("a)b", 3),
    ],
)
def test_repetitions_within_repetitions_multiply(pattern: str, length: int) -> None:
    assert expanded_length(pattern) == length


@pytest.mark.parametrize(
    "pattern",
    ["a{51}", "a{1,51}", "a{1,255}", "a{51,}", "a{1}b{1}c{1}d{1}", "((a{1,50}){1,20}){2}"],
)
def test_what_could_keep_postgresql_busy_is_refused(pattern: str) -> None:
    with pytest.raises(Unprocessable):
        parse_regex(pattern, "value")


@pytest.mark.parametrize("pattern", ["a{1,50}", "((a{1,50}){1,20}){1}", r"^/shop/\d{1,9}$", "{9"])
def test_usual_expressions_are_taken(pattern: str) -> None:
    assert parse_regex(pattern, "value") == pattern
