"""Write the output of all processes to the terminal, each line with its process's name."""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import datetime
from typing import TextIO

from deploy.local.programs import Program

_MAX_LINE_BYTES = 2_000


class Terminal:
    """Writes complete lines to the terminal, and ignores that it was closed."""

    def __init__(self, names: list[str], output: TextIO | None = None) -> None:
        self._width = max(map(len, names), default=0)
        self._output = output or sys.stdout
        self._unfinished: dict[str, bytes] = {}

    def print_line(self, text: str) -> None:
        """Write a line of the runner itself; skip an empty one."""
        if text:
            self._write(text + "\n")

    def show(self, program: Program, data: bytes) -> None:
        """Write a program's output; hold back its last line until that is complete."""
        *lines, rest = (self._unfinished.pop(program.name, b"") + data).split(b"\n")
        if len(rest) > _MAX_LINE_BYTES:
            lines, rest = [*lines, rest], b""
        if rest:
            self._unfinished[program.name] = rest
        if program.runs_once:
            prefix = ""
        else:
            prefix = f"{datetime.now().astimezone():%H:%M:%S} {program.name:<{self._width}} | "
        self._write("".join(f"{prefix}{line.decode(errors='replace')}\n" for line in lines))

    def _write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            self._output.write(text)
            self._output.flush()
