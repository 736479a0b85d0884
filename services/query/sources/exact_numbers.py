"""Exact sums of decimal numbers in NumPy.

Decimal numbers are kept as whole numbers over a power of ten. They are 64-bit integers as long as
nothing that is computed from them can overflow, and Python's own integers beyond that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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

    def plus(self, other: Decimals) -> Decimals:
        """Return the sums of two columns."""
        scale = max(self.scale, other.scale)
        one, two = self.at_scale(scale).whole, other.at_scale(scale).whole
        is_wide = _is_wide(one) or _is_wide(two) or _largest(one) + _largest(two) >= _LIMIT
        return Decimals(one.astype(object) + two if is_wide else one + two, scale)


@dataclass(frozen=True, slots=True)
class ShortNumbers:
    """Decimal numbers of at most ``MAX_DIGITS`` digits, always in 64 bits."""

    whole: Array
    scale: Array
    """Of each number, or a single one of all: few small numbers do not make all others longer."""

    def by_scale(self) -> list[Decimals]:
        """Return columns whose sum the numbers are, each over one power of ten."""
        if len(self.scale) < 2:
            return [Decimals(self.whole, int(self.scale.sum()))]
        return [
            Decimals(np.where(self.scale == scale, self.whole, 0), scale)
            for scale in np.unique(self.scale).tolist()
        ]

    def of(self, indexes: Array) -> ShortNumbers:
        """Return the numbers at some indexes."""
        is_single = len(self.scale) == 1
        return ShortNumbers(self.whole[indexes], self.scale if is_single else self.scale[indexes])

    def followed_by_zeros(self, count: int) -> ShortNumbers:
        """Return these numbers, and so many zeros after them."""
        scale = self.scale if len(self.scale) == 1 else np.pad(self.scale, (0, count))
        return ShortNumbers(np.pad(self.whole, (0, count)), scale)


def short_numbers(doubles: Array) -> ShortNumbers:
    """Return the decimal numbers of at most ``MAX_DIGITS`` digits whose nearest doubles are given.

    A quotient of whole numbers below 10^15 and a power of ten up to 10^22 is rounded once, so the
    first power of ten with which a quotient is the double gives the number itself.
    """
    largest = _largest(doubles)
    for scale in range(MAX_DIGITS + 1):
        power = 10.0**scale
        if largest * power >= 10.0**MAX_DIGITS:
            break
        whole = np.rint(doubles * power)
        if (whole / power == doubles).all():
            return ShortNumbers(whole.astype(np.int64), np.array([scale], np.int8))
    found = ShortNumbers(np.zeros(len(doubles), np.int64), np.full(len(doubles), -1, np.int8))
    for scale in range(MAX_DIGITS + 1):
        power = 10.0**scale
        whole = np.rint(doubles * power)
        is_it = (found.scale < 0) & (whole / power == doubles)
        found.whole[is_it], found.scale[is_it] = whole[is_it], scale
    return found


def decimals_of_texts(texts: Sequence[str]) -> Decimals:
    """Return numbers that texts show in digits and a point, however many digits they have."""
    parts = [(whole, below.rstrip("0")) for whole, _, below in map(_parted, texts)]
    scale = max((len(below) for _, below in parts), default=0)
    found = np.empty(len(parts), object)
    found[:] = [int(whole + below.ljust(scale, "0")) for whole, below in parts]
    return Decimals(found, scale)


def sums_by_row(values: Array, begins: Array) -> Array:
    """Return the sum of each run of values that begins at an index.

    Where all sums together need more than 64 bits, the sums are Python's integers, but the values
    are not: they are added up in halves.
    """
    if not len(begins):
        return values[:0]
    if _is_wide(values) or _fits(values):
        return np.asarray(np.add.reduceat(values, begins))
    high, low = (np.add.reduceat(one, begins).astype(object) for one in _halves(values))
    return np.asarray(high * 2**_HALF_BITS + low)


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
    return values if _is_wide(values) or _fits(values) else values.astype(object)


def _fits(values: Array) -> bool:
    """Return whether any sum of these values fits into 64 bits."""
    return bool(np.abs(values).sum(dtype=np.float64) < _LIMIT)


def _largest(values: Array) -> float:
    """Return the largest absolute value; not of Python's integers, which may be no floats."""
    return float(np.abs(values).max()) if len(values) else 0.0


def _parted(text: str) -> tuple[str, str, str]:
    return text.partition(".")
