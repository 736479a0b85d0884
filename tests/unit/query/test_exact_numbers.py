"""Exact sums of decimal numbers, against fractions."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from services.query.sources.exact_numbers import (
    Decimals,
    decimals_of,
    sums_by_group,
    sums_by_row,
    sums_of_products,
)


def _exact(numbers: Decimals) -> list[Fraction]:
    return [Fraction(int(one), 10**numbers.scale) for one in numbers.whole]


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["0", "12", "-3"],
        ["0.1", "19.99", "-0.07", "1234567890123.4"],
        ["999999999999999", "-999999999999999"],
        ["0.0000000000001", "123456789012345"],
        ["1234567890.12", "0.00000000001"],
    ],
)
def test_doubles_are_the_decimal_numbers_that_were_sent(texts: list[str]) -> None:
    assert _exact(decimals_of(np.array(texts, np.float64))) == [Fraction(one) for one in texts]


def test_doubles_of_15_digits_are_the_decimal_numbers_that_were_sent() -> None:
    chance = random.Random(3)
    for digits in range(1, 16):
        texts = [
            format(Decimal(chance.randrange(10**digits)).scaleb(-chance.randrange(14)), "f")
            for _ in range(200)
        ]
        assert _exact(decimals_of(np.array(texts, np.float64))) == [Fraction(one) for one in texts]


@pytest.mark.parametrize(
    "texts",
    [
        ["12.3400000000000000"],
        ["-0.30000000000000004", "123456789012345678901234"],
        ["1" + "0" * 300, "0." + "0" * 380 + "1"],
    ],
)
def test_numbers_of_many_digits_follow_others(texts: list[str]) -> None:
    for before in ([], [0.0], [0.5, 19.99]):
        numbers = decimals_of(np.array(before)).followed_by(texts)
        expected = [Fraction(repr(one)) for one in before] + [Fraction(one) for one in texts]
        assert _exact(numbers) == expected


_LARGEST = [1, 1_000, 2**20 + 7, 2**31 + 1, 2**40 - 1, 2**40 + 3, 2**61, 10**30, 10**400]


@pytest.mark.parametrize("largest", _LARGEST)
@pytest.mark.parametrize("other", _LARGEST)
def test_sums_and_products_are_exact_however_large_the_numbers_are(
    largest: int, other: int
) -> None:
    chance = random.Random(largest + other)
    first, second = (
        _column([chance.choice([most, -most, chance.randint(-most, most)]) for _ in range(300)])
        for most in (largest, other)
    )
    groups = np.array([chance.randrange(1, 5) for _ in range(300)])
    sums, products = [0] * 6, [0] * 6
    for one, two, group in zip(first.tolist(), second.tolist(), groups.tolist(), strict=True):
        sums[group] += one
        products[group] += one * two
    assert sums_by_group(first, groups, 6) == sums
    assert sums_of_products(first, second, groups, 6) == products
    by_row = sums_by_row(first, np.array([0, 10, 299]))
    parts = (first.tolist()[:10], first.tolist()[10:299], first.tolist()[299:])
    assert [int(one) for one in by_row] == [sum(part) for part in parts]


def _column(values: list[int]) -> np.ndarray[tuple[int], np.dtype[np.int64 | np.object_]]:
    is_wide = max(map(abs, values)) >= 2**62
    return np.array(values, object if is_wide else np.int64)
