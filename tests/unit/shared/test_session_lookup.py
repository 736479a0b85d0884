"""The session by inactivity of many events at once, against looking at one after the other."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.events.session_lookup import InactivitySessions, sessions_of

Spans = dict[int, list[tuple[int, int]]]
START = 100


def stored(rows: list[tuple[int, int, int]]) -> InactivitySessions:
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return InactivitySessions(columns[:, 0], columns[:, 1], columns[:, 2])


@st.composite
def sessions(draw: st.DrawFn) -> Spans:
    """Sessions of a few persons, before the range and in it; those of one do not overlap."""
    found: Spans = {}
    for person in draw(st.sets(st.integers(1, 4))):
        edges = sorted(draw(st.sets(st.integers(0, 200), max_size=12)))
        found[person] = list(zip(edges[::2], edges[1::2], strict=False))
    return found


@settings(deadline=None)
@given(spans=sessions(), events=st.lists(st.tuples(st.integers(1, 5), st.integers(START, 220))))
def test_events_are_in_the_session_that_spans_them(
    spans: Spans, events: list[tuple[int, int]]
) -> None:
    rows = [(person, *span) for person, own in spans.items() for span in own]
    begun = [row for row in rows if row[1] >= START]
    read: list[tuple[int, int, int]] = []

    def begun_before(persons: list[int]) -> InactivitySessions:
        assert len(set(persons)) == len(persons)
        read.extend(row for row in rows if row[0] in persons and row[1] < START <= row[2])
        return stored(read)

    columns = np.array(events, dtype=np.int64).reshape(-1, 2)
    found = sessions_of(columns[:, 0], columns[:, 1], stored(begun), begun_before)
    numbered = [*begun, *read]
    for (person, at), number in zip(events, found.tolist(), strict=True):
        spanning = [row for row in rows if row[0] == person and row[1] <= at <= row[2]]
        assert ([numbered[number]] if number >= 0 else []) == spanning
