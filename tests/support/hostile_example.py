"""A project whose texts are as long, as many and as foreign as ingest takes them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.conftest import Installation
from tests.support.dashboard_pages import Example, make_example

_EVENT_NAMES = 10_000
_PROPERTIES = 500
_LONG = "x" * 2_000
_ARABIC = "\u0634\u0631\u0627\u0621 \u0646\u0627\u062c\u062d \u2069\u202e reversed"
_EMOJI = "\U0001f3f4\u200d\u2620\ufe0f\U0001f469\u200d\U0001f4bb" * 12
_WORD = "Donaudampfschifffahrtsgesellschaft" * 5
_TEXTS = (_ARABIC, _EMOJI, _WORD, _LONG, "W" * 100, "one two " * 200)
_SUFFIX = f" {_ARABIC} {_EMOJI[:20]} {'W' * 60}"


def make_hostile_example(installation: Installation) -> Example:
    """Make such a project, with something to show on every page."""
    return make_example(installation, [*_hostile_events(), *_many_names()], _SUFFIX)


def _hostile_events() -> Iterator[dict[str, Any]]:
    """Events with such texts wherever they can have them, by the users seen last."""
    now = datetime.now(timezone.utc)
    for number, text in enumerate(_TEXTS * 3):
        site = f"https://{text[:40].strip() if text.isascii() else 'xn--mgba3a'}.example"
        yield {
            "event_id": str(uuid.uuid4()),
            "event_name": ("page_view", text[:100])[number % 2],
            "user_id": text[:190] + str(number),
            "session_id": text[:150] + str(number),
            "timestamp": (now - timedelta(minutes=number)).isoformat(),
            "source": text[:100],
            "app_version": text[:100],
            "page_url": f"https://reef.example/{_WORD}?{_LONG}",
            "referrer": f"{site.replace(' ', '')}/{_LONG}",
            "browser": text[:100],
            "os_name": text[:100],
            "device_type": text[:100],
            "country": ("DE", "GB", "ZZ")[number % 3],
            "groups": {"company": text[:190]},
            "properties": _properties(number, text),
        }


def _properties(number: int, text: str) -> dict[str, Any]:
    """500 properties in every second event, a few of any length in the others."""
    if number % 2:
        return {f"property {index} {_WORD[:20]}": index for index in range(_PROPERTIES)}
    return {
        "title": text, "plan": text, "level": text[:200], "progression01": text[:200],
        "currency": "EUR", "revenue": 1e15, _WORD: _LONG, _ARABIC: {"nested": [text] * 3},
    }  # fmt: skip


def _many_names() -> Iterator[dict[str, Any]]:
    for number in range(_EVENT_NAMES):
        yield {"event_name": f"rare_event_{number}", "user_id": "visitor 1"}
