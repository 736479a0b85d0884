"""JSON with an entity tag: equal content has equal tags."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

import msgspec


class Tagged(NamedTuple):
    """The bytes of an answer, and their entity tag."""

    body: bytes
    tag: str


def tagged(content: Any) -> Tagged:
    """Return content as JSON with its entity tag."""
    body = msgspec.json.encode(content)
    return Tagged(body, hashlib.sha256(body).hexdigest()[:32])
