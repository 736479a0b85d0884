"""The fast path gives the same result as the full path for every body."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.ingest.event_steps import normalise_each
from services.ingest.outcomes import EventOutcomes
from services.ingest.protocols import native
from services.ingest.protocols.fast_path import NativeEvent, decode_fast, normalise_fast
from services.ingest.protocols.message import Message
from services.ingest.request import IngestRequest, Visitor
from shared.errors import BadRequest
from tests.support.factories import a_policy, a_request_context

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
_PAGES = st.one_of(
    _ANY,
    st.just("https://a.example/?utm_source=mail&utm_campaign=May%20"),
    st.sampled_from(
        ["https://u:p@a.example/", "https://ü.example/?a@b", "x" * 1990 + "@?utm_term=A"]
    ),
)
_DEVICES = st.one_of(_ANY, st.sampled_from(["Desktop", " ios ", "Generic tablet"]))
_EVENTS = st.fixed_dictionaries(
    {"event_name": _NAMES, "event_id": st.one_of(st.just("e1"), _TEXT.filter(bool))},
    optional={
        **dict.fromkeys(sorted(native.OWN - {"event_name", "event_id", "timestamp"}), _ANY),
        "page_url": _PAGES,
        "referrer": _PAGES,
        "device_type": _DEVICES,
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
        "page_url": st.one_of(_TEXT, _PAGES),
        "referrer": _PAGES,
        "device_type": _DEVICES,
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


def _request(body: bytes) -> IngestRequest:
    return IngestRequest(body, "", "tk_public", Visitor("203.0.113.7", "Mozilla/5.0"))


def _outcome(message: Message, **policy: Any) -> tuple[object, ...]:
    outcomes: EventOutcomes = normalise_each(
        message.events, native.canonical, a_request_context(a_policy(**policy))
    )
    return (
        message.api_key,
        message.sent_at,
        outcomes.events,
        outcomes.results,
        outcomes.drops,
        outcomes.warnings.all(),
    )


@settings(max_examples=400)
@given(_BODIES, st.booleans())
@example([{"event_name": "bought", "event_id": "e1", "timestamp": ""}], True)
@example([{"event_name": "bought", "event_id": "e1", "properties": {"a": "\x00"}}], True)
def test_both_paths_give_the_same_result(content: Any, takes_all: bool) -> None:
    body = msgspec.json.encode(content)
    policy: dict[str, Any] = {} if takes_all else {"sample_rate": 0.5}
    try:
        expected = _outcome(native.read_objects(body, _request(body)), **policy)
    except BadRequest as error:
        with pytest.raises(BadRequest, match="^" + str(error)[:20]):
            native.read(body, _request(body))
        return
    assert _outcome(native.read(body, _request(body)), **policy) == expected


def test_an_ordinary_event_takes_the_fast_path() -> None:
    body = b'[{"event_name":"bought","distinct_id":"ann","properties":{"price":3}}]'
    message = decode_fast(body)
    assert message is not None
    (native_event,) = message.events
    assert isinstance(native_event, NativeEvent)
    event = normalise_fast(native_event, a_request_context().batch)
    assert event is not None
    assert (event.distinct_id, event.properties) == ("ann", b'{"price":3}')
