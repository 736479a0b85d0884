"""Find and cut off the damaged end of a Redis append-only file: its server does not start with it.

The file is a list of commands in Redis' own protocol. Everything from the first command that cannot
be read is damaged: what follows could be read only by luck.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

FOLDER = "appendonlydir"
_MANIFEST = "appendonly.aof.manifest"
_COUNT = re.compile(rb"[*$](\d{1,9})\r\n")
_NAME = re.compile(rb"[A-Za-z][A-Za-z0-9._|-]{0,63}")
_MAX_LINE = 1024
_COPIED_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class Damage:
    """A file of which only the beginning can be read."""

    path: Path
    valid: int
    """How many bytes can be read."""
    size: int


def find_damage(server_folder: Path) -> list[Damage]:
    """Read the append-only files of a server that does not run; return those that are damaged.

    Raises:
        FileNotFoundError: the server has none.
    """
    found = []
    for path in _files(server_folder / FOLDER):
        with path.open("rb") as file:
            valid = valid_length(file)
        size = path.stat().st_size
        if valid < size:
            found.append(Damage(path, valid, size))
    return found


def cut_off(damage: Damage, suffix: str) -> Path:
    """Move the damaged end into a file beside it; return its path."""
    rest = damage.path.with_name(f"{damage.path.name}.{suffix}")
    with damage.path.open("r+b") as file, rest.open("xb") as kept:
        os.fchmod(kept.fileno(), 0o600)
        file.seek(damage.valid)
        shutil.copyfileobj(file, kept, _COPIED_AT_ONCE)
        kept.flush()
        os.fsync(kept.fileno())
        file.truncate(damage.valid)
        os.fsync(file.fileno())
    return rest


def set_aside(server_folder: Path, suffix: str) -> Path:
    """Rename the folder of a server's append-only files, so that it starts empty."""
    folder = server_folder / FOLDER
    aside = folder.with_name(f"{FOLDER}.{suffix}")
    folder.rename(aside)
    return aside


def valid_length(file: BinaryIO) -> int:
    """Count the bytes up to the first command that cannot be read.

    A transaction counts once it is complete.
    """
    valid, in_transaction = 0, False
    while (name := _read_command(file)) is not None:
        if name == b"MULTI":
            in_transaction = True
        elif name == b"EXEC":
            in_transaction = False
        if not in_transaction:
            valid = file.tell()
    return valid


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files of commands that the manifest names. A base in RDB format has none."""
    for line in (folder / _MANIFEST).read_text().splitlines():
        words = shlex.split(line)
        fields = dict(zip(words[::2], words[1::2], strict=False))
        if fields.get("type") in {"b", "i"} and not fields["file"].endswith(".rdb"):
            yield folder / fields["file"]


def _read_command(file: BinaryIO) -> bytes | None:
    """Return the next command's name in capitals, or of a comment its sign; None: it is damaged."""
    line = file.readline(_MAX_LINE)
    if line.startswith(b"#") and line.endswith(b"\r\n"):
        return b"#"
    counted = _COUNT.fullmatch(line)
    if counted is None or not line.startswith(b"*") or int(counted[1]) == 0:
        return None
    name = _read_word(file)
    if name is None or not _NAME.fullmatch(name):
        return None
    for _ in range(int(counted[1]) - 1):
        if _read_word(file) is None:
            return None
    return name.upper()


def _read_word(file: BinaryIO) -> bytes | None:
    line = file.readline(_MAX_LINE)
    counted = _COUNT.fullmatch(line)
    if counted is None or not line.startswith(b"$"):
        return None
    word = file.read(int(counted[1]) + 2)
    complete = len(word) == int(counted[1]) + 2 and word.endswith(b"\r\n")
    return word[:-2] if complete else None
