"""A server whose append-only file is damaged: said what to do, repaired, and running again."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from deploy.local.backends import laid_out_backends
from deploy.local.problems import CannotStart
from deploy.local.valkey import Valkey, advice_on
from tests.conftest import ROOT
from tests.support.waiting import wait_for

_ENTRIES = 200
_SERVERS = ("stream", "state")
every_server = pytest.mark.parametrize("server", _SERVERS)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A stopped installation's folder, whose servers with files on disk hold entries."""
    backends = laid_out_backends(tmp_path, {"DATABASE_URL": "elsewhere"})
    logging = {name for name, server in backends.embedded.items() if name != "cache"}
    assert logging == set(_SERVERS)
    for name in logging:
        server = backends.embedded[name]
        server.start()
        try:
            with Redis.from_url(server.url) as client:
                for number in range(_ENTRIES):
                    client.xadd("events", {"batch": f"{number}".zfill(100)})
        finally:
            server.stop()
    return tmp_path


def incremental(data_dir: Path, server: str = "stream") -> Path:
    [path] = (data_dir / server / "appendonlydir").glob("*.incr.aof")
    return path


def tidemark(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services.processor.commands", "repair_aof", *arguments],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(data_dir), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def entries(data_dir: Path, name: str = "stream") -> int:
    server = Valkey(data_dir / name)
    server.start()
    try:
        with Redis.from_url(server.url) as client:
            return int(client.xlen("events"))
    finally:
        server.stop()


@every_server
def test_a_file_damaged_in_the_middle_is_named_cut_and_kept(data_dir: Path, server: str) -> None:
    path = incremental(data_dir, server)
    whole = path.read_bytes()
    middle = whole.index(b"*", len(whole) // 2)
    path.write_bytes(whole[:middle] + b"\xff" * 64 + whole[middle + 64 :])
    with pytest.raises(CannotStart) as refused:
        entries(data_dir, server)
    assert "repair_aof" in advice_on(str(refused.value))

    looked = tidemark(data_dir, "--server", server, "--dry-run")
    assert looked.returncode == 0, looked.stderr
    assert str(path) in looked.stdout
    assert path.stat().st_size == len(whole)

    done = tidemark(data_dir, "--server", server, "--yes")
    assert done.returncode == 0, done.stderr
    assert 0 < entries(data_dir, server) < _ENTRIES
    [rest] = path.parent.glob("*.damaged-*")
    assert rest.read_bytes().startswith(b"\xff" * 64)
    assert rest.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("damage", ["an unknown command", "a transaction without an end"])
def test_what_reads_like_commands_and_is_none_is_cut_too(data_dir: Path, damage: str) -> None:
    more = {
        "an unknown command": b"*1\r\n$4\r\n\xff\xff\xff\xff\r\n",
        "a transaction without an end": b"*1\r\n$5\r\nMULTI\r\n*1\r\n$4\r\nPING\r\n",
    }[damage]
    path = incremental(data_dir)
    with path.open("ab") as file:
        file.write(more)
    assert tidemark(data_dir, "--server", "stream", "--yes").returncode == 0
    [rest] = path.parent.glob("*.damaged-*")
    assert rest.read_bytes() == more
    assert entries(data_dir) == _ENTRIES


def test_without_a_name_every_server_with_files_on_disk_is_repaired(data_dir: Path) -> None:
    for server in _SERVERS:
        with incremental(data_dir, server).open("ab") as file:
            file.write(b"\xff" * 64)
    done = tidemark(data_dir, "--yes")
    assert done.returncode == 0, done.stdout
    assert [entries(data_dir, server) for server in _SERVERS] == [_ENTRIES, _ENTRIES]


def test_a_whole_file_stays_as_it_is(data_dir: Path) -> None:
    done = tidemark(data_dir, "--server", "stream", "--yes")
    assert (done.returncode, "every command can be read" in done.stdout) == (0, True)
    assert entries(data_dir) == _ENTRIES


@every_server
def test_a_damaged_base_is_set_aside(data_dir: Path, server: str) -> None:
    [base] = incremental(data_dir, server).parent.glob("*.base.rdb")
    base.write_bytes(b"\xff" * base.stat().st_size)
    with pytest.raises(CannotStart) as refused:
        entries(data_dir, server)
    assert "repair_aof" in advice_on(str(refused.value))
    done = tidemark(data_dir, "--server", server, "--set-aside", "--yes")
    assert done.returncode == 0, done.stderr
    assert entries(data_dir, server) == 0
    assert list((data_dir / server).glob("appendonlydir.damaged-*"))


_RUNNER = """
import shlex, sys
from pathlib import Path
from deploy.local.programs import Program, Stage
from deploy.local.supervision import Runner
from deploy.local.terminal import Terminal
from deploy.local.valkey import Valkey
data_dir = Path(sys.argv[1])
server = Valkey(data_dir / "state")
server.lay_out()
program = Program("state", shlex.join(server.command), Stage.SERVERS, folder="/", is_shown=False)
Runner([program], data_dir / "run", Terminal(["state"])).run_until_stopped()
"""


@contextmanager
def supervised_state(data_dir: Path) -> Iterator[Callable[[], dict[str, Any]]]:
    """A runner of the state alone; yields what it says of its process."""
    run_dir = data_dir / "run"
    run_dir.mkdir()
    runner = subprocess.Popen(
        [sys.executable, "-c", _RUNNER, str(data_dir)], cwd=ROOT, start_new_session=True
    )

    def process() -> dict[str, Any]:
        file = run_dir / "supervision.json"
        state: dict[str, Any] = (
            json.loads(file.read_text())["processes"]["state"]
            if file.exists()
            else {"ended": 0, "pid": 0}
        )
        return state

    try:
        yield process
    finally:
        runner.send_signal(signal.SIGTERM)
        assert runner.wait(30) == 0


def test_a_killed_server_is_not_said_to_have_a_damaged_file(data_dir: Path) -> None:
    log = data_dir / "logs" / "state.log"
    with supervised_state(data_dir) as process:
        wait_for(lambda: log.exists() and "Ready to accept connections" in log.read_text())
        assert "append only file" in log.read_text()
        assert advice_on(log.read_text()) == ""
        # Also when its last words were those of a file that could not be read.
        with log.open("a") as file:
            file.write("Bad file format reading the append only file\n")
        wait_for(lambda: process()["pid"] > 0)  # 0 until it has run for ten seconds
        os.kill(process()["pid"], signal.SIGKILL)
        wait_for(lambda: process()["ended"] > 0)
        assert process()["last_end"] == "killed by SIGKILL"


def test_a_server_that_cannot_read_its_file_is_said_to_have_a_damaged_one(data_dir: Path) -> None:
    with incremental(data_dir, "state").open("ab") as file:
        file.write(b"\xff" * 64)
    with supervised_state(data_dir) as process:
        wait_for(lambda: process()["ended"] > 0)
        assert "exit code 1: its append-only file is damaged" in process()["last_end"]


def test_nothing_is_touched_while_tidemark_runs(data_dir: Path) -> None:
    with incremental(data_dir).open("ab") as file:
        file.write(b"\xff")
    with (data_dir / "lock").open("w") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        refused = tidemark(data_dir, "--yes")
    assert refused.returncode == 1
    assert "Stop it first" in refused.stdout
    assert not list(incremental(data_dir).parent.glob("*.damaged-*"))
