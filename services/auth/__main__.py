"""``python -m services.auth COMMAND``: create accounts from the command line."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path

from services.auth.accounts.bootstrap import bootstrap
from services.auth.accounts.superuser import make_superuser
from shared.errors import TidemarkError


def main() -> int:
    """Parse the command line and run the command; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m services.auth", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    first = commands.add_parser("bootstrap", help="create the owner and the first project")
    first.add_argument("--credentials", type=Path, required=True, help="file to write them to")
    first.add_argument("--url", required=True, help="the address people open")
    first.add_argument("--email", help="the owner's address")
    first.add_argument("--project", help="the first project's name")
    first.add_argument("--demo", default="false", help="true: create a project for the demos")
    first.set_defaults(run=_bootstrap)
    another = commands.add_parser("superuser", help="make an account a superuser")
    another.add_argument("--email", required=True, help="the account's address; made if need be")
    another.set_defaults(run=_superuser)
    arguments = parser.parse_args()
    try:
        return int(arguments.run(arguments))
    except TidemarkError as error:
        print(f"tidemark: {error.message}", file=sys.stderr)
        return 1


def _bootstrap(arguments: argparse.Namespace) -> int:
    made = bootstrap(
        arguments.credentials,
        arguments.url,
        email=arguments.email,
        project=arguments.project,
        with_demo=arguments.demo.strip().lower() not in {"", "false", "0", "no", "off"},
    )
    if made:
        print(f"Created the owner and the first project; see {arguments.credentials}")
    return 0


def _superuser(arguments: argparse.Namespace) -> int:
    if sys.stdin.isatty():
        password = getpass.getpass("Password (empty: keep it, or create one): ")
    else:
        password = sys.stdin.readline().rstrip("\n")
    generated = make_superuser(arguments.email, password)
    print(f"{arguments.email} is a superuser.{f' Password: {generated}' if generated else ''}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
