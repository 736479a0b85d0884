"""Run a command and restart it when the source changes: ``python -m tools.reload COMMAND …``.

Used by the containers of docker-compose.dev.yml. It polls the files' modification times, because
change notifications do not cross from a host into a virtual machine.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

_FOLDERS = ("shared", "services", "deploy")
_POLL_SECONDS = 1.0
_STOP_SECONDS = 30.0


def main(command: list[str]) -> int:
    """Run the command until SIGTERM or Ctrl-C, and return the exit status."""
    signal.signal(signal.SIGTERM, _interrupt)
    before = _modification_times()
    process = subprocess.Popen(command)  # noqa: S603 (the container's own command)
    try:
        while True:
            time.sleep(_POLL_SECONDS)
            now = _modification_times()
            if now == before:
                continue
            changed = sorted(path for path in before | now if before.get(path) != now.get(path))
            print(f"reload: {', '.join(map(str, changed[:3]))} changed", flush=True)
            _stop(process)
            before = now
            process = subprocess.Popen(command)  # noqa: S603
    except KeyboardInterrupt:
        return 0
    finally:
        _stop(process)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _modification_times() -> dict[Path, int]:
    """Return the modification time of each Python file, in nanoseconds since 1970."""
    found = {}
    for folder in _FOLDERS:
        for path in Path(folder).rglob("*.py"):
            try:
                found[path] = path.stat().st_mtime_ns
            except FileNotFoundError:
                continue
    return found


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Stop the process gracefully, or kill it after 30 seconds."""
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
