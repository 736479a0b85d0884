"""``python -m services.auth bootstrap``: the first account and project of an installation."""

from __future__ import annotations

import argparse
from pathlib import Path

from services.auth.bootstrap import bootstrap


def main() -> None:
    """Read the command line and run the one command there is."""
    parser = argparse.ArgumentParser(prog="python -m services.auth", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    first = commands.add_parser("bootstrap", help="make the owner and the first project")
    first.add_argument("--credentials", type=Path, required=True, help="file to write them to")
    first.add_argument("--url", required=True, help="the address people open")
    first.add_argument("--email", help="the owner's address")
    first.add_argument("--project", help="the first project's name")
    arguments = parser.parse_args()
    made = bootstrap(
        arguments.credentials, arguments.url, email=arguments.email, project=arguments.project
    )
    if made:
        print(f"Made the owner and the first project; see {arguments.credentials}")


if __name__ == "__main__":
    main()
