"""Bitmaps of person numbers hold each number once, whatever the order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events.person_bitmaps import person_bitmap


@given(
    persons=st.lists(st.one_of(st.integers(0, 40), st.integers(0, 2**31 - 1)), max_size=60),
    kind=st.sampled_from([np.int32, np.uint32, np.int64]),
)
def test_a_bitmap_has_each_person_once(
    persons: list[int], kind: type[np.integer[np.typing.NBitBase]]
) -> None:
    given_persons = np.array(persons, kind)
    assert list(person_bitmap(given_persons)) == sorted(set(persons))
    assert given_persons.tolist() == persons


@pytest.mark.parametrize("count", [4_095, 4_097, 65_536, 200_000])
def test_many_persons_have_the_same_bytes_in_any_order(count: int) -> None:
    persons = np.arange(3, 3 + count * 5, 5, dtype=np.int32)
    ascending, shuffled = (
        person_bitmap(some) for some in (persons, np.random.default_rng(1).permutation(persons))
    )
    for one in (ascending, shuffled):
        one.run_optimize()
    assert len(ascending) == count
    assert ascending.serialize() == shuffled.serialize()
