"""Run a maintenance command: ``tidemark COMMAND …``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from types import ModuleType

import psycopg2
from redis.exceptions import RedisError

from services.processor.commands import (
    aggregate_events,
    cleanup_events,
    delete_person,
    doctor,
    event_status,
    export_person,
    import_events,
    jobs,
    merges,
    metrics_token,
    process_events,
    rebuild,
    reconcile,
    repair_aof,
    replay,
)
from shared.errors import TidemarkError
from shared.runtime.logs import configure_logging
from shared.runtime.settings import SettingsError, get_settings

COMMANDS: tuple[ModuleType, ...] = (
    event_status,
    doctor,
    process_events,
    aggregate_events,
    rebuild,
    reconcile,
    cleanup_events,
    replay,
    import_events,
    export_person,
    delete_person,
    merges,
    jobs,
    repair_aof,
    metrics_token,
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        _find_installation()
        configure_logging("tidemark", level="WARNING", log_format="text")
        return int(options.run(options))
    except SettingsError as error:
        print(
            f"tidemark: {error}\nStart Tidemark with `make run` (its folder: DATA_DIR=…), or "
            "run this where its environment is set: `docker compose exec worker ./tidemark …`",
            file=sys.stderr,
        )
    except TidemarkError as error:
        print(f"tidemark: {error.message}", file=sys.stderr)
    except (psycopg2.OperationalError, RedisError) as error:
        print(f"tidemark: PostgreSQL or Redis does not answer: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("\ntidemark: stopped; finished steps are kept", file=sys.stderr)
        return 130
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tidemark", description="Operate a Tidemark installation."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in COMMANDS:
        first, _, rest = (module.__doc__ or "").partition("\n")
        command = commands.add_parser(
            module.NAME, help=first, description=f"{first}\n{rest}".strip(), aliases=module.ALIASES
        )
        module.arguments(command)
        command.set_defaults(run=module.run)
    return parser


def _find_installation() -> None:
    """Without an environment, use that of the installation made by ``make run``."""
    if os.environ.get("DATABASE_URL"):
        return
    data_dir = Path(os.environ.get("DATA_DIR") or ".data")
    try:
        environment = json.loads((data_dir / "run" / "environment.json").read_text())
    except (OSError, ValueError):
        return  # the settings will say what is missing
    os.environ.update(environment)
    get_settings.cache_clear()


if __name__ == "__main__":
    sys.exit(main())
