"""``python -m services.auth bootstrap``: create the first account and project."""

from __future__ import annotations

import argparse
from pathlib import Path

from services.auth.bootstrap import bootstrap


def main() -> None:
    """Parse the command line and run the command."""
    parser = argparse.ArgumentParser(prog="python -m services.auth", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    first = commands.add_parser("bootstrap", help="create the owner and the first project")
    first.add_argument("--credentials", type=Path, required=True, help="file to write them to")
    first.add_argument("--url", required=True, help="the address people open")
    first.add_argument("--email", help="the owner's address")
    first.add_argument("--project", help="the first project's name")
    arguments = parser.parse_args()
    made = bootstrap(
        arguments.credentials, arguments.url, email=arguments.email, project=arguments.project
    )
    if made:
        print(f"Created the owner and the first project; see {arguments.credentials}")


if __name__ == "__main__":
    main()
