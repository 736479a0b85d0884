"""The cause of a failed job as people read it."""

from __future__ import annotations

import traceback

import pytest

from services.processor.jobs.causes import cause_of
from shared.errors import NotFound


def text_of(error: Exception) -> str:
    """The traceback of an error, as RQ keeps it."""
    try:
        raise error
    except type(error):
        return traceback.format_exc()


def test_the_cause_is_the_type_and_the_first_line_of_the_message() -> None:
    message = "the index is broken\nDETAIL:  Key (email)=(ada@example.org) exists.\n  indented"
    assert cause_of(text_of(ValueError(message))) == "ValueError: the index is broken"


def test_the_type_is_named_without_its_module() -> None:
    assert cause_of(text_of(NotFound("There is no project 7."))) == (
        "NotFound: There is no project 7."
    )


def test_the_cause_of_a_chain_is_its_last_error() -> None:
    try:
        try:
            raise KeyError("first")
        except KeyError as error:
            raise RuntimeError("second") from error
    except RuntimeError:
        assert cause_of(traceback.format_exc()) == "RuntimeError: second"


@pytest.mark.parametrize("nothing", [None, "", "  \n"])
def test_a_process_that_died_left_no_message(nothing: str | None) -> None:
    assert cause_of(nothing).startswith("Its process ended without a message")


def test_what_is_no_traceback_is_told_as_it_is() -> None:
    assert cause_of("Work-horse terminated unexpectedly; waitpid returned 9") == (
        "Work-horse terminated unexpectedly; waitpid returned 9"
    )


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("cannot reach redis://:hunter2@cache:6379/0", "cannot reach redis://…@cache:6379/0"),
        ("postgresql://tidemark:hunter2@db/tidemark is away", "postgresql://…@db/tidemark is away"),
        ("connection failed: password=hunter2 host=db", "connection failed: password=… host=db"),
        ("the key sk_hunter2hunter2 is unknown", "the key … is unknown"),
    ],
    ids=["redis", "postgresql", "field", "key"],
)
def test_the_cause_has_no_secrets(message: str, told: str) -> None:
    assert cause_of(text_of(OSError(message))) == f"OSError: {told}"


def test_a_long_cause_is_cut() -> None:
    assert len(cause_of(text_of(OSError("x" * 5_000)))) == 500
