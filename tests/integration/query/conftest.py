"""Sealed days of these tests may have files (``DAY_FILES``)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.runtime.settings import get_settings


@pytest.fixture(scope="session", autouse=True)
def day_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the files, which is set."""
    folder = tmp_path_factory.mktemp("day-files")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAY_FILES", str(folder))
        get_settings.cache_clear()
        yield folder
    get_settings.cache_clear()
