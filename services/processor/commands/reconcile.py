"""Compare counts with raw events, and sealed days with counts; only record differences."""

from __future__ import annotations

import argparse
from datetime import datetime, timezone

from services.processor.commands.terminal import bar, say
from services.processor.maintenance.reconcile import reconcile_days, reconcile_hours
from shared.runtime.database import job_connection

NAME = "reconcile"
ALIASES: list[str] = []


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare no arguments."""
    del parser


def run(_options: argparse.Namespace) -> int:
    """Compare; return 1 when something differs."""
    now = datetime.now(timezone.utc)
    with job_connection("command") as connection:
        with bar("Closed hours") as progress:
            hours = reconcile_hours(connection, now, progress=progress)
        with bar("Sealed days") as progress:
            days = reconcile_days(connection, now, progress=progress)
    wrong = hours.drifts + days.drifts + days.days
    if not wrong:
        say(f"All counts of {hours.projects} projects are correct.")
        return 0
    say(
        f"{hours.drifts + days.drifts} counts and {days.days} sealed days differ; they are listed "
        "in rollup_drifts. `tidemark rebuild --project ID` repairs them."
    )
    return 1
