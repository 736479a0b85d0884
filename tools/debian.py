"""Fetch packages of any Debian release, verified by Debian's key, without installing them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType

MIRROR = "http://deb.debian.org/debian"
_KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_QUIET = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}


class Archive:
    """The packages of a release, in a folder that is removed when the ``with`` block ends."""

    def __init__(self, release: str) -> None:
        self._release = release
        self._folder = Path(tempfile.mkdtemp(prefix="tidemark-debian-"))

    @staticmethod
    def is_known() -> bool:
        """Return whether this machine has apt and Debian's keys."""
        return bool(shutil.which("apt-get") and shutil.which("dpkg-deb")) and _KEYS.exists()

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def unpack(self, package: str) -> Path | None:
        """Fetch and unpack a package; return the folder, or None if that failed."""
        sources = self._folder / "sources.list"
        sources.write_text(f"deb [signed-by={_KEYS}] {MIRROR} {self._release} main\n")
        for folder in ("lists/partial", "cache/archives/partial"):
            (self._folder / folder).mkdir(parents=True)
        options = {
            "Dir::Etc::SourceList": sources,
            "Dir::Etc::SourceParts": "/dev/null",
            "Dir::State::Lists": self._folder / "lists",
            "Dir::Cache": self._folder / "cache",
            # apt's own user cannot write to this private folder.
            "APT::Sandbox::User": "root",
        }
        apt = ["apt-get", "-qq", *(f"-o{name}={value}" for name, value in options.items())]
        for arguments in (["update"], ["download", package]):
            if not _runs([*apt, *arguments], self._folder):
                return None
        [found] = self._folder.glob("*.deb")
        unpacked = self._folder / "unpacked"
        return unpacked if _runs(["dpkg-deb", "-x", str(found), str(unpacked)]) else None


def install(*packages: str) -> bool:
    """Install packages of the machine's own release; return whether that worked."""
    return _runs(["apt-get", "update", "-qq"]) and _runs(
        ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *packages]
    )


def _runs(command: list[str], folder: Path | None = None) -> bool:
    done = subprocess.run(  # noqa: S603
        command, cwd=folder, env=_QUIET, capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(f"{' '.join(command[:2])} failed: {done.stderr.strip()[-500:]}", flush=True)
    return not done.returncode
