"""The order in which persons did things, however many persons and whatever the range."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.query.sources.copy_columns import in_order

ROWS = st.lists(st.tuples(st.integers(1, 4), st.integers(0, 5)), max_size=30)


@given(ROWS, st.randoms(use_true_random=False))
@pytest.mark.parametrize("spread", [1, 2**50])
@pytest.mark.parametrize("persons", [1, 2**28])
def test_rows_come_by_person_then_time_then_storing(
    spread: int, persons: int, rows: list[tuple[int, int]], chance: Random
) -> None:
    """Few persons in a short range are packed into one number, others are not."""
    numbers = list(range(len(rows)))
    chance.shuffle(numbers)
    data = [
        (who * persons, at * spread, number)
        for (who, at), number in zip(rows, numbers, strict=True)
    ]
    person, at, number = (np.array([row[place] for row in data], np.int64) for place in range(3))
    order = in_order(person.astype(np.int32), at, number)
    assert [data[place] for place in order] == sorted(data)
