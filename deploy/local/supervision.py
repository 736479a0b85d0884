"""Keeps every process running, servers included: supervisord's own loop, inside the runner.

supervisord starts, stops, and starts again with back-off; it writes the logs and keeps them small.
What it does not do stands here: processes of ours wait for the tables, what a dead process left
behind is ended, and people are told (terminal, health, ``tidemark doctor``).
docs/decisions/0013-supervision.md says why it is this one.
"""

from __future__ import annotations

import os
import signal
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from supervisor import events
from supervisor.datatypes import RestartUnconditionally, RestartWhenExitUnexpected
from supervisor.medusa.asyncore_25 import ExitNow
from supervisor.options import ProcessConfig, ProcessGroupConfig, ServerOptions
from supervisor.states import ProcessStates, SupervisorStates
from supervisor.supervisord import Supervisor

from deploy.local import leftovers
from deploy.local.orphans import Orphans, end_all_children
from deploy.local.programs import PREPARE, Program, Stage
from deploy.local.terminal import Terminal
from shared.runtime.supervision import ProcessState, Supervision, write_supervision

_STEADY_SECONDS = 10
"""What ends sooner after its start is started again with back-off, else at once."""
_LONGEST_PAUSE_SECONDS = 30.0
_FOREVER = 2**31
_LOG_BYTES = 5_000_000
_OLD_LOGS = 2
_ENDS_KEPT = 10
_SHOWN_LINES = 3
_STATES = {
    ProcessStates.STOPPED: "stopped",
    ProcessStates.STARTING: "starting",
    ProcessStates.RUNNING: "running",
    ProcessStates.BACKOFF: "waiting",
    ProcessStates.STOPPING: "stopping",
    ProcessStates.EXITED: "waiting",
    ProcessStates.FATAL: "stopped",
    ProcessStates.UNKNOWN: "unknown",
}
_CONFIGURATION = """\
; Written at every start by deploy/local/supervision.py, which adds the processes.
[supervisord]
nodaemon=true
silent=true
nocleanup=true
{user}logfile=%(here)s/../logs/supervisor.log
logfile_maxbytes=1000000
logfile_backups=1
pidfile=%(here)s/supervisor.pid
childlogdir=%(here)s
minfds=256
minprocs=100
"""


class _Options(ServerOptions):  # type: ignore[misc]  # supervisor ships no types
    """supervisord's options, and how each process ended last."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: dict[int, int] = {}

    def waitpid(self) -> tuple[int | None, int | None]:
        """As supervisord waits; it forgets which signal it was."""
        pid, status = super().waitpid()
        if pid:
            self.ends[pid] = status
        return pid, status

    def openhttpservers(self, supervisor: Supervisor) -> None:
        """There is none: whoever may send signals may also stop processes, and nobody else."""
        del supervisor


class Runner(Supervisor):  # type: ignore[misc]
    """Runs the programs until it is told to stop."""

    def __init__(self, programs: Sequence[Program], run_dir: Path, terminal: Terminal) -> None:
        self._programs = {program.name: program for program in programs}
        self._run_dir = run_dir
        self._terminal = terminal
        self._ends: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=_ENDS_KEPT))
        self._times_ended: dict[str, int] = defaultdict(int)
        self._last_end: dict[str, str] = {}
        self._orphans = Orphans()
        self._prepared = False
        self.failed = False
        """It could not be made ready, and trying again makes no sense."""
        super().__init__(_options(programs, run_dir))

    def run_until_stopped(self) -> None:
        """Block until everything has ended."""
        with suppress(ExitNow):
            self.main()
        self.options.close_logger()
        end_all_children()

    def runforever(self) -> None:
        """Run supervisord's loop; told here, because it forgets who listens before it begins."""
        for event, callback in (
            (events.ProcessStateEvent, self._on_change),
            (events.ProcessLogEvent, self._on_output),
            (events.Tick5Event, self._on_tick),
            (events.Tick60Event, self._on_minute),
        ):
            events.subscribe(event, self._guarded(callback))
        super().runforever()

    def _guarded(self, callback: Callable[[Any], None]) -> Callable[[Any], None]:
        """Keep the supervisor alive through a full disk, a closed terminal or a defect in here."""

        def guarded(event: Any) -> None:
            try:
                callback(event)
            except Exception as error:  # noqa: BLE001
                self.options.logger.critical(f"a callback failed: {error!r}")

        return guarded

    def _on_output(self, event: Any) -> None:
        program = self._programs[event.process.config.name]
        self._terminal.show(program, event.data)

    def _on_tick(self, _event: object) -> None:
        self._orphans.kill_the_stubborn()

    def _on_minute(self, _event: object) -> None:
        self._write_state()

    def _on_change(self, event: Any) -> None:
        process, state = event.process, event.process.state
        program = self._programs[process.config.name]
        if state in {ProcessStates.BACKOFF, ProcessStates.EXITED, ProcessStates.STOPPED}:
            self._on_end(program, process)
        self._write_state()
        if state in {ProcessStates.STARTING, ProcessStates.RUNNING}:
            leftovers.remember(self._run_dir / "processes.json", self.options.pidhistory)

    def _on_end(self, program: Program, process: Any) -> None:
        end = self._how_it_ended(process)
        if process.pid:
            self._orphans.end_those_of(process.pid, self.options.pidhistory)
        if process.state == ProcessStates.STOPPED:
            self._terminal.say(f"{program.name} stopped ({end})")
            return
        if program.runs_once:
            self._on_end_of_once(program, end)
            return
        self._times_ended[program.name] += 1
        self._ends[program.name].append(time.time())
        self._last_end[program.name] = end
        if process.state == ProcessStates.BACKOFF:
            process.delay = min(process.delay, time.time() + _LONGEST_PAUSE_SECONDS)
        pause = max(0.0, process.delay - time.time())
        when = f"in {pause:.0f} s" if pause >= 1 else "now"
        self._terminal.say(
            f"tidemark: {program.name} ended by itself ({end}); it is started again {when}. "
            "The others go on."
        )
        if not program.is_shown:
            log = self._run_dir.parent / "logs" / f"{program.name}.log"
            self._terminal.say(_last_lines(log))

    def _on_end_of_once(self, program: Program, end: str) -> None:
        if program.name != PREPARE or self._prepared:
            return
        if end == "exit code 0":
            self._prepared = True
            for process in self._processes():
                if self._programs[process.config.name].waits:
                    process.spawn()
        elif end == "exit code 1":
            self.failed = True
            self.options.mood = SupervisorStates.SHUTDOWN

    def _how_it_ended(self, process: Any) -> str:
        status = self.options.ends.pop(process.pid, None)
        if status is None:
            return process.spawnerr or "it was not running"
        code = os.waitstatus_to_exitcode(status)
        if code >= 0:
            return f"exit code {code}"
        return f"killed by {signal.Signals(-code).name}"

    def _processes(self) -> list[Any]:
        return [
            process for group in self.process_groups.values()
            for process in group.processes.values()
        ]  # fmt: skip

    def _write_state(self) -> None:
        states = {}
        for process in self._processes():
            name = process.config.name
            if self._programs[name].runs_once:
                continue
            known = _STATES[process.state]
            states[name] = ProcessState(
                state=known if process.laststart else "not started",
                pid=process.pid,
                ended=self._times_ended[name],
                recent_ends=list(self._ends[name]),
                last_end=self._last_end.get(name, ""),
                next_start=process.delay or time.time() if known == "waiting" else 0.0,
            )
        write_supervision(self._run_dir / "supervision.json", Supervision(time.time(), states))


