"""Store what waits in the stream, and end when nothing waits any more."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

from services.processor.commands.terminal import bar, say
from services.processor.monitoring.lag import measure
from shared.runtime.redis_clients import get_stream

NAME = "process_events"
ALIASES: list[str] = []
_LOOK_SECONDS = 0.5


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument(
        "--follow", action="store_true", help="go on until Ctrl-C, as a processor does"
    )


def run(options: argparse.Namespace) -> int:
    """Run a processor of our own beside those that run already."""
    start = _left()
    if not start and not options.follow:
        say("Nothing waits.")
        return 0
    processor = subprocess.Popen([sys.executable, "-m", "services.processor", "consume"])
    try:
        with bar("Requests stored") as progress:
            most = start
            while (left := _left()) or options.follow:
                if processor.poll() is not None:
                    say("The processor ended by itself; its lines above say why.")
                    return 1
                most = max(most, left)
                progress(most - left, most, f"{left:,} left")
                time.sleep(_LOOK_SECONDS)
    finally:
        processor.terminate()
        processor.wait()
    say("Everything that was in the stream is stored.")
    return 0


def _left() -> int:
    lag = measure(get_stream())
    return lag.waiting_entries + lag.pending_entries
