"""What the kernel lets the containers do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compose.stack import Stack

# What the entry script of PostgreSQL's image needs; the server itself has no capability.
_POSTGRES_MAY = 0b1101_1011
_SERVICES = (
    *("gateway", "auth", "ingest", "processor", "processor-web", "worker", "schedule", "query"),
    *("flags", "live", "postgres", "redis", "stream", "cache"),
)


@pytest.mark.parametrize("service", _SERVICES)
def test_a_container_has_no_power_beyond_its_task(stack: Stack, service: str) -> None:
    container = stack.containers(service)[0]
    known, status = stack.engine.inspect(container.id), _status(stack.pid(container))
    assert "0" not in status["Uid"].split(), "runs as root"
    assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0
    assert int(status["CapBnd"], 16) & ~(_POSTGRES_MAY if service == "postgres" else 0) == 0
    assert status["NoNewPrivs"] == "1"
    host = known["HostConfig"]
    assert host["ReadonlyRootfs"]
    assert host["Memory"] > 0
    assert 0 < host["PidsLimit"] <= 512
    assert host["LogConfig"]["Config"] == {"max-size": "10m", "max-file": "5"}
    written = stack.engine.docker("exec", container.id, "touch", "/etc/written", check=False)
    assert "Read-only file system" in written.stderr + written.stdout


def test_bodies_on_their_way_stay_within_their_own_file_system(stack: Stack) -> None:
    sizes = stack.compose("exec", "--no-TTY", "gateway", "df", "-k", "/var/cache/nginx")
    assert int(sizes.splitlines()[-1].split()[1]) == 512 * 1024


def _status(pid: int) -> dict[str, str]:
    """Return the kernel's status of a process, or of its child if it only passes signals on."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    if Path(f"/proc/{pid}/comm").read_text().strip() in {"docker-init", "tini"}:
        pid = int(children[0])
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
