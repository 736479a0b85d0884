"""make dev, prod, down, logs, migrate, shell, createsuperuser: which Compose command each one is.

`make compose-test` runs them on containers; here a program in place of Compose tells what it got.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.config import Config

from tests.conftest import ROOT
from tools.compose_check import SECRETS
from tools.migration import next_number

_TOLD = """\
#!/bin/sh
case "$*" in
*"tidemark-dev"*" ps -q") [ "$RUNNING" != dev ] || echo one ;;
*"ps -q") [ "$RUNNING" != prod ] || echo one ;;
*) echo "$*" ;;
esac
"""
_DEV = (
    "--project-name tidemark-dev --env-file secrets -f docker-compose.yml -f docker-compose.dev.yml"
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout with the script alone, and a Compose that only tells."""
    folder = tmp_path / "deploy" / "docker"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "deploy" / "docker" / "stack.sh", folder)
    program = tmp_path / "compose"
    program.write_text(_TOLD)
    program.chmod(0o755)
    return tmp_path


def call(tree: Path, action: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["deploy/docker/stack.sh", action],
        cwd=tree,
        env={
            "PATH": os.environ["PATH"],
            "COMPOSE": str(tree / "compose"),
            "DEV_SECRETS": "secrets",
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_dev_makes_secrets_once_that_only_their_owner_reads(tree: Path) -> None:
    assert call(tree, "dev").stdout == f"{_DEV} up --build\n"
    made = (tree / "secrets").read_text()
    names = [line.partition("=")[0] for line in made.splitlines()]
    assert names == list(SECRETS)
    assert re.fullmatch(r"([A-Z_]+=[0-9a-f]{64}\n){7}", made)
    assert (tree / "secrets").stat().st_mode & 0o777 == 0o600
    call(tree, "dev")
    assert (tree / "secrets").read_text() == made
    # A file of an earlier version is completed.
    (tree / "secrets").write_text(made.splitlines()[0] + "\n")
    call(tree, "dev")
    completed = (tree / "secrets").read_text()
    assert completed.startswith(made.splitlines()[0])
    assert completed.count("\n") == len(SECRETS)


def test_prod_wants_secrets_of_the_operator(tree: Path) -> None:
    refused = call(tree, "prod")
    assert refused.returncode == 1
    assert "cp .env.example .env" in refused.stderr
    (tree / ".env").touch()
    assert call(tree, "prod").stdout == "up --build --detach\n"


def test_down_means_whatever_was_started(tree: Path) -> None:
    assert call(tree, "down").stdout == ""
    (tree / "secrets").touch()
    (tree / ".env").touch()
    assert call(tree, "down").stdout == f"{_DEV} down\ndown\n"


@pytest.mark.parametrize(
    ("action", "variables", "command"),
    [
        ("logs", {}, "logs --follow --tail 100"),
        ("logs", {"SERVICE": "ingest", "LINES": "5"}, "logs --follow --tail 5 ingest"),
        ("migrate", {}, "run --rm migrate"),
        ("shell", {"SERVICE": "auth"}, "exec -T auth sh"),
        (
            "createsuperuser",
            {"EMAIL": "a@example.org"},
            "run --rm --no-deps -T migrate python -m services.auth superuser --email a@example.org",
        ),
    ],
)
def test_the_rest_means_what_runs(
    tree: Path, action: str, variables: dict[str, str], command: str
) -> None:
    (tree / "secrets").touch()
    assert call(tree, action, RUNNING="prod", **variables).stdout == f"{command}\n"
    assert call(tree, action, RUNNING="dev", **variables).stdout == f"{_DEV} {command}\n"
    assert call(tree, action, RUNNING="dev", STACK="prod", **variables).stdout == f"{command}\n"


def test_without_containers_there_are_no_logs(tree: Path) -> None:
    refused = call(tree, "logs")
    assert refused.returncode == 1
    assert "no containers run here" in refused.stderr


def test_beside_make_run_a_command_gets_its_settings(tmp_path: Path) -> None:
    around = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "LOG_LEVEL": "DEBUG"}
    command = [
        sys.executable,
        "-m",
        "deploy.local.within",
        "sh",
        "-c",
        "echo $DATABASE_URL $LOG_LEVEL",
    ]

    def within() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=ROOT, env=around, capture_output=True, text=True, check=False
        )

    assert f"no installation runs on the data folder {tmp_path}" in within().stderr
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "environment.json").write_text('{"DATABASE_URL": "postgresql://there"}')
    assert within().stdout == "postgresql://there DEBUG\n"


def test_the_next_migration_has_the_next_number(tmp_path: Path) -> None:
    alembic = Config(ROOT / "alembic.ini")
    last = max((ROOT / "shared" / "migrations" / "versions").glob("0*.py")).name[:4]
    assert next_number(alembic) == f"{int(last) + 1:04}"
