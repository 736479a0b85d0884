"""Read the body of a flags request: JSON, gzip, or a form with base64."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.errors import BadRequest
from shared.flags.evaluation import Person
from shared.web.bodies import decode_json, read_body, unwrap

_MAX_BYTES = 1024 * 1024


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
    keys: tuple[str, ...] | None = None
    """The flags that are asked for; None: all."""


def person_of(sent: FlagsRequest) -> Person:
    """Return the person of a request, as the SDK knows them."""
    return Person(sent.distinct_id, sent.properties, sent.groups)


def read_flags_request(
    body: bytes, content_encoding: str, compression: str, token: str
) -> FlagsRequest:
    """Return what was sent, in any of the SDKs' encodings.

    Args:
        body: the bytes on the wire.
        content_encoding: the header, empty when there was none.
        compression: the ``compression`` parameter of the URL, empty when there was none.
        token: the ``token`` parameter of the URL, for a body without a key.

    Raises:
        BadRequest: the body is not an object.
        PayloadTooLarge: the body is larger than one megabyte, before or after decompression.
    """
    body = read_body(body, content_encoding, _MAX_BYTES)
    content = _object(unwrap(body, compression, _MAX_BYTES), "{token, distinct_id, ...}")
    sent_token = content.get("token") or content.get("api_key") or token
    properties, keys = content.get("person_properties"), content.get("flag_keys")
    return FlagsRequest(
        sent_token if isinstance(sent_token, str) else "",
        _text(content.get("distinct_id")),
        properties if isinstance(properties, dict) else {},
        groups_of(content),
        tuple(key for key in keys if isinstance(key, str)) if isinstance(keys, list) else None,
    )


def groups_of(content: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the properties of a person's groups by type, the key of the group as ``$group_key``.

    Args:
        content: ``groups`` has the key of the group by type, ``group_properties`` its properties.
            What has another form is left out.
    """
    keys, properties = content.get("groups"), content.get("group_properties")
    found = {
        group_type: {"$group_key": key}
        for group_type, key in (keys.items() if isinstance(keys, dict) else ())
    }
    for group_type, values in properties.items() if isinstance(properties, dict) else ():
        if isinstance(values, dict):
            found[group_type] = {**found.get(group_type, {}), **values}
    return found


def read_object(body: bytes, content_encoding: str) -> dict[str, Any]:
    """Return the JSON object that was sent to a path of OpenFeature's SDKs.

    Raises:
        BadRequest: the body is not an object.
        PayloadTooLarge: the body is larger than one megabyte, before or after decompression.
    """
    return _object(read_body(body, content_encoding, _MAX_BYTES), '{"context": …}')


def _object(body: bytes, example: str) -> dict[str, Any]:
    content = decode_json(body)
    if not isinstance(content, dict):
        raise BadRequest(f"The body is not an object. Send {example}.")
    return content


def _text(value: object) -> str:
    """Return a distinct id as a text; SDKs send numbers, too."""
    if isinstance(value, str):
        return value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else ""
