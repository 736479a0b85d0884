"""Flags as YAML: what is written is read again, and what is not plain is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.auth.flags.files import MAX_BYTES, read_yaml, to_yaml
from shared.errors import BadRequest, PayloadTooLarge, Unprocessable
from shared.flags.definition import from_json

_ODD = ["no", "Yes", "on", "null", "~", "", "1.5e3", "1e3", "0x10", "010", "1:30", "2026-01-01"]
_TEXTS = st.sampled_from([*_ODD, "- a", "a: b", "# no", "x\ny", "ünï 😀", " x "]) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e15, 1e15) | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=10,
)


@given(payload=_JSON, values=st.lists(_TEXTS, min_size=1, max_size=5))
def test_what_is_written_is_read_again(payload: Any, values: list[str]) -> None:
    flag = from_json(
        {
            "key": "a/b",
            "payloads": {"true": payload},
            "overrides": {"1": True, "no": False},
            "conditions": [{"filters": [{"property": "plan", "value": values}]}],
            "rollout_percentage": 12.5,
            "starts_at": "2026-06-01T00:00:00+02:00",
        }
    )
    assert read_yaml(to_yaml([flag]).encode()) == {"a/b": flag}


def test_only_what_differs_from_a_new_flag_is_written() -> None:
    assert to_yaml([from_json({"key": "b"}), from_json({"key": "a", "is_active": False})]) == (
        "flags:\n  b: {}\n  a:\n    is_active: false\n"
    )


def test_json_is_yaml() -> None:
    content = {"flags": {"a": {"rollout_percentage": 20}, "b": None}}
    found = read_yaml(json.dumps(content).encode())
    assert {key: flag.rollout_percentage for key, flag in found.items()} == {"a": 20, "b": 100}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("flags: {a: &all {}, b: *all}", "anchors"),
        ("flags: {a: {}, a: {}}", "the key a comes twice (line 1, column 16)"),
        ("flags: {a: !!python/object:os.system {}}", "tags"),
        ("flags:\n  a: {}\n b: {}", "line 3"),
        ("flags: {? [1]\n : {}}", "keys have to be texts"),
        ("- " * 60, "50 levels"),
        ("[" * 100_000, "50 levels"),
        ("flags: \x00", "not plain YAML"),
        ("", "no flags"),
        ("flags: []", "no flags"),
        ("flags: {}\nflag: {}", "unknown entries: flag"),
        ("flags: {}\n---\nflags: {}", "not plain YAML"),
    ],
    ids=range(12),
)
def test_what_is_no_plain_file_of_flags_is_refused(text: str, said: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read_yaml(text.encode())
    assert said in str(refused.value)


def test_a_file_that_is_too_large_or_not_utf_8_is_refused() -> None:
    with pytest.raises(PayloadTooLarge):
        read_yaml(b"#" * (MAX_BYTES + 1))
    with pytest.raises(BadRequest, match="UTF-8"):
        read_yaml("flags: {ü: {}}".encode("latin-1"))


def test_each_wrong_field_is_named() -> None:
    text = """
flags:
  "not a key!": {}
  number: 1
  named: {key: other}
  share: {rollout_percentage: 101}
  unknown: {rollout: 5}
  switched: {is_active: no}
"""
    with pytest.raises(Unprocessable) as refused:
        read_yaml(text.encode())
    assert set(refused.value.errors) == {
        "flags.not a key!.key",
        "flags.number",
        "flags.named.key",
        "flags.share.rollout_percentage",
        "flags.unknown.rollout",
        "flags.switched.is_active",
    }
