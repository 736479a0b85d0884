"""What holds for all tests that drive a browser."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In CI, have a failed browser test run once more, and named as ``RERUN``.

    Machines of CI pause for seconds, and so end what a browser waits for. No other tests are run
    again: what they find is a fault of the product or of the test.
    """
    if not os.environ.get("CI"):
        return
    for item in items:
        if item.path.is_relative_to(_FOLDER):
            item.add_marker(pytest.mark.flaky(reruns=1, reruns_delay=2))
