"""How often each person was there, counted all at once."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from services.query.sources.active_persons import persons_by_frequency


@given(st.lists(st.sets(st.integers(0, 12)), max_size=20))
def test_persons_are_grouped_by_the_number_of_intervals_they_were_in(days: list[set[int]]) -> None:
    groups = persons_by_frequency([BitMap(day) for day in days])
    times = Counter(person for day in days for person in day)
    assert len(groups) == len(days) + 1
    assert {person: number for number, group in enumerate(groups) for person in group} == times
