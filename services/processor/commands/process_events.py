"""Store all events that wait in the stream, then exit."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

from services.processor.commands.terminal import bar, say
from services.processor.monitoring.lag import measure_lag
from shared.runtime.redis_clients import get_stream

NAME = "process_events"
ALIASES: list[str] = []
_POLL_SECONDS = 0.5


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--follow", action="store_true", help="keep storing until Ctrl-C")


def run(options: argparse.Namespace) -> int:
    """Run a processor in addition to those that run already."""
    start = _left()
    if not start and not options.follow:
        say("Nothing is waiting.")
        return 0
    processor = subprocess.Popen([sys.executable, "-m", "services.processor", "consume"])
    try:
        with bar("Requests stored") as progress:
            highest = start
            while (left := _left()) or options.follow:
                if processor.poll() is not None:
                    say("The processor ended unexpectedly. Its log lines above state the cause.")
                    return 1
                highest = max(highest, left)
                progress(highest - left, highest, f"{left:,} left")
                time.sleep(_POLL_SECONDS)
    finally:
        processor.terminate()
        processor.wait()
    say("Everything that was in the stream is stored.")
    return 0


def _left() -> int:
    lag = measure_lag(get_stream())
    return lag.waiting_entries + lag.pending_entries
