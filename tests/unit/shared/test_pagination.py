"""Cursors give back the key they were made of, and nothing else passes for one."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Unprocessable
from shared.web.pagination import decode_cursor, decode_id, encode_cursor

TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"))
INSTANTS = st.integers(0, 7_258_118_400_000_000).map(
    lambda number: datetime.fromtimestamp(0, timezone.utc) + timedelta(microseconds=number)
)


@given(INSTANTS, TEXTS, st.integers(-(2**63), 2**63 - 1))
def test_a_cursor_gives_back_its_key(instant: datetime, text: str, number: int) -> None:
    cursor = encode_cursor(instant, text, number)
    assert cursor.isascii()
    assert decode_cursor(cursor, datetime, str, int) == [instant, text, number]


def test_an_instant_keeps_its_microseconds_in_any_zone() -> None:
    here = datetime(2026, 3, 29, 3, 0, 0, 123_457, tzinfo=timezone(timedelta(hours=2)))
    assert decode_cursor(encode_cursor(here), datetime) == [here]


@pytest.mark.parametrize(
    "cursor",
    ["", "*", "nonsense", "-1", "12-7", "é", "=", "[1]", "A" * 200]
    + [
        base64.urlsafe_b64encode(text).decode()
        for text in (
            b"", b"7", b"{}", b"[]", b"[true]", b"[1.0]", b'["1"]', b"[1,2]", b"[null]",
            b"[9223372036854775808]", b"[NaN]", b"[" * 2_000, b"\xff",
        )
    ],
)  # fmt: skip
def test_anything_else_is_refused_and_the_error_names_the_cursor(cursor: str) -> None:
    with pytest.raises(Unprocessable) as refused:
        decode_cursor(cursor, int)
    assert list(refused.value.errors or {}) == ["cursor"]


@pytest.mark.parametrize("text", [b'["a\\u0000"]', b'["\\ud800"]', b"[1]"])
def test_a_key_of_text_holds_only_text_that_can_be_stored(text: bytes) -> None:
    with pytest.raises(Unprocessable):
        decode_cursor(base64.urlsafe_b64encode(text).decode(), str)


def test_an_instant_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(Unprocessable):
        decode_cursor(encode_cursor(2**62), datetime)


def test_lists_by_id_still_take_the_plain_numbers_they_once_gave_out() -> None:
    assert (decode_id("12"), decode_id(encode_cursor(12)), decode_id(None)) == (12, 12, None)
