"""What a flags request may cost before its key is known, and how many values it may have."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from services.flags.request import read_flags_request, read_object
from shared.auth.api_keys import new_key
from shared.errors import BadRequest, PayloadTooLarge, Unauthorized
from shared.web.bodies import decode_json
from shared.web.lz_string import decompress_base64

LZ_STRING = b"IY1/EA=="  # sixteen times the letter a
KEY, UNKNOWN = new_key("public"), new_key("public")


class Charged:
    """How often it was asked for a key, of which one is valid, and the keys that paid."""

    def __init__(self) -> None:
        self.asked = 0
        self.paying: list[str] = []

    def __call__(self, key: str, read_text: Callable[[], bytes]) -> Any:
        self.asked += 1
        if key != KEY and KEY.encode() not in read_text():
            raise Unauthorized("This key is not valid.")
        return self._pay(KEY)

    @contextmanager
    def _pay(self, key: str) -> Iterator[None]:
        self.paying.append(key)
        yield


def large(**content: Any) -> bytes:
    return json.dumps({"person_properties": {"about": "x" * 17_000}, **content}).encode()


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lengths of the texts that were decoded."""
    lengths: list[int] = []

    def decode(text: bytes) -> Any:
        lengths.append(len(text))
        return decode_json(text)

    monkeypatch.setattr("services.flags.request.decode_json", decode)
    return lengths


@pytest.mark.parametrize(
    "body",
    [
        large(),
        large(token=UNKNOWN),
        b"data=" + base64.b64encode(large(token=UNKNOWN)),
        b"data=" + base64.b64encode(gzip.compress(large())),
        b"[" + b"{}," * 20_000 + b"{}]",
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_large_body_without_a_valid_key_is_refused_before_it_is_decoded(
    decoded: list[int], body: bytes, pack: Any
) -> None:
    charged = Charged()
    with pytest.raises(Unauthorized):
        read_flags_request(pack(body), "", "", "", charged)
    assert (decoded, charged.paying) == ([], [])


@pytest.mark.parametrize(
    ("body", "token"),
    [
        (large(token=KEY), ""),
        (large(api_key=KEY), ""),
        (large(), KEY),
        (large(nested={"token": UNKNOWN}, token=KEY), ""),
        (b"data=" + base64.b64encode(large(token=KEY)), ""),
        (b"data=" + base64.b64encode(gzip.compress(large(token=KEY))), ""),
        (base64.b64encode(large()), KEY),
    ],
    # A key differs from run to run, and processes that share the tests must agree on names.
    ids=["token", "api_key", "address", "nested", "form", "gzip in a form", "base64"],
)
def test_a_large_body_is_decoded_at_the_cost_of_its_project(body: bytes, token: str) -> None:
    charged = Charged()
    sent = read_flags_request(body, "", "", token, charged)
    assert (sent.token, len(sent.properties["about"])) == (KEY, 17_000)
    assert charged.paying == [KEY]


def test_a_small_body_asks_for_no_key_of_its_own() -> None:
    charged = Charged()
    sent = read_flags_request(json.dumps({"token": KEY}).encode(), "", "", "", charged)
    assert (sent.token, charged.asked) == (KEY, 0)


def test_lz_string_is_decompressed_only_for_a_valid_key(monkeypatch: pytest.MonkeyPatch) -> None:
    decompressed: list[int] = []

    def decompress(data: bytes, max_bytes: int) -> bytes:
        decompressed.append(len(data))
        return decompress_base64(data, max_bytes)

    monkeypatch.setattr("shared.web.lz_string.decompress_base64", decompress)
    with pytest.raises(Unauthorized):
        read_flags_request(LZ_STRING, "", "lz64", "", Charged())
    assert decompressed == []
    charged = Charged()
    with pytest.raises(BadRequest, match="not JSON"):
        read_flags_request(LZ_STRING, "", "lz64", KEY, charged)
    assert (len(decompressed), charged.paying) == (1, [KEY])


@pytest.mark.parametrize("values", [50_000, 50_003])
def test_a_body_below_a_megabyte_has_a_limit_of_values(values: int) -> None:
    body = json.dumps({"token": KEY, "x": [1] * values}).replace(" ", "").encode()
    readers = (
        lambda: read_flags_request(body, "", "", "", Charged()),
        lambda: read_object(gzip.compress(body), ""),
    )
    for read in readers:
        if values == 50_000:
            read()
        else:
            with pytest.raises(PayloadTooLarge, match="50000 values"):
                read()
