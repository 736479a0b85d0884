"""Exact sums of decimal numbers in NumPy.

Decimal numbers are kept as whole numbers over one power of ten. They are 64-bit integers as long as
nothing that is computed from them can overflow, and Python's own integers beyond that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from services.query.sources.copy_columns import Array

MAX_DIGITS = 15
"""A decimal number of so many digits is the only one of so many digits with its nearest double."""
_LIMIT = 2.0**62
_MAX_POWER = 18
"""The largest power of ten that 64 bits hold."""
_HALF_BITS = 20


@dataclass(frozen=True, slots=True)
class Decimals:
    """Decimal numbers: whole numbers, divided by ten to the power of the scale."""

    whole: Array
    """Of 64 bits, or objects."""
    scale: int

    def at_scale(self, scale: int) -> Decimals:
        """Return the same numbers over a power of ten that is at least as large."""
        power = scale - self.scale
        if power == 0:
            return self
        is_wide = _is_wide(self.whole) or power > _MAX_POWER
        is_wide = is_wide or _largest(self.whole) * 10.0**power >= _LIMIT
        whole = self.whole.astype(object) if is_wide else self.whole
        return Decimals(whole * 10**power, scale)

    def followed_by(self, texts: Sequence[str]) -> Decimals:
        """Return these numbers and after them those that texts show, in digits and a point."""
        if not texts:
            return self
        parts = [(whole, below.rstrip("0")) for whole, _, below in map(_parted, texts)]
        scale = max(self.scale, *(len(below) for _, below in parts))
        added = [int(whole + below.ljust(scale, "0")) for whole, below in parts]
        before = self.at_scale(scale).whole
        is_wide = max(map(abs, added)) >= _LIMIT
        return Decimals(np.append(before, np.array(added, object if is_wide else np.int64)), scale)


def decimals_of(doubles: Array) -> Decimals:
    """Return the decimal numbers of at most ``MAX_DIGITS`` digits whose nearest doubles are given.

    A quotient of whole numbers below 10^15 and a power of ten up to 10^22 is rounded once, so the
    first power of ten with which each quotient is the double gives the number itself.
    """
    largest = _largest(doubles)
    for scale in range(MAX_DIGITS + 1):
        power = 10.0**scale
        if largest * power >= 10.0**MAX_DIGITS:
            break
        whole = np.rint(doubles * power)
        if (whole / power == doubles).all():
            return Decimals(whole.astype(np.int64), scale)
    return Decimals(np.zeros(0, np.int64), 0).followed_by(
        [format(Decimal(repr(one)), "f") for one in doubles.tolist()]
    )


def sums_by_row(values: Array, begins: Array) -> Array:
    """Return the sum of each run of values that begins at an index."""
    if not len(begins):
        return values[:0]
    return np.asarray(np.add.reduceat(_wide_if_needed(values), begins))


def sums_by_group(values: Array, groups: Array, count: int) -> list[int]:
    """Return the sums of values by group, of groups from 0 to a count."""
    wide = _wide_if_needed(values)
    found = np.zeros(count, dtype=wide.dtype)
    np.add.at(found, groups, wide)
    return [int(one) for one in found]


def products(first: Array, second: Array) -> Array:
    """Return the products of two columns."""
    if _fit(first, second, 1):
        return np.asarray(first * second)
    return np.asarray(first.astype(object) * second.astype(object))


def sums_of_products(first: Array, second: Array, groups: Array, count: int) -> list[int]:
    """Return the sums of products of two columns by group, of groups from 0 to a count.

    Products whose sums do not fit into 64 bits are added up in parts: with a = h·2^20 + l, a·b is
    h·h'·2^40 + (h·l' + l·h')·2^20 + l·l'.
    """
    is_wide = _is_wide(first) or _is_wide(second)
    if _fit(first, second, len(first)) or is_wide or not _fit(first, second, 1):
        return sums_by_group(products(first, second), groups, count)
    (high, low), (high_2, low_2) = _halves(first), _halves(second)
    large = sums_by_group(high * high_2, groups, count)
    middle = sums_by_group(high * low_2 + low * high_2, groups, count)
    small = sums_by_group(low * low_2, groups, count)
    return [
        (one << 2 * _HALF_BITS) + (two << _HALF_BITS) + three
        for one, two, three in zip(large, middle, small, strict=True)
    ]


def _fit(first: Array, second: Array, rows: int) -> bool:
    """Return whether the sum of so many products fits into 64 bits."""
    if _is_wide(first) or _is_wide(second):
        return False
    return _largest(first) * _largest(second) * rows < _LIMIT


def _halves(values: Array) -> tuple[Array, Array]:
    return values >> _HALF_BITS, values & (2**_HALF_BITS - 1)


def _is_wide(values: Array) -> bool:
    return bool(values.dtype == object)


def _wide_if_needed(values: Array) -> Array:
    """Return values as Python's integers if 64 bits are too few for their sum."""
    if _is_wide(values) or not len(values):
        return values
    return values.astype(object) if np.abs(values).sum(dtype=np.float64) >= _LIMIT else values


def _largest(values: Array) -> float:
    """Return the largest absolute value; not of Python's integers, which may be no floats."""
    return float(np.abs(values).max()) if len(values) else 0.0


def _parted(text: str) -> tuple[str, str, str]:
    return text.partition(".")
