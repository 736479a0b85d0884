"""Read the body of a flags request: JSON, gzip, or a form with base64.

Reading a megabyte of JSON costs a tenth of a second, and a kilobyte of gzip may become one. So a
text that is not small is decoded, and lz-string decompressed, only for a key that is valid, as by
ingest, and what that costs is charged to the account of the key's project. Small texts cost less
than a millisecond.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from shared.errors import BadRequest, PayloadTooLarge
from shared.flags.definition import GROUP_KEY
from shared.flags.evaluation import Person
from shared.web.bodies import BYTES_BEFORE_KEY, decode_json, read_body, unwrap

_MAX_BYTES = 1024 * 1024
_MAX_VALUES = 50_000
"""Each value costs far more time and memory than its text."""
_NAMES_OF_KEYS = ("flag_keys_to_evaluate", "flag_keys")
"""Of the field that names flags: in PostHog's current SDKs, and as Tidemark has it."""

Charge = Callable[[str, Callable[[], bytes]], AbstractContextManager[None]]
"""Is given the key of the URL, which may be empty, and what reads the beginning of a text that may
have one in it. Returns what charges a block's processor time to the account of the key; raises
Unauthorized where none is valid, and TooManyRequests for an account that has used its share, or a
client that guesses."""


@dataclass(frozen=True, slots=True)
class FlagsRequest:
    """Whose flags an SDK asks for."""

    token: str
    """The project's key; empty: none was sent."""
    distinct_id: str
    properties: dict[str, Any] = field(default_factory=dict)
    """Of the person, as the SDK knows them."""
    groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Properties of the person's groups by type."""
    group_keys: dict[str, str] = field(default_factory=dict)
    """Keys of the person's groups by type."""
    keys: tuple[str, ...] | None = None
    """The flags that are asked for; None: all."""


def person_of(sent: FlagsRequest) -> Person:
    """Return the person of a request, as the SDK knows them."""
    return Person(sent.distinct_id, sent.properties, sent.groups, sent.group_keys)


def read_flags_request(
    body: bytes, content_encoding: str, compression: str, token: str, charge: Charge
) -> FlagsRequest:
    """Return what was sent, in any of the SDKs' encodings.

    Args:
        body: the bytes on the wire.
        content_encoding: the header, empty when there was none.
        compression: the ``compression`` parameter of the URL, empty when there was none.
        token: the ``token`` parameter of the URL, for a body without a key.
        charge: called for a text that is not small before it is decoded, and for lz-string before
            it is decompressed.

    Raises:
        BadRequest: the body is not an object.
        PayloadTooLarge: the body is larger than one megabyte, before or after decompression, or has
            too many values.
        Unauthorized, TooManyRequests, Unavailable: as ``charge``; only for lz-string, or a text
            that is not small.
    """
    body = read_body(body, content_encoding, _MAX_BYTES)
    with ExitStack() as charges:
        is_charged = False

        def find_key(read_start: Callable[[], bytes]) -> None:
            nonlocal is_charged
            charges.enter_context(charge(token, read_start))
            is_charged = True

        # A key cannot be seen in base64, which costs little to undo; lz-string asks for it itself.
        text = unwrap(body, compression, _MAX_BYTES, find_key=find_key)
        if len(text) > BYTES_BEFORE_KEY and not is_charged:
            find_key(lambda: text)
        return _request(text, token)


def _request(text: bytes, token: str) -> FlagsRequest:
    content = _object(text, "{token, distinct_id, ...}")
    sent_token = content.get("token") or content.get("api_key") or token
    properties, groups = content.get("person_properties"), groups_of(content)
    return FlagsRequest(
        sent_token if isinstance(sent_token, str) else "",
        _text(content.get("distinct_id")) or "",
        properties if isinstance(properties, dict) else {},
        groups.properties,
        groups.keys,
        _keys(content),
    )


def _keys(content: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return the flags that a request names; None: it names none, and asks for all."""
    for name in _NAMES_OF_KEYS:
        keys = content.get(name)
        if isinstance(keys, list):
            return tuple(key for key in keys if isinstance(key, str))
    return None


class Groups(NamedTuple):
    """The groups of a person by type."""

    properties: dict[str, dict[str, Any]]
    """With the key of the group as ``$group_key``."""
    keys: dict[str, str]


def groups_of(content: Mapping[str, Any]) -> Groups:
    """Return a person's groups.

    Args:
        content: ``groups`` has the key of the group by type, ``group_properties`` its properties.
            What has another form is left out.
    """
    sent, properties = content.get("groups"), content.get("group_properties")
    sent = sent if isinstance(sent, dict) else {}
    found = {group_type: {GROUP_KEY: key} for group_type, key in sent.items()}
    for group_type, values in properties.items() if isinstance(properties, dict) else ():
        if isinstance(values, dict):
            found[group_type] = {**found.get(group_type, {}), **values}
    texts = ((group_type, _text(key)) for group_type, key in sent.items())
    return Groups(found, {group_type: key for group_type, key in texts if key is not None})


def read_object(body: bytes, content_encoding: str) -> dict[str, Any]:
    """Return the JSON object that was sent to a path of OpenFeature's SDKs.

    Raises:
        BadRequest: the body is not an object.
        PayloadTooLarge: the body is larger than one megabyte, before or after decompression, or has
            too many values.
    """
    return _object(read_body(body, content_encoding, _MAX_BYTES), '{"context": …}')


def _object(body: bytes, example: str) -> dict[str, Any]:
    if body.count(b",") > _MAX_VALUES:
        raise PayloadTooLarge(
            f"The body has more than {_MAX_VALUES} values. Send only properties that flags need."
        )
    content = decode_json(body)
    if not isinstance(content, dict):
        raise BadRequest(f"The body is not an object. Send {example}.")
    return content


def _text(value: object) -> str | None:
    """Return a distinct id or the key of a group as a text; SDKs send numbers, too.

    None: it is neither.
    """
    if isinstance(value, str):
        return value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else None
