"""Rows of files, and the events that rows of known formats become."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import msgspec
import pytest

from shared.imports.dry_run import event_object, preview, time_text
from shared.imports.events import Translator, Window
from shared.imports.mapping import Mapping, problem_of, suggest
from shared.imports.presets import PRESETS
from shared.imports.reading import FileRow, Position, read_header, read_rows

NOW_US = int(datetime(2026, 3, 10, tzinfo=timezone.utc).timestamp() * 1_000_000)

# As the descriptions name the fields that presets.py links to.
MIXPANEL = {
    "event": "$mp_web_page_view",
    "properties": {
        "time": 1602611311,
        "$insert_id": "hpuDqcvpltpCjBse",
        "distinct_id": "user123",
        "$current_url": "https://example.com/a?utm_source=News",
        "$os": "Linux",
        "mp_country_code": "fi",
        "$city": "Turku",
        "mp_processing_time_ms": 1602625711874,
        "price": 5.0,
    },
}
AMPLITUDE = {
    "event_type": "bought",
    "event_time": "2015-10-27 12:34:56.789012",
    "amplitude_id": 12345,
    "user_id": "u@example.org",
    "device_id": "d-1",
    "session_id": 1396381378123,
    "uuid": "bb96bae6-1b2a-11e3-b5a6-22000a9b5a7f",
    "country": "United States",
    "event_properties": {"price": 3},
    "user_properties": {"plan": "pro"},
    "data": {},
}
POSTHOG = {
    "uuid": "018f0b1c-0000-7000-8000-000000000001",
    "event": "$identify",
    "distinct_id": "u1",
    "person_id": "p",
    "timestamp": "2024-05-01 10:00:00.123456+00:00",
    "properties": '{"$anon_distinct_id": "a1", "$os": "iOS", "$set": {"plan": "pro"}, "n": 1}',
    "created_at": "2024-05-01",
}
GA4 = {
    "event_date": "20240501",
    "event_timestamp": "1714557600123456",
    "event_name": "page_view",
    "event_params": [
        {"key": "ga_session_id", "value": {"int_value": "1714557600"}},
        {"key": "page_location", "value": {"string_value": "https://example.com/"}},
        {"key": "code", "value": {"string_value": "007"}},
        {"key": "value", "value": {"double_value": 1.5}},
    ],
    "user_pseudo_id": "123.456",
    "user_id": None,
    "device": {"category": "mobile", "web_info": {"browser": "Chrome"}},
    "geo": {"country": "Finland", "city": "Turku"},
    "collected_traffic_source": {"manual_source": "news"},
}


def event_of(row: dict[str, Any], preset: str) -> dict[str, Any]:
    translator = Translator(PRESETS[preset], None, Window(NOW_US, 0))
    event = translator.event(FileRow(1, 1, 1, 10, b"{}", row))
    return {
        "event": event.event_name,
        "at": time_text(event.timestamp_us),
        "who": event.distinct_id,
        "joined": event.person and event.person.previous_id,
        **event_object(event),
    }


@pytest.mark.parametrize(
    ("preset", "row", "expected"),
    [
        (
            "mixpanel",
            MIXPANEL,
            {
                "event": "$pageview",
                "at": "2020-10-13T17:48:31+00:00",
                "who": "user123",
                "joined": None,
                "page_url": "https://example.com/a?utm_source=News",
                "os_name": "Linux",
                "country": "FI",
                "city": "Turku",
                "utm_source": "news",
                "properties": {"price": 5.0},
            },
        ),
        (
            "amplitude",
            AMPLITUDE,
            {
                "event": "bought",
                "at": "2015-10-27T12:34:56.789012+00:00",
                "who": "u@example.org",
                "joined": "d-1",
                "session_id": "u@example.org:1396381378123",
                "device_id": "d-1",
                "properties": {"price": 3, "$set.plan": "pro"},
            },
        ),
        (
            "posthog",
            POSTHOG,
            {
                "event": "$identify",
                "at": "2024-05-01T10:00:00.123456+00:00",
                "who": "u1",
                "joined": "a1",
                "os_name": "iOS",
                "properties": {"n": 1, "$set.plan": "pro"},
            },
        ),
        (
            "ga4",
            GA4,
            {
                "event": "$pageview",
                "at": "2024-05-01T10:00:00.123456+00:00",
                "who": "123.456",
                "joined": None,
                "session_id": "123.456:1714557600",
                "page_url": "https://example.com/",
                "browser": "Chrome",
                "device_type": "mobile",
                "city": "Turku",
                "utm_source": "news",
                "properties": {"code": "007", "value": 1.5},
            },
        ),
    ],
)
def test_a_row_of_a_known_format_becomes_its_event(
    preset: str, row: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert event_of(row, preset) == expected
    line = msgspec.json.encode(row) + b"\n"
    shown = preview(line, "jsonl", None, 5)
    assert (shown.preset, shown.problem) == (preset, None)


def test_every_preset_is_a_mapping_without_problems() -> None:
    assert {name: problem_of(mapping) for name, mapping in PRESETS.items()} == dict.fromkeys(
        PRESETS
    )


@pytest.mark.parametrize(
    ("zone", "given", "expected"),
    [
        ("Europe/Berlin", "2026-01-05 12:00:00", "2026-01-05T11:00:00+00:00"),
        ("Europe/Berlin", "2026-01-05 12:00:00+09:00", "2026-01-05T03:00:00+00:00"),
        ("UTC", "2026-01-05T12:00:00.5Z", "2026-01-05T12:00:00.500000+00:00"),
        ("UTC", "1767614400", "2026-01-05T12:00:00+00:00"),
        ("Europe/Berlin", "1767614400000", "2026-01-05T12:00:00+00:00"),
    ],
)
def test_a_time_without_a_zone_is_of_the_mappings(zone: str, given: str, expected: str) -> None:
    mapping = Mapping(
        fields={"event_name": ["e"], "timestamp": ["t"], "distinct_id": ["d"]}, time_zone=zone
    )
    shown = preview(f"e,t,d\na,{given},b\n".encode(), "csv", mapping, 1)
    event = shown.rows[0].event
    assert event is not None
    assert time_text(event.timestamp_us) == expected


def test_a_constant_stands_where_no_column_has_a_value() -> None:
    mapping = Mapping(
        fields={"event_name": ["e"], "timestamp": ["t"], "distinct_id": ["d"], "country": ["c"]},
        constants={"country": "fi", "source": "shop"},
    )
    rows = preview(b"e,t,d,c\na,2026-01-05,x,\na,2026-01-05,x,de\n", "csv", mapping, 2).rows
    events = [row.event for row in rows if row.event is not None]
    assert [(event.country, event.source) for event in events] == [("FI", "shop"), ("DE", "shop")]


def test_blank_lines_and_a_mark_before_the_header_hide_no_delimiter() -> None:
    content = b"\xef\xbb\xbf\r\n\nevent;time;user, or device\nopened;2026-01-05;x\n"
    shown = preview(content, "csv", None, 2)
    assert shown.columns == ["event", "time", "user, or device"]


def test_reading_goes_on_after_any_row_as_if_it_had_never_stopped() -> None:
    lines = ["a;b", '1;"x', 'y"', "", "2;z", "3;\N{SNOWMAN}", "4;w"]
    content = "\r\n".join(lines).encode()
    _, start = read_header([content[:3], content[3:]], ";")
    whole = list(read_rows([content[start.offset :]], "csv", start, ";"))
    assert [(row.number, row.line, row.values) for row in whole] == [
        (1, 2, ["1", "x\r\ny"]),
        (2, 5, ["2", "z"]),
        (3, 6, ["3", "\N{SNOWMAN}"]),
        (4, 7, ["4", "w"]),
    ]
    for index, row in enumerate(whole):
        rest = [content[row.end : row.end + 2], content[row.end + 2 :]]
        again = read_rows(rest, "csv", Position(row.number, row.line_end, row.end), ";")
        assert list(again) == whole[index + 1 :]


def test_names_of_columns_suggest_a_mapping_and_a_missing_one_is_named() -> None:
    found = suggest(["Event Name", "Created At", "Email", "price"])
    assert found.fields == {
        "event_name": ["Event Name"],
        "timestamp": ["Created At"],
        "distinct_id": ["Email"],
    }
    assert problem_of(suggest(["event", "time"])) == "Say which column holds distinct_id."
    wrong = msgspec.structs.replace(found, time_zone="Mars/Base")
    assert "no time zone" in (problem_of(wrong) or "")
    one_id = Mapping(fields=dict(wrong.fields), constants={"event_id": "x"})
    assert "same for all" in (problem_of(one_id) or "")
    assert "no field" in (problem_of(Mapping(fields={"nope": ["a"]})) or "")
