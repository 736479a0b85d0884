"""Exact sums of decimal numbers, against fractions."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from services.query.sources.exact_numbers import (
    Decimals,
    ShortNumbers,
    decimals_of_texts,
    short_numbers,
    sums_by_group,
    sums_by_row,
    sums_of_products,
)


def _exact(numbers: Decimals) -> list[Fraction]:
    return [Fraction(int(one), 10**numbers.scale) for one in numbers.whole]


def _exact_short(numbers: ShortNumbers) -> list[Fraction]:
    assert numbers.whole.dtype == np.int64
    columns = [_exact(one) for one in numbers.by_scale()]
    return [sum(one, Fraction(0)) for one in zip(*columns, strict=True)]


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
    assert _exact_short(short_numbers(np.array(texts, np.float64))) == [
        Fraction(one) for one in texts
    ]


def test_doubles_of_15_digits_are_the_decimal_numbers_that_were_sent() -> None:
    chance = random.Random(3)
    for digits in range(1, 16):
        texts = [
            format(Decimal(chance.randrange(10**digits)).scaleb(-chance.randrange(14)), "f")
            for _ in range(200)
        ]
        assert _exact_short(short_numbers(np.array(texts, np.float64))) == [
            Fraction(one) for one in texts
        ]


def test_a_number_of_another_scale_leaves_the_others_in_64_bits() -> None:
    texts = ["123456789012.34", "0.0000000000001", "0", "-7", "123456789012345"]
    numbers = short_numbers(np.array(texts, np.float64))
    assert _exact_short(numbers) == [Fraction(one) for one in texts]
    indexes = np.array([4, 1])
    assert _exact_short(numbers.of(indexes)) == [Fraction(texts[4]), Fraction(texts[1])]
    followed = _exact_short(numbers.followed_by_zeros(2))
    assert followed == [*map(Fraction, texts), Fraction(0), Fraction(0)]


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["12.3400000000000000"],
        ["-0.30000000000000004", "123456789012345678901234", "0"],
        ["1" + "0" * 300, "0." + "0" * 380 + "1"],
    ],
)
def test_numbers_of_many_digits_are_those_of_their_texts(texts: list[str]) -> None:
    numbers = decimals_of_texts(texts)
    assert _exact(numbers) == [Fraction(one) for one in texts]
    for before in (["0"], ["0.5"], ["12345678901234"]):
        short = Decimals(np.array([int(Fraction(before[0]) * 10)] * len(texts), np.int64), 1)
        both = _exact(short.plus(numbers))
        assert both == [Fraction(one) + Fraction(before[0]) for one in texts]


@pytest.mark.parametrize("scales", [(0, 0), (0, 15), (3, 1), (19, 0)])
def test_sums_of_columns_do_not_overflow(scales: tuple[int, int]) -> None:
    one, two = (Decimals(np.array([2**61, -(2**61), 7], np.int64), scale) for scale in scales)
    expected = [a + b for a, b in zip(_exact(one), _exact(two), strict=True)]
    assert _exact(one.plus(two)) == expected


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
