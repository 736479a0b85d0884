"""The short way of native events gives what the long way gives, whatever is sent."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.ingest.outcomes import Intake
from services.ingest.pipeline import take_each
from services.ingest.protocols import native
from services.ingest.protocols.fast_path import PlainEvent, normalise_plain, read_plain
from services.ingest.protocols.message import Message
from services.ingest.request import Delivery, Visitor
from shared.errors import BadRequest
from tests.support.factories import a_policy, a_request

_ODD = st.sampled_from(
    ["", " ", "null", " undefined ", "0", "a\x00b", " spaced ", "x" * 101, "y" * 201, "z" * 2001]
)
_TEXT = st.one_of(st.text(max_size=8), _ODD)
_ANY = st.one_of(_TEXT, st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False))
_PROPERTIES = st.dictionaries(
    st.one_of(_TEXT, st.sampled_from(["$set", "$group_type", "alias", "$anon_distinct_id"])),
    st.one_of(_ANY, st.dictionaries(_TEXT, _ANY, max_size=2), st.lists(_ANY, max_size=2)),
    max_size=4,
)
_TIMES = st.one_of(
    st.sampled_from(
        ["", "2026-03-10T11:59:59Z", "2026-03-10", "2026-03-10 05:00:00+05:30", "1999-01-01", "no"]
    ),
    st.sampled_from([1773140000, 1773140000123, 1773140000.5, -1, 10**30, True, None]),
)
_NAMES = st.one_of(_ANY, st.sampled_from(["bought", "$identify", "$pageview", "$groupidentify"]))
_PAGES = st.one_of(_ANY, st.just("https://a.example/?utm_source=mail&utm_campaign=may"))
_EVENTS = st.fixed_dictionaries(
    {"event_name": _NAMES, "event_id": st.one_of(st.just("e1"), _TEXT.filter(bool))},
    optional={
        **dict.fromkeys(sorted(native.OWN - {"event_name", "event_id", "timestamp"}), _ANY),
        "page_url": _PAGES,
        "timestamp": _TIMES,
        "properties": st.one_of(_PROPERTIES, _ANY),
        "user_id": _ANY,
        "surprise": _ANY,
    },
)
_PLAIN = st.fixed_dictionaries(
    {"event_name": st.sampled_from(["bought", "seen"]), "event_id": st.just("e1")},
    optional={
        "distinct_id": _TEXT,
        "session_id": _TEXT,
        "page_url": st.one_of(_TEXT, st.just("/?utm_source=mail")),
        "timestamp": _TIMES,
        "properties": _PROPERTIES,
        "source": _TEXT,
    },
)
_BODIES = st.one_of(
    _EVENTS,
    _PLAIN,
    st.lists(st.one_of(_EVENTS, _PLAIN), max_size=3),
    st.lists(_PLAIN, max_size=3),
    st.fixed_dictionaries(
        {"events": st.lists(_PLAIN, max_size=3)},
        optional={"sent_at": _TIMES, "api_key": _ANY, "other": _ANY},
    ),
)


def _delivery(body: bytes) -> Delivery:
    return Delivery(body, "", "tk_public", Visitor("203.0.113.7", "Mozilla/5.0"))


def _outcome(message: Message, **policy: Any) -> tuple[object, ...]:
    intake: Intake = take_each(message.events, native.canonical, a_request(a_policy(**policy)))
    return (
        message.api_key,
        message.sent_at,
        intake.events,
        intake.results,
        intake.drops,
        intake.warnings.all(),
    )


@settings(max_examples=400)
@given(_BODIES, st.booleans())
@example([{"event_name": "bought", "event_id": "e1", "timestamp": ""}], True)
@example([{"event_name": "bought", "event_id": "e1", "properties": {"a": "\x00"}}], True)
def test_both_ways_give_the_same(content: Any, takes_all: bool) -> None:
    body = msgspec.json.encode(content)
    policy: dict[str, Any] = {} if takes_all else {"sample_rate": 0.5}
    try:
        expected = _outcome(native.read_objects(body, _delivery(body)), **policy)
    except BadRequest as error:
        with pytest.raises(BadRequest, match="^" + str(error)[:20]):
            native.read(body, _delivery(body))
        return
    assert _outcome(native.read(body, _delivery(body)), **policy) == expected


def test_an_ordinary_event_takes_the_short_way() -> None:
    body = b'[{"event_name":"bought","distinct_id":"ann","properties":{"price":3}}]'
    message = read_plain(body)
    assert message is not None
    (plain,) = message.events
    assert isinstance(plain, PlainEvent)
    event = normalise_plain(plain, a_request().arrival)
    assert event is not None
    assert (event.distinct_id, event.properties) == ("ann", b'{"price":3}')
