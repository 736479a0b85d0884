"""What people are told of the processes of `make run`."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any, ClassVar

import pytest

from deploy.local.children import free_port
from deploy.local.problems import CannotStart
from deploy.local.programs import Program, Stage, programs
from deploy.local.terminal import Terminal
from shared.runtime.supervision import ProcessState, Supervision, process_states, write_supervision
from tests.conftest import ROOT

_NOW = 1_800_000_000.0


def said(tmp_path: Path, process: ProcessState, written_at: float = _NOW) -> dict[str, str]:
    path = tmp_path / "supervision.json"
    write_supervision(path, Supervision(written_at, {"worker": process}))
    return process_states(str(path), _NOW)


@pytest.mark.parametrize("state", ["running", "starting"])
def test_a_process_that_was_killed_twice_and_runs_is_running(tmp_path: Path, state: str) -> None:
    twice = ProcessState(state, pid=1, ended=2, recent_ends=[_NOW - 20, _NOW - 10])
    assert said(tmp_path, twice) == {"worker": "running"}


def test_one_that_waits_for_its_next_start_is_named_with_its_end(tmp_path: Path) -> None:
    waiting = ProcessState(
        "waiting", ended=1, recent_ends=[_NOW - 1], last_end="exit code 3", next_start=_NOW + 4
    )
    assert said(tmp_path, waiting) == {
        "worker": "restarting: ended 1 times in the last minute (exit code 3), next start in 4 s"
    }


def test_one_that_ends_again_and_again_is_not_well_while_it_happens_to_run(tmp_path: Path) -> None:
    ends = [_NOW - 50, _NOW - 30, _NOW - 10]
    assert said(tmp_path, ProcessState("running", pid=1, recent_ends=ends))["worker"].startswith(
        "unstable: ended 3 times"
    )
    long_ago = [end - 60 for end in ends]
    assert said(tmp_path, ProcessState("running", pid=1, recent_ends=long_ago)) == {
        "worker": "running"
    }


def test_a_supervisor_that_is_gone_is_named(tmp_path: Path) -> None:
    states = said(tmp_path, ProcessState("running", pid=1), written_at=_NOW - 1000)
    assert "no process is restarted" in states["supervisor"]
    [unknown] = process_states(str(tmp_path / "none.json")).values()
    assert unknown == "unknown: its file cannot be read (FileNotFoundError)"


def test_without_a_supervisor_no_process_states_are_reported() -> None:
    assert process_states("") == {}


class NoBackends:
    """All three servers run elsewhere."""

    embedded: ClassVar[dict[str, Any]] = {}


def test_every_line_of_the_procfile_is_a_program_and_processors_are_several() -> None:
    made = programs(NoBackends(), ROOT / "Procfile", {"PROCESSORS": "3"})  # type: ignore[arg-type]  # it has what is read
    names = [program.name for program in made]
    for line in (ROOT / "Procfile").read_text().splitlines():
        assert line.partition(":")[0] in names
    assert {"processor", "processor.2", "processor.3"} <= set(names)
    stages = {program.name: program.stage for program in made}
    assert stages["gateway"] > stages["ingest"] > stages["processor"]


@pytest.mark.parametrize("number", ["0", "many", "65"])
def test_an_invalid_number_of_processors_is_refused(number: str) -> None:
    with pytest.raises(CannotStart, match="PROCESSORS is"):
        programs(NoBackends(), ROOT / "Procfile", {"PROCESSORS": number})  # type: ignore[arg-type]  # it has what is read


def test_the_terminal_shows_whole_lines_with_the_name_of_who_wrote_them() -> None:
    output = io.StringIO()
    terminal = Terminal(["auth", "processor"], output)
    auth = Program("auth", "", Stage.SERVICES)
    terminal.show(auth, b"one\nha")
    terminal.show(auth, b"lf\n")
    assert [line[9:] for line in output.getvalue().splitlines()] == [
        "auth      | one",
        "auth      | half",
    ]


def test_a_terminal_that_was_closed_is_no_reason_to_stop() -> None:
    output = io.StringIO()
    output.close()
    Terminal(["auth"], output).print_line("still here")


def test_a_server_gets_no_port_that_outgoing_connections_are_given() -> None:
    text = Path("/proc/sys/net/ipv4/ip_local_port_range")
    first = int(text.read_text().split()[0]) if text.exists() else 49_152
    assert all(free_port() < max(first, 32_768) for _ in range(200))


def test_the_state_is_replaced_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "supervision.json"
    for state in ("starting", "running"):
        write_supervision(path, Supervision(_NOW, {"auth": ProcessState(state)}))
    assert json.loads(path.read_text())["processes"]["auth"]["state"] == "running"
    assert list(tmp_path.iterdir()) == [path]
