"""Run a process of the processor: consume, work, schedule or partitions."""

from __future__ import annotations

import argparse

from shared.runtime.logs import configure_logging
from shared.runtime.settings import get_settings


def main() -> None:
    """Run one of the processor's processes."""
    parser = argparse.ArgumentParser(prog="python -m services.processor")
    parser.add_argument(
        "process",
        choices=["consume", "work", "schedule", "partitions"],
        help="consume: store events; work: run jobs, one worker for each queue; "
        "schedule: trigger jobs at their times; "
        "partitions: make the coming days' partitions and end",
    )
    process = parser.parse_args().process
    settings = get_settings()
    configure_logging(
        f"processor-{process}", level=settings.log_level, log_format=settings.log_format
    )
    # Each process loads only what it runs: the consumer no RQ, the others no storage.
    if process == "consume":
        from services.processor.storing.consumer import Consumer

        Consumer(settings).run()
    elif process == "work":
        from services.processor.jobs.workers import run_workers

        run_workers(settings)
    elif process == "partitions":
        from services.processor.jobs.tasks import make_partitions_ahead

        make_partitions_ahead()
    else:
        from services.processor.jobs.schedule import run_schedule

        run_schedule(settings)


if __name__ == "__main__":
    main()
