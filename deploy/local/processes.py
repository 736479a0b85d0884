"""The Procfile's processes under honcho: all started together, stopped in order."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import defaultdict, deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import honcho.manager
from honcho.environ import parse_procfile
from honcho.printer import Message, Printer

from deploy.local.problems import CannotStart

_LAST_LINES = 10
_GRACE_SECONDS = 25.0
_PROCESSORS = 2
_MOST_PROCESSORS = 64
_TOLD_TO_STOP = (130, 143)  # honcho's return codes after SIGINT and SIGTERM
# Nothing comes in any more before what handles it stops, and events that are in are still stored.
_STOP_FIRST = "gateway"
_STOP_LAST = ("processor", "worker", "schedule")


class Processes(honcho.manager.Manager):  # type: ignore[misc]  # honcho ships no types
    """Runs every line of the Procfile; when one ends by itself, all are stopped."""

    _terminating: bool

    def __init__(self, procfile: Path, environment: Mapping[str, str]) -> None:
        self._tail: dict[str, deque[str]] = defaultdict(lambda: deque(maxlen=_LAST_LINES))
        super().__init__(_RememberingPrinter(self._tail))
        # Stopping keeps its own time, stage by stage; honcho must not cut it short.
        honcho.manager.KILL_WAIT = 10 * _GRACE_SECONDS
        self._ended_by_itself: str | None = None
        self._stopping: threading.Thread | None = None
        for name, command in parse_procfile(procfile.read_text()).processes.items():
            for instance in _instances(name, environment):
                # Without a shell in between, signals and exit codes are the process's own.
                self.add_process(
                    instance, f"exec {command}", env=dict(environment), cwd=procfile.parent
                )

    def run(self) -> str | None:
        """Run until told to stop, or until a process ends by itself; blocks.

        Returns:
            What to tell the person if a process ended by itself.
        """
        self.loop()
        if self._stopping is not None:
            self._stopping.join()
        if self.returncode in _TOLD_TO_STOP:
            return None
        name = self._ended_by_itself or "?"
        code = self._processes.get(name, {}).get("returncode")
        lines = "\n".join(f"  {line}" for line in self._tail[name]) or "  (nothing)"
        return (
            f"the process {name} ended by itself (exit code {code}), so everything was stopped. "
            f"Its last lines:\n{lines}"
        )

    def terminate(self) -> None:
        """Stop what still runs, in order; honcho calls this from its loop or a signal handler."""
        if self._terminating:
            return
        self._terminating = True
        ended = [name for name, process in self._processes.items() if "returncode" in process]
        self._ended_by_itself = ended[0] if ended else None
        # In a thread, for the loop that called this also notices which processes have ended.
        self._stopping = threading.Thread(target=self._stop_in_order, daemon=True)
        self._stopping.start()

    def _stop_in_order(self) -> None:
        last = [name for name in self._processes if name.partition(".")[0] in _STOP_LAST]
        services = [name for name in self._processes if name not in {_STOP_FIRST, *last}]
        for stage in ([_STOP_FIRST], services, last):
            present = [name for name in stage if name in self._processes]
            for name in present:
                # nginx takes SIGTERM as "drop everything" and SIGQUIT as "finish first".
                self._signal(name, signal.SIGQUIT if name == _STOP_FIRST else signal.SIGTERM)
            self._wait(present)

    def _signal(self, name: str, what: signal.Signals) -> None:
        process = self._processes[name]
        deadline = time.monotonic() + _GRACE_SECONDS
        while "pid" not in process and time.monotonic() < deadline:
            time.sleep(0.02)  # told to stop while it was being started
        if "pid" in process and "returncode" not in process:
            try:
                os.kill(process["pid"], what)
            except ProcessLookupError:
                return

    def _wait(self, names: list[str]) -> None:
        deadline = time.monotonic() + _GRACE_SECONDS
        while any("returncode" not in self._processes[name] for name in names):
            if time.monotonic() > deadline:
                for name in names:
                    self._kill_group(name)
                return
            time.sleep(0.02)

    def _kill_group(self, name: str) -> None:
        process = self._processes[name]
        if "pid" in process and "returncode" not in process:
            try:
                os.killpg(process["pid"], signal.SIGKILL)
            except ProcessLookupError:
                return


def _instances(name: str, environment: Mapping[str, str]) -> list[str]:
    """The processes of a line: of processors one computes while another waits for PostgreSQL."""
    if name != "processor":
        return [name]
    given = environment.get("PROCESSORS") or str(_PROCESSORS)
    if not given.isdecimal() or not 0 < int(given) <= _MOST_PROCESSORS:
        raise CannotStart(f"PROCESSORS is {given!r}; give a number from 1 to {_MOST_PROCESSORS}")
    number = int(given)
    return [name, *(f"{name}.{instance}" for instance in range(2, number + 1))]


class _RememberingPrinter(Printer):  # type: ignore[misc]
    """Prints as honcho does, and keeps each process's last lines."""

    def __init__(self, tail: dict[str, deque[str]]) -> None:
        super().__init__(sys.stdout)
        self._tail = tail

    def write(self, message: Message) -> Any:
        data = message.data
        text = data.decode(errors="replace") if isinstance(data, bytes) else data
        self._tail[message.name].append(text.rstrip())
        return super().write(message)
