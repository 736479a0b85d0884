"""What an interval in progress is expected to reach."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.query.sources.expected_value import expected_value
from services.query.sources.weekday_history import EarlierInterval

WEEKS = [EarlierInterval(25, 100)] * 4


def test_nothing_is_expected_of_fewer_than_three_weeks() -> None:
    assert expected_value(10, 10, WEEKS[:2]) is None


@pytest.mark.parametrize(
    ("by_now", "by_then", "value"),
    [
        (0, 0, 100),  # just begun: as the weeks before
        (25, 25, 100),  # as usual so far
        (100, 100, 100),  # over: what there is
        (50, 25, 144),  # twice as usual: 50 + 0.75 * (50 + 0.75 * 100), rounded to even
        (10, 50, 40),  # a fifth of the usual at half time: 10 + 0.5 * (10 + 0.5 * 100)
    ],
)
def test_the_level_so_far_counts_as_far_as_the_interval_has_passed(
    by_now: int, by_then: int, value: int
) -> None:
    found = expected_value(by_now, by_now, [EarlierInterval(by_then, 100)] * 4)
    assert found is not None
    assert (found.value, found.weeks) == (value, 4)


def test_an_extreme_week_does_not_widen_the_range_of_many() -> None:
    wholes = [100, 110, 90, 105, 95, 100, 100, 1_000]
    found = expected_value(0, 0, [EarlierInterval(0, whole) for whole in wholes])
    assert found is not None
    assert (found.low, found.high) == (95, 212)  # the mean is 212.5


@given(
    earlier=st.lists(
        st.tuples(st.integers(1, 10**6), st.floats(0, 1)).map(
            lambda one: EarlierInterval(int(one[0] * one[1]), one[0])
        ),
        min_size=3,
        max_size=8,
    ),
    by_now=st.integers(0, 10**6),
    more=st.integers(0, 1_000),
)
def test_what_has_been_counted_is_the_least(
    earlier: list[EarlierInterval], by_now: int, more: int
) -> None:
    found = expected_value(by_now, by_now + more, earlier)
    assert found is not None
    assert by_now + more <= found.low <= found.value <= found.high
