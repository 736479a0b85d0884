"""``python -m services.processor consume|work|schedule``."""

from __future__ import annotations

import argparse

from services.processor.consume import Consumer
from services.processor.schedule import run_schedule, run_worker
from shared.observability import configure_logging
from shared.settings import get_settings


def main() -> None:
    """Run one of the processor's processes until it is told to stop."""
    parser = argparse.ArgumentParser(prog="python -m services.processor")
    parser.add_argument(
        "process",
        choices=["consume", "work", "schedule"],
        help="consume: store events; work: run jobs; schedule: trigger jobs at their times",
    )
    process = parser.parse_args().process
    settings = get_settings()
    configure_logging(
        f"processor-{process}", level=settings.log_level, log_format=settings.log_format
    )
    if process == "consume":
        Consumer(settings).run()
    elif process == "work":
        run_worker(settings)
    else:
        run_schedule(settings)


if __name__ == "__main__":
    main()
