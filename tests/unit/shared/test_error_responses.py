"""Error responses: every one has a code, and field errors are flat."""

from __future__ import annotations

import pytest

from shared import errors
from shared.errors import ErrorCode, TidemarkError, code_for_status
from shared.web.schemas import flatten_errors


@pytest.mark.parametrize("kind", TidemarkError.__subclasses__())
def test_every_error_has_a_code_of_its_own_status(kind: type[TidemarkError]) -> None:
    if kind.__module__ == errors.__name__:
        assert kind("Why. Do this.").code is code_for_status(kind.status)
        assert kind("Why. Do this.").code is not ErrorCode.INTERNAL_ERROR


@pytest.mark.parametrize(
    ("status", "code"), [(418, "invalid_request"), (502, "internal_error"), (503, "unavailable")]
)
def test_an_unknown_status_has_a_general_code(status: int, code: str) -> None:
    assert code_for_status(status) == code


def test_nested_messages_are_named_by_their_path() -> None:
    messages = {"steps": {0: {"event": ["Missing."]}}, "from": ["Wrong."], "to": "Late."}
    assert flatten_errors(messages) == {
        "steps.0.event": ["Missing."],
        "from": ["Wrong."],
        "to": ["Late."],
    }
    assert flatten_errors(["Not an object."], root="query") == {"query": ["Not an object."]}
