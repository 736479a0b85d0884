"""Supervise every process, servers included, with supervisord's loop inside the runner.

supervisord starts and stops processes, restarts them with back-off, and rotates the logs. This
module adds: services start after the migration, orphans of a dead process are terminated, and
crashes are reported (terminal, health, ``tidemark doctor``).
docs/decisions/0013-supervision.md gives the reasons for supervisord.
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
from deploy.local.orphans import Orphans, terminate_all_descendants
from deploy.local.programs import PREPARE, Program, Stage
from deploy.local.terminal import Terminal
from deploy.local.valkey import advice_on
from shared.runtime.supervision import ProcessState, Supervision, write_supervision

_BACKOFF_BELOW_SECONDS = 10
"""A process that exits within this time of its start is restarted with back-off, else at once."""
_MAX_PAUSE_SECONDS = 30.0
_FOREVER = 2**31
_LOG_BYTES = 5_000_000
_OLD_LOGS = 2
_MAX_RECORDED_EXITS = 10
_SHOWN_LINES = 3
_EXIT_CODE = "exit code"
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
_WITHOUT_SECRETS = frozenset(
    {
        *("PATH", "HOME", "TMPDIR", "TZ", "LANG", "LC_ALL", "LD_LIBRARY_PATH"),
        *("DATA_DIR", "NGINX_BINARY", "NGINX_CONFIGURATION"),
    }
)
"""Variables of the servers and the gateway. They know their passwords from files of their own; of
what reads nginx's memory, no secret of the services may be in reach."""
_CONFIGURATION = """\
; deploy/local/supervision.py writes this file at every start, and adds the processes itself.
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
    """supervisord's options, and the exit status of each process by pid."""

    def __init__(self) -> None:
        super().__init__()
        self.exit_statuses: dict[int, int] = {}
        self.without_secrets: set[str] = set()
        """Processes that get only the variables that they need."""
        self.on_fork: Callable[[int], None] = lambda _pid: None

    def execve(self, filename: str, argv: list[str], env: dict[str, str]) -> None:
        """Execute a child's command: supervisord's own environment holds every secret."""
        if env["SUPERVISOR_PROCESS_NAME"] in self.without_secrets:
            env = {name: value for name, value in env.items() if name in _WITHOUT_SECRETS}
        super().execve(filename, argv, env)

    def fork(self) -> int:
        """Fork, and report the child before anything else happens to either process."""
        pid: int = super().fork()
        if pid:
            self.on_fork(pid)
        return pid

    def waitpid(self) -> tuple[int | None, int | None]:
        """Wait as supervisord does, and record the status: supervisord drops the signal's name."""
        pid, status = super().waitpid()
        if pid:
            self.exit_statuses[pid] = status
        return pid, status

    def openhttpservers(self, supervisor: Supervisor) -> None:
        """Open no control server: processes are stopped by signals alone."""
        del supervisor


