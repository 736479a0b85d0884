"""Log lines: nobody outside can write one that looks like another."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from shared.runtime.logs import configure_logging

FORGED = "a\nERROR auth: wrong password of ada\r\x1b[2K\x9b1A\tb"


@pytest.fixture(autouse=True)
def _root_logger() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_text_of_strangers_stays_on_the_line_of_its_message(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging("auth", level="INFO", log_format="text")
    logging.getLogger("a").warning("unexpected error in %s", FORGED)
    written = capsys.readouterr().err
    assert written == (
        "WARNING a: unexpected error in "
        "a\\x0aERROR auth: wrong password of ada\\x0d\\x1b[2K\\x9b1A\tb\n"
    )


def test_the_lines_of_an_exception_stay_apart(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("auth", level="INFO", log_format="text")
    try:
        raise ValueError(FORGED)
    except ValueError:
        logging.getLogger("a").exception("failed")
    first, *lines = capsys.readouterr().err.splitlines()
    assert first == "ERROR a: failed"
    assert lines[0].startswith("  Traceback")
    assert lines[-1] == "  \\x1b[2K\\x9b1A\tb"
    assert all(line.startswith("  ") for line in lines)


def test_json_has_one_line_for_each_message(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("auth", level="INFO", log_format="json")
    logging.getLogger("a").warning(FORGED)
    [line] = capsys.readouterr().err.splitlines()
    assert json.loads(line)["message"] == FORGED
