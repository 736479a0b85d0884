"""Bodies: compressed, cut short, blown up."""

from __future__ import annotations

import base64
import gzip
import json
import random
import re
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from urllib.parse import quote_plus, unquote_plus

import pytest

from services.flags.request import read_flags_request
from shared.errors import BadRequest, PayloadTooLarge, Unauthorized
from shared.web import bodies
from shared.web.bodies import decode_json, read_body, unwrap


def no_slot() -> None:
    """Nobody else is reading."""


LIMIT = 10_000


def test_gzip_is_recognised_with_and_without_its_header() -> None:
    packed = gzip.compress(b'{"a": 1}')
    assert read_body(packed, "gzip", LIMIT, no_slot) == b'{"a": 1}'
    assert read_body(packed, "", LIMIT, no_slot) == b'{"a": 1}'
    assert read_body(zlib.compress(b"{}"), "deflate", LIMIT, no_slot) == b"{}"


def test_a_bomb_is_refused_before_it_fills_the_memory() -> None:
    with pytest.raises(PayloadTooLarge):
        read_body(gzip.compress(b"0" * 100_000_000), "gzip", LIMIT, no_slot)


def test_half_characters_are_replaced_and_nothing_else() -> None:
    chance = random.Random(5)
    parts = [
        *("\\ud83d", "\\uDE00", "\\ud83d\\ude00", "\\u0041", "\\\\", '\\"', "\\n"),
        *("u", "x", "d83d", "\u00fc"),
    ]
    for _ in range(20_000):
        text = "".join(chance.choice(parts) for _ in range(chance.randrange(9)))
        read = json.loads(f'"{text}"')
        whole = "".join("\ufffd" if "\ud800" <= one <= "\udfff" else one for one in read)
        assert decode_json(f'"{text}"'.encode()) == whole, text


def test_repairing_looks_at_half_characters_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    repaired = []

    def repair(match: re.Match[bytes]) -> bytes:
        repaired.append(match)
        return match[0]

    monkeypatch.setattr(bodies, "_repair", repair)
    for text in (rb"\\" * 50_000, rb"\\x" * 50_000, rb"\"" * 50_000, rb"\ud83d" * 100_001):
        with pytest.raises(BadRequest):
            decode_json(b'"' + text)
    assert repaired == []


def test_a_large_plain_body_is_refused() -> None:
    with pytest.raises(PayloadTooLarge):
        read_body(b"0" * (LIMIT + 1), "", LIMIT, no_slot)


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [(b"", ""), (gzip.compress(b"{}")[:-9], "gzip"), (b"\x1f\x8b\x08junk", ""), (b"{}", "br")],
)
def test_what_cannot_be_read_is_the_clients_error(raw: bytes, encoding: str) -> None:
    with pytest.raises(BadRequest):
        read_body(raw, encoding, LIMIT, no_slot)


def nobody(key: str, _read_text: Callable[[], bytes]) -> AbstractContextManager[None]:
    """No key is valid."""
    raise Unauthorized(f"The key {key} is not valid.")


def anybody(_key: str, _read_text: Callable[[], bytes]) -> AbstractContextManager[None]:
    """Every key is valid."""
    return nullcontext()


_FLAGS = b'{"token": "pk_1", "distinct_id": "ann"}'
_FLAGS_BY_LZ_STRING = b"N4IgLg9g1gpgdiAXCADlA+gRhAGhAEwEsBnMQuAYzHUPyRAEM4EBfIA="


@pytest.mark.parametrize(
    ("body", "encoding", "compression"),
    [
        (_FLAGS, "", ""),
        (gzip.compress(_FLAGS), "", "gzip-js"),
        (gzip.compress(_FLAGS), "gzip", ""),
        (b"data=" + quote_plus(base64.b64encode(_FLAGS)).encode(), "", ""),
        (b"data=" + base64.b64encode(gzip.compress(_FLAGS)), "", ""),
        (base64.urlsafe_b64encode(_FLAGS).rstrip(b"="), "", "base64"),
        (_FLAGS_BY_LZ_STRING, "", "lz64"),
    ],
)
def test_flags_are_requested_in_every_encoding_of_the_sdks(
    body: bytes, encoding: str, compression: str
) -> None:
    charge = anybody if compression == "lz64" else nobody  # lz-string is read for a key alone
    sent = read_flags_request(body, encoding, compression, "", charge)
    assert (sent.token, sent.distinct_id) == ("pk_1", "ann")


