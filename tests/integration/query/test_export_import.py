"""An export that is imported into a new project answers every insight as the first one does."""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from psycopg2.extensions import connection as Connection

from services.processor.storing.pipeline import Pipeline
from services.processor.storing.rows import flatten
from services.query.reports.registry import INSIGHTS
from shared.events.envelope import Campaign, Event, PersonChange
from shared.events.subject_properties import add_subject_properties
from shared.imports.presets import PRESETS
from shared.imports.reading import FileFormat
from tests.conftest import make_project
from tests.support.factories import a_batch, microseconds
from tests.support.imports import import_file, totals
from tests.support.reader import client_of, make_user

_BEGIN = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0) - timedelta(days=45)
_DAYS = 12
_NUMBER = 1_500
_HOSTILE = ("=1+1", "'=1+1", "-5", "'", 'a "b",\nc', "001", "1.50", "true", "", "\N{SNOWMAN}")
_RANGE = {
    "from": _BEGIN.date().isoformat(),
    "to": (_BEGIN + timedelta(days=_DAYS)).date().isoformat(),
}
_STEPS = [{"event": "viewed"}, {"event": "bought"}]
_BREAKDOWN = {"breakdown": {"property": "text"}}
_QUESTIONS: dict[str, list[dict[str, Any]]] = {
    "trends": [
        {"series": [{"event": "viewed"}, {"event": None, "metric": "unique_persons"}]},
        {"series": [{"event": "bought", "metric": "sum", "property": "price"}], **_BREAKDOWN},
    ],
    "funnel": [{"steps": _STEPS}],
    "revenue": [
        {},
        *({"event": "bought", "currency": code} for code in ("EUR", "INR", "JPY", "KWD")),
    ],
    "paths": [{"start": "viewed"}],
    "breakdown": [
        _BREAKDOWN,
        {"breakdown": {"property": "utm_source"}},
        {"breakdown": {"property": "$groups.company"}},
        {"breakdown": {"property": "country"}},
    ],
}


def _payment(chance: random.Random) -> dict[str, Any]:
    """Money in several currencies, of which one has no decimals and one has three."""
    currency, decimals = chance.choice((("EUR", 2), ("INR", 2), ("JPY", 0), ("KWD", 3)))
    return {"revenue": round(chance.uniform(1, 99), decimals), "currency": currency}


def _events(chance: random.Random) -> list[Event]:
    """Events of people with one id, with several, and of users who log in."""
    events: list[Event] = []
    for number in range(_NUMBER):
        person = chance.randrange(60)
        at = _BEGIN + timedelta(seconds=chance.randrange(_DAYS * 86_400), microseconds=number)
        logs_in = person % 3 == 0 and chance.random() < 0.1
        distinct_id = f"u{person}" if logs_in or chance.random() < 0.5 else f"device {person}"
        name = "$identify" if logs_in else chance.choice(("viewed", "bought", "$pageview"))
        event = Event(
            uuid.UUID(int=chance.getrandbits(128)).bytes,
            name,
            microseconds(at),
            distinct_id,
            msgspec.json.encode(
                {
                    "text": chance.choice(_HOSTILE),
                    "price": chance.randrange(9),
                    "on": True,
                    **(_payment(chance) if name == "bought" else {}),
                }
            ),
            session_id=chance.choice((None, f"s{person}-{at:%d}")),
            page_url=chance.choice((None, "https://example.com/a?b=1", "https://example.com/=c")),
            referrer=chance.choice((None, "https://www.example.org/")),
            country=chance.choice((None, "FI", "DE")),
            city="Turku",
            browser=chance.choice(("Firefox", "Safari")),
            campaign=chance.choice((None, Campaign("news", "mail", "spring"))),
            groups=chance.choice((None, {"company": f"c{person % 4}"})),
            sample_weight=chance.choice((1.0, 2.5)),
        )
        if logs_in:
            event.person = PersonChange("identify", f"device {person}", set=b'{"plan":"pro"}')
        add_subject_properties(event)
        events.append(event)
    return sorted(events, key=lambda event: event.timestamp_us)


def _figures(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer without when it was made."""
    return {name: value for name, value in answer.items() if name not in {"took_ms", "as_of"}}


@pytest.mark.parametrize(
    ("file_format", "zone"), [("csv", "Europe/Berlin"), ("jsonl", "Asia/Kolkata")]
)
def test_an_imported_export_answers_every_insight_as_the_project_it_is_of(
    database: Connection, file_format: FileFormat, zone: str
) -> None:
    first, second = (make_project(database, zone) for _ in range(2))
    batch = a_batch(first, _events(random.Random(7)), received_at=datetime.now(timezone.utc))
    stored = Pipeline().store(database, list(flatten([batch])))
    assert len(stored.stored) == _NUMBER
    client = client_of(make_user(database, first, second))

    def export(project_id: int) -> bytes:
        asked = {"format": file_format, **_RANGE}
        path = f"/api/v1/analytics/{project_id}/exports/events"
        found: bytes = client.get(path, query_string=asked).data
        return found

    content = export(first)
    import_id = import_file(database, second, content, PRESETS["tidemark"], file_format)
    assert totals(database, second, import_id) == (_NUMBER, 0, 0)
    for kind in INSIGHTS:
        for question in _QUESTIONS.get(kind, [{}]):
            answers = [
                client.post(
                    f"/api/v1/analytics/{project_id}/insights/{kind}", json={**_RANGE, **question}
                )
                for project_id in (first, second)
            ]
            assert answers[0].status_code == 200, (kind, answers[0].json)
            first_answer, second_answer = (_figures(answer.json) for answer in answers)
            assert second_answer == first_answer, (kind, question)
    persons = [
        client.get(f"/api/v1/analytics/{project_id}/persons/", query_string={"limit": 200}).json
        for project_id in (first, second)
    ]
    described = [
        sorted((sorted(one["distinct_ids"]), one["properties"]) for one in page["items"])
        for page in persons
    ]
    assert described[1] == described[0]
