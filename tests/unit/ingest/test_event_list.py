"""One event that cannot be decoded costs only itself, whatever stands around it."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.protocols import event_list
from services.ingest.protocols.event_list import UnreadableEvent, decode_events, key_in_text
from shared.errors import BadRequest, PayloadTooLarge

POISON = [
    b'{"n": NaN}',
    b'{"n": [1, Infinity]}',
    b'{"n": -Infinity, "s": "]}"}',
    b'{"n": 1e309}',
    b'{"n": -1e400}',
    b'{"n": ' + b"9" * 5000 + b"}",
    # Python 3.13 decodes 5,000 levels, which are refused as properties.
    b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    b"[" * 20_000 + b"]" * 20_000,
    b'{"a": undefined}',
    b"NaN",
]
_TEXT = st.text(st.characters(codec="utf-8") | st.sampled_from('"\\[]{},:'))
_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)
_GOOD = st.dictionaries(_TEXT, _VALUE, max_size=4)
# Poison by its number: Hypothesis warns of arguments that take 30 kB to print, as two of it do.
_EVENTS = st.tuples(
    st.lists(_GOOD | st.integers(0, len(POISON) - 1), max_size=4),
    st.lists(_GOOD, min_size=1, max_size=2),
).flatmap(lambda both: st.permutations(both[0] + both[1]))
_ENVELOPES = st.dictionaries(
    st.sampled_from(["sent_at", "api_key", "x", 'a"b', "[", "context"]), _VALUE, max_size=3
)


@given(
    events=_EVENTS,
    name=st.sampled_from(["", "events", "batch", "data"]),
    before=_ENVELOPES,
    blank=st.sampled_from(["", " ", "\n\t"]),
    mark=st.sampled_from([b"", codecs.BOM_UTF8]),
)
def test_every_readable_event_is_decoded_as_it_is_alone(
    events: list[Any], name: str, before: dict[str, Any], blank: str, mark: bytes
) -> None:
    events = [POISON[event] if isinstance(event, int) else event for event in events]
    texts = [e if isinstance(e, bytes) else json.dumps(e, indent=1).encode() for e in events]
    pad = blank.encode()
    body = b"[" + (pad + b"," + pad).join(texts) + b"]"
    if name:
        around = json.dumps(before).encode()[:-1] + (b"," if before else b"")
        body = around + json.dumps(name).encode() + pad + b":" + pad + body + b"}"
    content = decode_events(mark + pad + body)
    found = content[name] if name else content
    assert len(found) == len(events)
    for event, decoded in zip(events, found, strict=True):
        if isinstance(event, bytes):
            assert isinstance(decoded, UnreadableEvent)
        else:
            assert decoded == event
    if name:
        assert {key: value for key, value in content.items() if key != name} == before


@pytest.mark.parametrize(
    "body",
    [
        b'{"event": NaN}',
        b'[{"a": NaN}',
        b'[{"a": NaN}}',
        b'["a, NaN]',
        b'{"events": [NaN], "sent_at": NaN}',
        b'{"events": [NaN]',
        b"[NaN, 1e309]",
        b"[" * 100_000,
    ],
)
def test_a_body_that_is_broken_around_its_events_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        decode_events(body)


class CountedMarks:
    """The pattern of marks, which counts those that are looked at."""

    def __init__(self, pattern: re.Pattern[bytes]) -> None:
        self.pattern, self.seen = pattern, 0

    def finditer(self, body: bytes, start: int = 0) -> Iterator[re.Match[bytes]]:
        for mark in self.pattern.finditer(body, start):
            self.seen += 1
            yield mark


@pytest.mark.parametrize(
    "body",
    [
        b'{"' + b'\\"' * 500,
        b'{"events": 1, "' + b'\\"' * 500,
        b"[" + b'\\"' * 500,
        b'{"a": [' + b'"",' * 1_000_000 + b"NaN]}",
    ],
    ids=["an object", "a list's name", "a list", "a million texts"],
)
def test_a_body_cannot_make_the_division_scan_it_again_and_again(
    body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each quote without an end is looked for it in all the rest of the body.
    marks = CountedMarks(event_list._MARKS)
    monkeypatch.setattr(event_list, "_MARKS", marks)
    with pytest.raises(BadRequest):
        decode_events(body)
    assert marks.seen < 10


def test_the_key_is_found_in_a_body_that_cannot_be_decoded() -> None:
    assert key_in_text(b'{"api_key" : "pk_0123456789abcdef", NaN') == "pk_0123456789abcdef"
    assert key_in_text(b'{"api_key": 17') is None


def test_more_texts_than_any_batch_has_are_not_read_one_by_one() -> None:
    with pytest.raises(PayloadTooLarge, match="20000 events"):
        decode_events(b"[" + b"NaN," * 200_000 + b"NaN]")
