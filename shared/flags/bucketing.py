"""The place of a person in a rollout: a hash, the same in every SDK that evaluates locally."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from shared.flags.definition import Variant

_LARGEST = float(0xFFFFFFFFFFFFFFF)
_BYTES, _BITS_TOO_MANY = 8, 4
"""Eight bytes are 16 hexadecimal digits, one more than are used."""


def bucket(key: str, distinct_id: str, salt: str = "") -> float:
    """Return a number from 0 to 1 that depends on nothing but the arguments.

    The first 15 hexadecimal digits of SHA-1 over ``key.distinct_id`` and the salt, divided by the
    largest such number: the definition that PostHog's SDKs evaluate flags locally with. SHA-1
    spreads persons evenly here; it protects nothing.
    """
    text = f"{key}.{distinct_id}{salt}".encode("utf-8", "surrogatepass")
    digest = hashlib.sha1(text, usedforsecurity=False).digest()
    return (int.from_bytes(digest[:_BYTES], "big") >> _BITS_TOO_MANY) / _LARGEST


def is_in_rollout(key: str, distinct_id: str, percentage: float) -> bool:
    """Return whether a person is within a rollout; a larger one has everybody of a smaller one."""
    return percentage >= 100 or bucket(key, distinct_id) <= percentage / 100


def variant_of(key: str, distinct_id: str, variants: Sequence[Variant]) -> str | None:
    """Return a person's variant by the variants' shares; None: there are none."""
    if not variants:
        return None
    bucket_of_person, upper = bucket(key, distinct_id, "variant"), 0.0
    for variant in variants:
        upper += variant.rollout_percentage / 100
        if bucket_of_person < upper:
            return variant.key
    return None