@pytest.mark.parametrize("body", [b"", b"[]", b"data=%%%", b"data=", b"\x1f\x8b\x08junk", b"{"])
def test_a_broken_flags_request_is_the_clients_error(body: bytes) -> None:
    with pytest.raises(BadRequest):
        read_flags_request(body, "", "", "", nobody)


def test_a_flags_request_that_expands_beyond_its_limit_is_refused() -> None:
    with pytest.raises(PayloadTooLarge):
        read_flags_request(gzip.compress(b" " * 2_000_000), "", "", "", nobody)


@pytest.mark.parametrize(
    ("text", "compressed"),
    [
        ("a", b"IZA="),
        ("aaaaaaaaaaaaaaaa", b"IY1/EA=="),
        ("hello, i am a 猫 🦔 ünï", b"BYUwNmD2A0AECWsCGBbZtDUzrQfBuBTd2APwHYD3QA=="),
    ],
)
def test_lz_string_is_read_as_its_library_writes_it(text: str, compressed: bytes) -> None:
    assert unwrap(compressed, "lz64", 1_000).decode() == text


@pytest.mark.parametrize("compressed", [b"BYUw", b"////", b"====", "ü".encode()])
def test_broken_lz_string_is_the_clients_error(compressed: bytes) -> None:
    with pytest.raises(BadRequest):
        unwrap(compressed, "lz64", 1_000)


def test_lz_string_is_read_up_to_a_size_and_expands_up_to_another() -> None:
    with pytest.raises(PayloadTooLarge):
        unwrap(b"A" * 131_073, "lz64", 1_000_000)
    with pytest.raises(PayloadTooLarge):
        unwrap(b"IY1/EA==", "lz64", 15)


def test_values_of_a_form_are_counted_once_its_commas_are_read() -> None:
    with pytest.raises(PayloadTooLarge, match="500000 values"):
        unwrap(b"data=%5B" + b"0%2C" * 600_000 + b"0%5D", "", 20_000_000)


def test_a_large_form_is_decoded_for_a_key_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A megabyte of it takes a fifth of a second, which nobody may cost who shows no key."""
    decoded: list[int] = []

    def decode(text: str) -> str:
        decoded.append(len(text))
        return unquote_plus(text)

    monkeypatch.setattr(bodies, "unquote_plus", decode)

    def refuse(_read: Callable[[], bytes]) -> None:
        raise Unauthorized("It sends too many.")

    form = b"data=" + b"%41" * 20_000
    for compression in ("", "base64", "lz64"):
        with pytest.raises(Unauthorized):
            unwrap(form, compression, LIMIT * 10, find_key=refuse)
    assert decoded == []
    event = json.dumps([{"event": "a", "text": "x" * 20_000}])
    shown: list[bytes] = []
    for packed in (event, base64.b64encode(event.encode()).decode()):
        sent = b"data=" + quote_plus(packed).encode() + b"&compression=gzip-js"
        assert unwrap(sent, "", LIMIT * 10, find_key=lambda read: shown.append(read())) == shown[-1]
    assert shown == [event.encode()] * 2
    assert len(decoded) == 2


def test_the_last_value_of_a_field_counts_however_many_there_are() -> None:
    assert unwrap(b"x=1&data=%7B%7D&data=[1]&y=data", "", LIMIT, is_form=True) == b"[1]"
    with pytest.raises(BadRequest):
        unwrap(b"mydata=[1]" + b"&" * 100_000, "", LIMIT, is_form=True)
