"""What a request for a list of events may ask for."""

from __future__ import annotations

import pytest
from marshmallow import ValidationError

from services.query.api.schemas.events import EventListRequest


def test_events_are_listed_by_a_generated_session_id() -> None:
    # A generated id holds the client's, of up to 200 characters, and up to 37 of its own.
    asked = {"project_id": 1, "session_id": "s" * 237}
    assert EventListRequest().load(asked)["session_id"] == "s" * 237
    with pytest.raises(ValidationError):
        EventListRequest().load(asked | {"session_id": "s" * 241})
