"""Shared parts of commands: progress bar, confirmation, table, options."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress
from rich.table import Table
from rich.text import Text

from services.processor.jobs.progress import Progress

console = Console()


@contextmanager
def bar(title: str) -> Iterator[Progress]:
    """Show a progress bar on standard error while the block runs."""
    with RichProgress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[what]}", markup=False),
        console=Console(stderr=True),
    ) as shown:
        task = shown.add_task(title, total=None, what="")

        def progress(done: int, total: int, what: str) -> None:
            shown.update(task, completed=done, total=total, what=what)

        yield progress


def say(line: str) -> None:
    """Print a line without interpreting markup."""
    console.print(Text(line), soft_wrap=True)


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows in columns, without interpreting markup."""
    shown = Table(*columns, box=None, header_style="bold")
    for row in rows:
        shown.add_row(*(Text("–" if cell is None else str(cell)) for cell in row))
    console.print(shown)


def confirmed(question: str, *, yes: bool) -> bool:
    """Return whether to go on: with ``--yes``, or after asking at the terminal."""
    if yes:
        return True
    if not sys.stdin.isatty():
        say("Nothing was done: there is no terminal to ask at. Use --yes to confirm.")
        return False
    return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}


def add_project(parser: argparse.ArgumentParser, *, required: bool = False) -> None:
    """Add ``--project``."""
    parser.add_argument(
        "--project", type=int, required=required, metavar="ID", help="only this project"
    )


def add_days(parser: argparse.ArgumentParser) -> None:
    """Add ``--from`` and ``--to``."""
    for name, meaning in (("--from", "first"), ("--to", "last")):
        parser.add_argument(
            name,
            dest=meaning,
            type=date.fromisoformat,
            metavar="YYYY-MM-DD",
            help=f"{meaning} local day",
        )
