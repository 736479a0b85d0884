"""The share of the sweeps that a run of the tests takes: ``--sweep-part=2/3``.

A sweep looks in one way at each of many: every page, every operation of the API, every field of a
question. Sweeps take a quarter of the processor time of all tests. In CI each commit therefore runs
a share, chosen by its hash; without the option all of them run.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest


def add_option(parser: pytest.Parser) -> None:
    """Add ``--sweep-part`` to the options of pytest."""
    parser.addoption(
        "--sweep-part",
        type=part_of,
        default=(1, 1),
        metavar="2/3",
        help="of tests marked as a sweep, run this share of the cases",
    )


def part_of(text: str) -> tuple[int, int]:
    """Read "2/3": the second of three parts.

    Raises:
        argparse.ArgumentTypeError: it is no such part.
    """
    part, _, parts = text.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise argparse.ArgumentTypeError(f"{text} is no part such as 2/3")
    return int(part), int(parts)


def share(
    items: list[pytest.Item], part: int, parts: int
) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """Divide tests into those to run and those that other parts run.

    Of each test that is marked ``sweep``, every ``parts``-th case is run, at least one. All others
    are run.
    """
    cases: dict[tuple[Path, str], list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("sweep"):
            cases.setdefault((item.path, item.nodeid.partition("[")[0]), []).append(item)
    others: set[pytest.Item] = set()
    for of_one_test in cases.values():
        first = (part - 1) % min(parts, len(of_one_test))
        others.update(of_one_test)
        others.difference_update(of_one_test[first::parts])
    return [item for item in items if item not in others], list(others)