def _options(programs: Sequence[Program], run_dir: Path) -> _Options:
    """Make supervisord's settings; processes are objects, because a path may hold anything."""
    logs = run_dir.parent / "logs"
    logs.mkdir(mode=0o700, exist_ok=True)
    configuration = run_dir / "supervisord.conf"
    user = "user=root\n" if os.geteuid() == 0 else ""
    configuration.write_text(_CONFIGURATION.format(user=user))
    options = _Options()
    options.realize(["-c", str(configuration)])
    options.first, options.test = True, False
    options.process_group_configs = [
        ProcessGroupConfig(
            options,
            stage.name.lower(),
            int(stage),
            [
                _process(options, program, logs)
                for program in programs
                if program.stage is stage
            ],
        )
        for stage in Stage
    ]  # fmt: skip
    return options


def _process(options: _Options, program: Program, logs: Path) -> ProcessConfig:
    return ProcessConfig(
        options,
        name=program.name,
        command=program.command,
        uid=program.user_id,
        directory=program.folder,
        umask=None,
        priority=int(program.stage),
        autostart=not program.waits,
        autorestart=RestartWhenExitUnexpected if program.runs_once else RestartUnconditionally,
        exitcodes=[0, 1] if program.runs_once else [0],
        startsecs=0 if program.runs_once else _STEADY_SECONDS,
        startretries=_FOREVER,
        stopsignal=program.stop_signal,
        stopwaitsecs=program.stop_seconds,
        stopasgroup=False,
        killasgroup=True,
        redirect_stderr=True,
        # What runs once is shown whole; one of them names the owner's password.
        stdout_logfile=None if program.runs_once else str(logs / f"{program.name}.log"),
        stdout_logfile_maxbytes=_LOG_BYTES,
        stdout_logfile_backups=_OLD_LOGS,
        stdout_capture_maxbytes=0,
        stdout_events_enabled=program.is_shown,
        stdout_syslog=False,
        stderr_logfile=None,
        stderr_logfile_maxbytes=0,
        stderr_logfile_backups=0,
        stderr_capture_maxbytes=0,
        stderr_events_enabled=False,
        stderr_syslog=False,
        environment={"LC_ALL": "C.UTF-8"} if program.stage is Stage.SERVERS else {},
    )


def _last_lines(log: Path) -> str:
    if not log.exists():
        return ""
    lines = log.read_text(errors="replace").splitlines()[-_SHOWN_LINES:]
    return "\n".join(f"  {line}" for line in lines)