class Runner(Supervisor):  # type: ignore[misc]
    """Runs the programs until SIGTERM or Ctrl-C."""

    def __init__(self, programs: Sequence[Program], run_dir: Path, terminal: Terminal) -> None:
        self._programs = {program.name: program for program in programs}
        self._run_dir = run_dir
        self._terminal = terminal
        self._recent_exits: dict[str, deque[float]] = defaultdict(
            lambda: deque(maxlen=_MAX_RECORDED_EXITS)
        )
        self._exit_counts: dict[str, int] = defaultdict(int)
        self._last_exit: dict[str, str] = {}
        self._orphans = Orphans()
        self._prepared = False
        self.failed = False
        """Whether the preparation failed for a reason that a retry does not remove."""
        super().__init__(_options(programs, run_dir))
        self.options.on_fork = self._guarded(self._record)

    def run_until_stopped(self) -> None:
        """Block until every process has ended."""
        with suppress(ExitNow):
            self.main()
        self.options.close_logger()
        terminate_all_descendants()

    def runforever(self) -> None:
        """Subscribe to events and run supervisord's loop; an earlier subscription would be lost."""
        for event, callback in (
            (events.ProcessStateEvent, self._on_state_change),
            (events.ProcessLogEvent, self._on_output),
            (events.Tick5Event, self._on_tick),
            (events.Tick60Event, self._on_minute),
        ):
            events.subscribe(event, self._guarded(callback))
        super().runforever()

    def _guarded(self, callback: Callable[[Any], None]) -> Callable[[Any], None]:
        """Log exceptions of a callback, so that none (such as a full disk) ends the supervisor."""

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
        self._orphans.kill_overdue()

    def _on_minute(self, _event: object) -> None:
        self._write_state()

    def _on_state_change(self, event: Any) -> None:
        process, state = event.process, event.process.state
        program = self._programs[process.config.name]
        if state in {ProcessStates.BACKOFF, ProcessStates.EXITED, ProcessStates.STOPPED}:
            self._on_exit(program, process)
        self._write_state()

    def _record(self, pid: int) -> None:
        """Record a new process at once: its first states are reported before and long after."""
        leftovers.record(self._run_dir / "processes.json", [*self.options.pidhistory, pid])

    def _on_exit(self, program: Program, process: Any) -> None:
        reason = self._exit_reason(process)
        log = self._run_dir.parent / "logs" / f"{program.name}.log"
        # Of a killed server the log says nothing: its last lines are those of a good start.
        ended_itself = program.stage is Stage.SERVERS and reason.startswith(_EXIT_CODE)
        if ended_itself and (advice := advice_on(_last_lines(log))):
            reason = f"{reason}: {advice}"
        if process.pid:
            self._orphans.terminate_orphans_of(process.pid, self.options.pidhistory)
        if process.state == ProcessStates.STOPPED:
            self._terminal.print_line(f"{program.name} stopped ({reason})")
            return
        if program.runs_once:
            self._on_one_time_exit(program, reason)
            return
        self._exit_counts[program.name] += 1
        self._recent_exits[program.name].append(time.time())
        self._last_exit[program.name] = reason
        if process.state == ProcessStates.BACKOFF:
            process.delay = min(process.delay, time.time() + _MAX_PAUSE_SECONDS)
        pause = max(0.0, process.delay - time.time())
        when = f"in {pause:.0f} s" if pause >= 1 else "now"
        self._terminal.print_line(
            f"tidemark: {program.name} exited unexpectedly ({reason}); restarting it {when}. "
            "Other processes keep running."
        )
        if not program.is_shown:
            self._terminal.print_line(_last_lines(log))

    def _on_one_time_exit(self, program: Program, reason: str) -> None:
        if program.name != PREPARE or self._prepared:
            return
        if reason == f"{_EXIT_CODE} 0":
            self._prepared = True
            for process in self._processes():
                if self._programs[process.config.name].waits:
                    process.spawn()
        elif reason == f"{_EXIT_CODE} 1":
            self.failed = True
            self.options.mood = SupervisorStates.SHUTDOWN

    def _exit_reason(self, process: Any) -> str:
        status = self.options.exit_statuses.pop(process.pid, None)
        if status is None:
            return process.spawnerr or "not running"
        code = os.waitstatus_to_exitcode(status)
        if code >= 0:
            return f"{_EXIT_CODE} {code}"
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
            state = _STATES[process.state]
            states[name] = ProcessState(
                state=state if process.laststart else "not started",
                pid=process.pid,
                ended=self._exit_counts[name],
                recent_ends=list(self._recent_exits[name]),
                last_end=self._last_exit.get(name, ""),
                next_start=process.delay or time.time() if state == "waiting" else 0.0,
            )
        write_supervision(self._run_dir / "supervision.json", Supervision(time.time(), states))


def _options(programs: Sequence[Program], run_dir: Path) -> _Options:
    """Return supervisord's options.

    Processes are passed as objects, because paths may hold characters that its file cannot.
    """
    logs = run_dir.parent / "logs"
    logs.mkdir(mode=0o700, exist_ok=True)
    configuration = run_dir / "supervisord.conf"
    user = "user=root\n" if os.geteuid() == 0 else ""
    configuration.write_text(_CONFIGURATION.format(user=user))
    options = _Options()
    options.realize(["-c", str(configuration)])
    options.first, options.test = True, False
    options.without_secrets = {
        program.name for program in programs if program.stage in {Stage.SERVERS, Stage.GATEWAY}
    }
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


def _environment(program: Program) -> dict[str, str]:
    servers = {"LC_ALL": "C.UTF-8"} if program.stage is Stage.SERVERS else {}
    return {**servers, **program.environment}


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
        startsecs=0 if program.runs_once else _BACKOFF_BELOW_SECONDS,
        startretries=_FOREVER,
        stopsignal=program.stop_signal,
        stopwaitsecs=program.stop_seconds,
        stopasgroup=False,
        killasgroup=True,
        redirect_stderr=True,
        # One-time programs have no log: one of them prints the owner's password.
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
        environment=_environment(program),
    )


def _last_lines(log: Path) -> str:
    if not log.exists():
        return ""
    lines = log.read_text(errors="replace").splitlines()[-_SHOWN_LINES:]
    return "\n".join(f"  {line}" for line in lines)
