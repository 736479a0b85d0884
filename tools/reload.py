"""``python -m tools.reload COMMAND …``: run a command, and again whenever the source has changed.

For containers of docker-compose.dev.yml. It reads the files' times instead of asking the system for
changes, which do not arrive from the other side of a virtual machine.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

_FOLDERS = ("shared", "services", "deploy")
_LOOK_SECONDS = 1.0
_STOP_SECONDS = 30.0


def main(command: list[str]) -> int:
    """Run until SIGTERM or Ctrl-C; return the exit status."""
    signal.signal(signal.SIGTERM, _leave)
    seen = _times()
    process = subprocess.Popen(command)  # noqa: S603 (the container's own command)
    try:
        while True:
            time.sleep(_LOOK_SECONDS)
            now = _times()
            if now == seen:
                continue
            changed = sorted(path for path in seen | now if seen.get(path) != now.get(path))
            print(f"reload: {', '.join(map(str, changed[:3]))} changed", flush=True)
            _stop(process)
            seen = now
            process = subprocess.Popen(command)  # noqa: S603
    except KeyboardInterrupt:
        return 0
    finally:
        _stop(process)


def _leave(*_: object) -> None:
    raise KeyboardInterrupt


def _times() -> dict[Path, int]:
    """Return the time of the last change of each Python file, in nanoseconds."""
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
