"""Tidemark and the demo games without a terminal: ``make start-all start-games stop-all``.

What is started is recorded in the data folder with its pid and start time, and only that is
stopped: a Tidemark that ``make run`` holds stays.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil

from deploy.local import options
from deploy.local.games import STOP_SIGNAL, GamePorts, start_games
from deploy.local.installation import ROOT, replace_private
from deploy.local.leftovers import same_process
from deploy.local.permissions import keep_private
from deploy.local.preflight import require_free_port
from deploy.local.problems import CannotStart

_TIDEMARK, _GAMES = "Tidemark", "the games"
_STOP_SIGNALS = {_TIDEMARK: signal.SIGTERM, _GAMES: STOP_SIGNAL}
_STOP_SECONDS = 120
"""Accepted events are stored first, and PostgreSQL writes its data."""
_READY = "Tidemark is ready"


def main(command: str) -> int:
    """Run ``start-all``, ``start-games`` or ``stop-all`` and return the exit code."""
    environ = options.with_dotenv(os.environ)
    data_dir = options.data_folder(environ)
    try:
        if command == "stop-all":
            return stop(data_dir)
        ports = GamePorts.from_environment(environ)
        if command == "start-all":
            _start_tidemark(data_dir, environ, ports.tidemark)
        _start_games(data_dir, ports)
    except CannotStart as problem:
        print(f"tidemark: {problem}", file=sys.stderr)
        return 1
    return 0


def _start_tidemark(data_dir: Path, environ: Mapping[str, str], port: int) -> None:
    """Start the runner in a session of its own, and return once everything is ready.

    Raises:
        CannotStart: the runner ended, or is there already; with what it says.
    """
    if _TIDEMARK in _running(data_dir):
        print(f"Tidemark runs already:  http://127.0.0.1:{port}")
        return
    log = data_dir / "logs" / "start-all.log"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(
            f"The data folder {data_dir} cannot be created: {error.strerror}. Choose another: "
            "DATA_DIR=/path make start-all"
        ) from error
    # It tells the owner's password, as the terminal of `make run` does.
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as output:
        runner = subprocess.Popen(
            [sys.executable, "-m", "deploy.local"],
            cwd=ROOT,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _record(data_dir, _TIDEMARK, runner.pid)
    while _READY not in log.read_text(errors="replace"):
        if runner.poll() is not None:
            reported = log.read_text(errors="replace").strip().removeprefix("tidemark: ")
            raise CannotStart(reported or f"the runner ended with {runner.returncode}.")
        time.sleep(0.2)
    print(log.read_text(errors="replace").replace("Ctrl-C", "make stop-all"))


def _start_games(data_dir: Path, ports: GamePorts) -> None:
    if _GAMES in _running(data_dir):
        print("The games run already.")
    else:
        (data_dir / "run").mkdir(parents=True, exist_ok=True)
        keep_private(data_dir)
        _record(data_dir, _GAMES, start_games(data_dir, ports))
    for game in ports.games:
        print(f"  {game:<8} {ports.url(game)}")
    try:
        require_free_port(ports.tidemark)
    except CannotStart:
        return  # Tidemark, which takes the events
    print(
        f"Nothing listens on port {ports.tidemark}, so the games send nothing yet. Start Tidemark "
        "by make run or make start-all; another port of it: PORT=8001 make start-games"
    )


def stop(data_dir: Path) -> int:
    """Stop what the other commands started, and nothing else.

    Returns:
        0, or 1 if something did not end in time.
    """
    running = _running(data_dir)
    if not running:
        print("Nothing runs that make start-all or make start-games started.")
    for name, process in running.items():
        with suppress(psutil.NoSuchProcess):
            process.send_signal(_STOP_SIGNALS[name])
    _, remaining = psutil.wait_procs(list(running.values()), timeout=_STOP_SECONDS)
    for name, process in running.items():
        if process not in remaining:
            print(f"Stopped {name}.")
        else:
            print(
                f"tidemark: {name} (pid {process.pid}) did not end within {_STOP_SECONDS} "
                f"seconds; the logs are in {data_dir / 'logs'}.",
                file=sys.stderr,
            )
    if not remaining:
        _file(data_dir).unlink(missing_ok=True)
    return 1 if remaining else 0


def _running(data_dir: Path) -> dict[str, psutil.Process]:
    """Return the recorded processes that run, by their names."""
    try:
        recorded = json.loads(_file(data_dir).read_text())
    except (FileNotFoundError, ValueError):
        return {}
    found = {name: same_process(*entry) for name, entry in recorded.items()}
    return {name: process for name, process in found.items() if process is not None}


def _record(data_dir: Path, name: str, pid: int) -> None:
    """Add a process to the record; its start time tells a reused pid apart."""
    known = {**_running(data_dir), name: psutil.Process(pid)}
    entries = {name: [process.pid, process.create_time()] for name, process in known.items()}
    _file(data_dir).parent.mkdir(exist_ok=True)
    replace_private(_file(data_dir), json.dumps(entries))


def _file(data_dir: Path) -> Path:
    return data_dir / "run" / "background.json"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
