"""Attack an installation of its own, and check what others notice of it: ``make bench-attack``.

Each part plays what one tenant or address could do to the others, and prints a figure beside the
bar that it must hold; the command ends with 1 if one does not. It needs Linux, and about ten
minutes; each part ends by itself within three. ``ONLY=aliases,health`` chooses parts:

- ``aliases``: 40 aliases in one request, on histories of 150,000 events;
- ``heavy``: nine heavy questions at a time;
- ``health``: 24 loops that ask for the health;
- ``bodies``: 150 slow bodies without a key;
- ``headers``: 8,500 connections that never finish their headers;
- ``memory``: changes of persons that do not fit in the memory of a processor;
- ``replay``: a public key that repeats, merges and overwrites what a secret key has said.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.attach import NotRunning, Running, attach
from benchmarks.attacks.gateway import bodies, headers
from benchmarks.attacks.keys import replay
from benchmarks.attacks.questions import health, heavy
from benchmarks.attacks.storing import aliases, memory
from benchmarks.attacks.tenant import Figure
from deploy.local.children import free_port

PARTS: dict[str, Callable[[Running], list[Figure]]] = {
    part.__name__: part for part in (aliases, heavy, health, bodies, headers, memory, replay)
}
_START_SECONDS = 120
_PART_SECONDS = 180


def main() -> int:
    """Start, attack, print; answer the exit status."""
    chosen = os.environ.get("ONLY", "").replace(",", " ").split() or list(PARTS)
    if unknown := set(chosen) - set(PARTS):
        print(f"unknown parts: {sorted(unknown)}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGALRM, _end_part)
    failed = 0
    with _installation() as running:
        for name in chosen:
            print(f"{name}:", flush=True)
            failed += _play(name, running)
    print(f"{failed} of the bars do not hold" if failed else "all bars hold")
    return 1 if failed else 0


def _play(name: str, running: Running) -> int:
    """Play a part and print its figures; return how many do not hold."""
    started = time.monotonic()
    signal.alarm(_PART_SECONDS)
    try:
        figures = PARTS[name](running)
    except TimeoutError as error:
        print(f"  {error}  <- must end", flush=True)
        return 1
    finally:
        signal.alarm(0)
    for one in figures:
        comparison = "at least" if one.at_least else "at most"
        mark = "" if one.holds else "  <- does not hold"
        figure = f"{one.value:,.1f} {one.unit}".rstrip()
        print(f"  {one.name}: {figure} ({comparison} {one.bar:g}){mark}", flush=True)
    print(f"  ended after {time.monotonic() - started:.0f} s", flush=True)
    return sum(not one.holds for one in figures)


def _end_part(*_: object) -> None:
    raise TimeoutError(f"it did not end within {_PART_SECONDS} s")


@contextmanager
def _installation() -> Iterator[Running]:
    """Run an installation in a temporary folder; yield it once it answers."""
    with tempfile.TemporaryDirectory(prefix="tidemark-attack-") as folder:
        os.environ["DATA_DIR"] = folder
        with (Path(folder) / "output").open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "deploy.local"],
                env={
                    **os.environ,
                    "PORT": str(free_port()),
                    # So that one event of the part "memory" does not fit alone either.
                    "PROCESSOR_ISOLATION_MEMORY_MB": "40",
                },
                stdout=output,
                stderr=output,
            )
        try:
            yield _wait_until_ready(process, Path(folder) / "output")
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _wait_until_ready(process: subprocess.Popen[bytes], output: Path) -> Running:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            return attach()
        except NotRunning:
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"the installation did not start:\n{output.read_text()[-2000:]}")
            time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main())
