"""The order in which processes that share the tests run the modules."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

_TESTS = Path(__file__).resolve().parent.parent
_LONGEST = (
    *("test_supervision", "test_page_states", "test_conformance", "test_every_page"),
    *("test_stopped_services", "test_bad_queries", "test_held_responses", "test_run"),
    *("test_job_crashes", "test_hostile_names", "test_admin_pages", "test_differential"),
)
"""Modules that take more than a minute; one that waits stands beside one that computes."""


def folder_of(path: Path) -> str:
    """Return the folder of the tests that a module belongs to, such as ``e2e``."""
    return path.relative_to(_TESTS).parts[0]


def spread(items: list[pytest.Item]) -> list[pytest.Item]:
    """Return tests module by module, so that processes which share them all have work to the end.

    The longest modules come first. Those of each folder follow evenly spread, because browsers
    compute where tests of crashes wait. Short ones, of units, fill the end.
    """
    modules: dict[Path, list[pytest.Item]] = {}
    for item in items:
        modules.setdefault(item.path, []).append(item)
    sizes, met = Counter(map(folder_of, modules)), Counter[str]()
    places: dict[Path, tuple[int, float]] = {}
    for path in modules:
        folder = folder_of(path)
        met[folder] += 1
        if path.stem in _LONGEST:
            places[path] = (0, _LONGEST.index(path.stem))
        else:
            places[path] = (2 if folder == "unit" else 1, met[folder] / sizes[folder])
    return [item for path in sorted(modules, key=places.__getitem__) for item in modules[path]]
