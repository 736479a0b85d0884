"""Who is online, compared with a plain count over all events, in every order."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.live.online_visitors import OnlineVisitors
from shared.events.live import LiveEvent

_MINUTE_US = 60_000_000
_ONLINE = timedelta(minutes=5)
_ONLINE_US = 5 * _MINUTE_US


def an_event(person: int | None, minute: float, community: str | None = None) -> LiveEvent:
    return LiveEvent(person, "view", None, "id", community, int(minute * _MINUTE_US), b"{}")


_STEPS = st.lists(
    st.tuples(
        st.floats(0, 4),  # minutes until the step
        st.lists(
            st.tuples(
                st.one_of(st.none(), st.integers(1, 4)),
                st.floats(-8, 2),  # when it happened, in minutes from the step
                st.sampled_from([None, "a", "b"]),
            ),
            max_size=4,
        ),
    ),
    max_size=12,
)


@given(_STEPS, st.sampled_from([None, "a"]))
def test_visitors_are_those_with_an_event_of_the_last_five_minutes(
    steps: list[tuple[float, list[tuple[int | None, float, str | None]]]], community: str | None
) -> None:
    online = OnlineVisitors(community, _ONLINE)
    now = 100.0
    said: set[int] = set()
    seen: list[tuple[int, int]] = []
    for pause, given_events in steps:
        now += pause
        now_us = int(now * _MINUTE_US)
        said -= set(online.expire(now_us))
        events = [an_event(who, now + ago, where) for who, ago, where in given_events]
        joined = online.see(events, now_us)
        assert not said & set(joined), "who is there does not come"
        said |= set(joined)
        seen += [
            (event.person_id, min(event.seen_us, now_us))
            for event in events
            if event.person_id is not None and community in {None, event.community_id}
        ]
        expected = {person for person, us in seen if us + _ONLINE_US > now_us}
        assert said == expected
        assert online.count == len(expected)


def test_presence_begins_with_whom_the_database_knows() -> None:
    online = OnlineVisitors(None, _ONLINE)
    online.restart({1: 100 * _MINUTE_US, 2: 98 * _MINUTE_US})
    assert online.see([an_event(1, 100), an_event(3, 100)], 100 * _MINUTE_US) == [3]
    assert online.expire(103 * _MINUTE_US) == [2]
    assert online.count == 2
