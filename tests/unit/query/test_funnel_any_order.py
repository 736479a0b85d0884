"""Steps in any order that share events: each event does one step."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.query.sources.funnel_any_order import MAX_PARTLY_OVERLAPPING, rows_when_done
from shared.errors import Unprocessable

STEPS = 4


def most_steps(events: list[int], used: int = 0) -> int:
    """The most steps that get an event of their own: every choice is tried."""
    if not events:
        return 0
    first, rest = events[0], events[1:]
    free = [step for step in range(STEPS) if first >> step & 1 and not used >> step & 1]
    return max(most_steps(rest, used), *(1 + most_steps(rest, used | 1 << s) for s in free), 0)


@given(st.lists(st.integers(0, 2**STEPS - 1), min_size=1, max_size=6))
def test_steps_are_done_once_each_has_an_event_of_its_own(masks: list[int]) -> None:
    found = rows_when_done(np.array(masks, np.int32), STEPS)
    for start in range(len(masks)):
        for n in range(1, STEPS + 1):
            reached = [
                end for end in range(start, len(masks)) if most_steps(masks[start : end + 1]) >= n
            ]
            assert found[n - 1][start] == (reached[0] if reached else len(masks))


def test_a_step_of_any_event_beside_many_others_is_answered() -> None:
    # Nine steps of one event each, and one that any event does.
    masks = np.array([1 << step | 1 << 9 for step in range(9)] + [1 << 9], np.int32)
    assert [row[0] for row in rows_when_done(masks, 10)] == list(range(10))


def test_too_many_steps_that_overlap_in_part_are_refused_by_name() -> None:
    steps = MAX_PARTLY_OVERLAPPING + 1
    masks = np.array([0b11 << step for step in range(steps - 1)], np.int32)
    with pytest.raises(Unprocessable) as refused:
        rows_when_done(masks, steps)
    assert [*refused.value.errors] == ["steps"]
