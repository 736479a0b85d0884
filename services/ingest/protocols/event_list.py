"""Decode a body with a list of events, so that an unreadable event costs only itself.

JSON cannot hold ``NaN`` or numbers beyond a double, and nobody can store thousands of levels, yet
clients send them. Decoding the whole body would then refuse the event's neighbours as well. Where
it fails, the list is divided into the texts of its events, and each is decoded on its own.
"""

from __future__ import annotations

import codecs
import re
from typing import Any

import msgspec

from shared.errors import BadRequest, PayloadTooLarge
from shared.web.bodies import decode_json

_LISTS = frozenset({"events", "batch", "data"})
_MAX_MARKS = 2_000_000
_MAX_DIVIDED = 20_000
"""Each text that is decoded by itself costs microseconds; no batch may have as many events."""
# A text, a comma, or brackets of one direction. Possessive, so that no text is scanned twice. A
# quote that begins no text is a mark of its own.
_MARKS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[{]++|[\]}]++|,|"', re.DOTALL)
_KEYS = re.compile(rb'"(?:api_key|token|\$token|writeKey)"\s*:\s*"([a-z]{2}_[-0-9A-Za-z_]{8,100})"')


class UnreadableEvent(msgspec.Struct, frozen=True):
    """An event whose text is not JSON that can be stored."""

    message: str


def decode_events(body: bytes) -> Any:
    """Decode a body; an unreadable event in its list becomes an ``UnreadableEvent``.

    The list is the body itself, or the value of ``events``, ``batch`` or ``data`` in it.

    Raises:
        BadRequest: no event can be read, or the body around the events is not JSON.
        PayloadTooLarge: an event cannot be read, and there are too many to read each by itself.
    """
    try:
        return decode_json(body)
    except BadRequest:
        body = body.removeprefix(codecs.BOM_UTF8)
        divided = _divide(body)
        if divided is None:
            raise
        name, around, texts = divided
        content = decode_json(around)
        events = [_decode_one(text) for text in texts]
        if all(isinstance(event, UnreadableEvent) for event in events):
            raise
    return {**content, name: events} if name else events


def key_in_text(body: bytes) -> str | None:
    """Return the project key that stands in a body which cannot be decoded; None: there is none."""
    found = _KEYS.search(body)
    return found[1].decode() if found else None


def _decode_one(text: bytes) -> Any:
    try:
        return decode_json(text)
    except BadRequest as error:
        reason = error.message.removeprefix("The body").removesuffix(".")
        return UnreadableEvent(f"The event{reason}. Send numbers that fit a double, and null.")


def _divide(body: bytes) -> tuple[str, bytes, list[bytes]] | None:
    """Return the name of the list, the body without its events, and the text of each event.

    None: the body has no such list, or its brackets do not match.
    """
    if sum(map(body.count, (b"[", b"{", b",", b'"'))) > _MAX_MARKS:
        return None
    start, list_depth, name = _find_list(body)
    if start < 0:
        return None
    depth, begin = list_depth, start
    texts: list[bytes] = []
    for mark in _MARKS.finditer(body, start):
        first = mark[0][:1]
        if first in b"[{":
            depth += len(mark[0])
        elif first == b"," and depth == list_depth:
            _refuse_many_texts(texts)
            texts.append(body[begin : mark.start()])
            begin = mark.end()
        elif first in b"]}":
            closed = len(mark[0])
            if depth - closed < list_depth:  # the list ends within this run of brackets
                end = mark.start() + depth - list_depth
                if body[end : end + 1] != b"]":
                    return None
                texts.append(body[begin:end])
                return name, body[:start] + body[end:], texts
            depth -= closed
        elif mark[0] == b'"':
            return None
    return None


def _refuse_many_texts(texts: list[bytes]) -> None:
    if len(texts) >= _MAX_DIVIDED:
        raise PayloadTooLarge(
            f"The body has more than {_MAX_DIVIDED} events, and one that is not JSON. "
            "Send fewer events in one request."
        )


def _find_list(body: bytes) -> tuple[int, int, str]:
    """Return where the list's first event begins, how deep that is, and the list's name."""
    text = body.lstrip()
    offset = len(body) - len(text)
    if text[:1] == b"[":
        return offset + 1, 1, ""
    depth, last = 0, b""
    for mark in _MARKS.finditer(body):
        first = mark[0][:1]
        if first in b"[{":
            named = last.strip(b'"').decode("utf-8", "replace")
            if depth == 1 and first == b"[" and named in _LISTS:
                return mark.start() + 1, 2, named
            depth += len(mark[0])
        elif first in b"]}":
            depth -= len(mark[0])
        elif mark[0] == b'"':  # it was looked for an end in vain, as each further one would be
            break
        elif first == b'"':
            last = mark[0]
    return -1, 0, ""
