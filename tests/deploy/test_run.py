"""`make run`: its refusals, and what it leaves behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from deploy.local.children import free_port
from tests.conftest import (
    ROOT,
    Installation,
    environment_without_servers,
    read_installation,
    start_installation,
)
from tests.support.prepared_cluster import lay_cluster


def refused(tmp_path: Path, **environment: str) -> str:
    """Run it, expect it to fail at once, and answer the sentence it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "deploy.local"],
        cwd=ROOT,
        env={
            **environment_without_servers(),
            "DATA_DIR": str(tmp_path),
            "PORT": str(free_port()),
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_a_taken_port_is_named_with_the_way_out(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        sentence = refused(tmp_path, PORT=str(port))
    assert f"Port {port} is in use" in sentence
    assert f"PORT={port + 1} make run" in sentence


def test_a_full_disk_is_named_with_the_way_out(tmp_path: Path) -> None:
    sentence = refused(tmp_path, TIDEMARK_MINIMUM_FREE_MB=str(10**9))
    assert "MB free" in sentence
    assert "DATA_DIR=" in sentence


@pytest.mark.parametrize("port", ["abc", "0", "70000"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, port: str) -> None:
    assert "PORT is" in refused(tmp_path, PORT=port)


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    assert "cannot be created" in refused(tmp_path, DATA_DIR=str(file))


def test_a_data_folder_in_use_is_refused(installation: Installation, tmp_path: Path) -> None:
    sentence = refused(
        tmp_path, DATA_DIR=str(installation.data_dir), TIDEMARK_MINIMUM_FREE_MB="100"
    )
    assert "already runs on the data folder" in sentence


def test_only_the_owner_can_read_what_it_writes(tmp_path: Path) -> None:
    """Also what an earlier version left open; stopped before anything but folders is made."""
    data_dir = tmp_path / "data"
    (data_dir / "postgres").mkdir(parents=True)
    old = data_dir / "postgres" / "postgresql.log"
    old.touch(0o644)
    data_dir.chmod(0o755)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused(data_dir, PORT=str(taken.getsockname()[1]), TIDEMARK_MINIMUM_FREE_MB="1")
    for path, mode in ((data_dir, 0o700), (old, 0o600), (data_dir / "lock", 0o600)):
        assert path.stat().st_mode & 0o777 == mode, path


def test_a_running_installation_leaves_nothing_open_to_other_accounts(
    installation: Installation,
) -> None:
    data_dir = installation.data_dir
    # As root, its servers' accounts walk through the folder; they cannot list it.
    assert data_dir.stat().st_mode & 0o777 == (0o701 if os.geteuid() == 0 else 0o700)
    shown = {data_dir / "run" / "gateway" / "demo" / "config.json", installation.log}
    open_files = [
        path
        for path in data_dir.rglob("*")
        if path.is_file() and path not in shown and path.stat().st_mode & 0o077
    ]
    assert not open_files


def test_as_root_every_server_runs_under_an_account_of_its_kind(installation: Installation) -> None:
    runner = json.loads((installation.data_dir / "run" / "supervision.json").read_text())
    accounts = {}
    for name in ("postgres", "state", "stream", "cache", "gateway"):
        server = psutil.Process(runner["processes"][name]["pid"])
        # nginx keeps its master as the owner, and its workers handle the requests.
        handling = server.children() if name == "gateway" else [server, *server.children()]
        [accounts[name]] = {each.uids().effective for each in handling}
    if os.geteuid() != 0:
        assert set(accounts.values()) == {os.geteuid()}
        return
    assert 0 not in accounts.values()
    assert accounts["state"] == accounts["stream"] == accounts["cache"]
    assert len(set(accounts.values())) == 3


def test_each_process_has_the_database_role_that_it_needs(installation: Installation) -> None:
    running = json.loads((installation.data_dir / "run" / "supervision.json").read_text())
    reader, writer = ["tidemark_read"], ["tidemark_write"]
    expected = {
        **dict.fromkeys(("query", "flags", "live"), reader),
        **dict.fromkeys(("auth", "ingest", "processor"), writer),
        "worker": ["tidemark_owner", "tidemark_write"],
    }
    roles = {}
    for name in expected:
        variables = psutil.Process(running["processes"][name]["pid"]).environ()
        found = re.findall(r"postgresql\S*?//(\w+):", str(variables))
        roles[name] = sorted(set(found))
    assert roles == expected


def test_an_old_python_is_named_and_so_is_the_one_needed(tmp_path: Path) -> None:
    source = (ROOT / "tools" / "check_python.py").read_text()
    pretend = tmp_path / "old.py"
    pretend.write_text("import sys\nsys.version_info = (3, 8, 1)\n" + source)
    done = subprocess.run(
        [sys.executable, str(pretend)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Python 3.11 or newer is needed" in done.stderr
    assert "3.8" in done.stderr


def test_it_stops_cleanly_keeps_its_data_and_leaves_no_process(tmp_path: Path) -> None:
    data_dir = tmp_path / "my data"
    data_dir.mkdir()
    process, log = start_installation(data_dir, free_port())
    first = read_installation(process, data_dir, log)
    assert first.ingest(first.credentials["public_key"], {"event": "kept"}).status_code == 202
    children = psutil.Process(process.pid).children(recursive=True)
    names = {child.name() for child in children}
    assert any("postgres" in name for name in names)
    assert any("valkey" in name for name in names)
    assert any("nginx" in name for name in names)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0, log.read_text()[-2000:]
    _, alive = psutil.wait_procs(children, timeout=5)
    assert not alive

    process, log = start_installation(data_dir, free_port())
    second = read_installation(process, data_dir, log)
    try:
        second.wait_until_stored()
        keys = ("email", "password", "project_id", "public_key", "secret_key")
        assert [first.credentials[key] for key in keys] == [second.credentials[key] for key in keys]
        assert second.url != first.url
        found = second.login().get(f"{second.url}/api/events/?project_id=1", timeout=10).json()
        assert [event["event_name"] for event in found["items"]] == ["kept"]
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    check_order_of_stopping(log.read_text())


def test_the_next_start_terminates_the_processes_of_a_killed_run(tmp_path: Path) -> None:
    port = free_port()
    lay_cluster(tmp_path / "postgres")
    process, log = start_installation(tmp_path, port)
    read_installation(process, tmp_path, log)
    orphans = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    assert any(orphan.is_running() for orphan in orphans)

    process, log = start_installation(tmp_path, port)
    try:
        assert read_installation(process, tmp_path, log).login()
        _, alive = psutil.wait_procs(orphans, timeout=5)
        assert not alive
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def check_order_of_stopping(log: str) -> None:
    """The gateway stops before the services behind it, and the servers stop last."""
    stopped = re.findall(r"^([\w.-]+) stopped \((.*)\)$", log, re.MULTILINE)
    assert {end for _, end in stopped} == {"exit code 0"}
    names = [name for name, _ in stopped]
    assert names[0] == "gateway"
    assert set(names[-8:-4]) == {"processor", "processor.2", "worker", "schedule"}
    assert set(names[-4:]) == {"postgres", "state", "stream", "cache"}


def find_python(folder: Path, named: str = "") -> subprocess.CompletedProcess[str]:
    """Ask as the Makefile does, on a machine that has only what is in this folder."""
    (folder / "dirname").symlink_to("/usr/bin/dirname")
    return subprocess.run(
        ["/bin/sh", str(ROOT / "tools" / "find_python.sh"), named],
        env={"PATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_python_that_does_not_run_or_is_too_old_is_passed_over(tmp_path: Path) -> None:
    old = "import sys; sys.version_info = (3, 8, 1); exec(open(sys.argv[1]).read())"
    commands = {
        "python3.13": "#!/bin/sh\nexit 127\n",
        "python3.12": f"#!/bin/sh\n[ \"$1\" = -c ] || exec '{sys.executable}' -c '{old}' \"$1\"\n",
        "python3.11": f"#!/bin/sh\nexec '{sys.executable}' \"$@\"\n",
    }
    for name, script in commands.items():
        (tmp_path / name).write_text(script)
        (tmp_path / name).chmod(0o755)
    found = find_python(tmp_path)
    assert found.returncode == 0, found.stderr
    assert found.stdout.strip() == str(tmp_path / "python3.11")

    (tmp_path / "python3.11").unlink()
    (tmp_path / "dirname").unlink()
    refused = find_python(tmp_path)
    assert refused.returncode == 1
    assert len(refused.stderr.splitlines()) == 1
    assert "Python 3.11 or newer is needed" in refused.stderr
    assert "3.8" in refused.stderr


def test_without_any_python_one_sentence_says_so(tmp_path: Path) -> None:
    refused = find_python(tmp_path)
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "there is no python3 here" in refused.stderr
