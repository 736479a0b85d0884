"""Check that no package has to be compiled: ``make wheels-check``.

Every pinned package must have a wheel, with a pinned hash, for CPython 3.11 to 3.14 on Linux (glibc
2.28 or newer, x86-64 and arm64); packages of ``make run`` also on macOS (arm64). npm packages with
a binary must have it for the same machines.

The package index is pip's configured one. Complete packages are recorded in
``requirements/wheels.lock``, so only changed packages are looked up; ``--all`` looks up all,
``--write`` updates the file.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

ROOT = Path(__file__).resolve().parent.parent
COMPLETE = ROOT / "requirements" / "wheels.lock"
_FORMAT = "application/vnd.pypi.simple.v1+json"
_PYTHONS = (11, 12, 13, 14)
_GLIBC_MINOR = 28
_TIMEOUT_SECONDS = 30
_AT_ONCE = 8
_LOCKS = ("dashboard", "sdk/javascript", "deploy/geography", "deploy/api_docs")
_MACHINES = (("linux", "x64"), ("linux", "arm64"), ("darwin", "arm64"))


@dataclass(frozen=True)
class Target:
    """A machine with a Python."""

    system: str
    machine: str
    minor: int

    @property
    def name(self) -> str:
        """The name of the target in messages."""
        return f"CPython 3.{self.minor} on {self.system} {self.machine}"

    @property
    def markers(self) -> dict[str, str]:
        """The variables for environment markers (PEP 508)."""
        return {
            "python_version": f"3.{self.minor}",
            "python_full_version": f"3.{self.minor}.1",
            "sys_platform": self.system,
            "platform_system": {"linux": "Linux", "darwin": "Darwin"}[self.system],
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "implementation_name": "cpython",
            "os_name": "posix",
        }

    @property
    def tags(self) -> frozenset[Tag]:
        """The tags of wheels that can be installed on the target."""
        if self.system == "darwin":
            platforms = list(mac_platforms((14, 0), self.machine))
        else:
            platforms = [
                f"manylinux_2_{minor}_{self.machine}" for minor in range(5, _GLIBC_MINOR + 1)
            ]
            old = ("manylinux2014", "manylinux2010", "manylinux1")
            platforms += [f"{name}_{self.machine}" for name in old]
        version = (3, self.minor)
        return frozenset(
            [
                *cpython_tags(version, platforms=platforms),
                *compatible_tags(version, f"cp3{self.minor}", platforms),
            ]
        )


_LINUX = tuple(
    Target("linux", machine, minor) for machine in ("x86_64", "aarch64") for minor in _PYTHONS
)
_ALL = (*_LINUX, *(Target("darwin", "arm64", minor) for minor in _PYTHONS))


@dataclass(frozen=True)
class Pin:
    """A line of a requirements file."""

    requirement: Requirement
    hashes: frozenset[str]
    targets: tuple[Target, ...]

    @property
    def key(self) -> str:
        """The line in ``wheels.lock``: name, version and number of checked machines."""
        machines = len({(target.system, target.machine) for target in self.targets})
        return f"{self.requirement.name}{self.requirement.specifier} on {machines} machines"


def main() -> int:
    """Check all packages; return 1 if a wheel is missing or the index does not answer, else 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="also look up recorded packages")
    parser.add_argument("--write", action="store_true", help="record complete packages")
    options = parser.parse_args()
    pins = [pin for file in sorted(ROOT.glob("requirements/**/*.txt")) for pin in _pins(file)]
    complete = set(COMPLETE.read_text().splitlines()) if COMPLETE.exists() else set()
    unchecked = {pin.key: pin for pin in pins if options.all or pin.key not in complete}
    problems = [*npm_gaps(), *_missing(list(unchecked.values()))]
    for problem in problems:
        print(f"wheels: {problem}", file=sys.stderr)
    if not problems:
        if options.write:
            COMPLETE.write_text("".join(f"{key}\n" for key in sorted({pin.key for pin in pins})))
        print(
            f"wheels: {len({pin.key for pin in pins})} packages can be installed without a "
            f"compiler ({len(unchecked)} looked up)"
        )
    return 1 if problems else 0


def _pins(file: Path) -> Iterator[Pin]:
    """Yield the packages of a requirements file with their hashes."""
    targets = _ALL if file.stem in {"run", "services", "node"} else _LINUX
    text = file.read_text().replace("\\\n", " ")
    for line in text.splitlines():
        pinned = line.partition("#")[0].strip()
        if pinned:
            requirement, *hashes = pinned.split(" --hash=sha256:")
            yield Pin(Requirement(requirement), frozenset(map(str.strip, hashes)), targets)


def _missing(pins: list[Pin]) -> list[str]:
    if not pins:
        return []
    index = _index()
    with requests.Session() as session, ThreadPoolExecutor(_AT_ONCE) as pool:
        try:
            answers = list(pool.map(lambda pin: gaps(pin, _files(session, index, pin)), pins))
        except requests.RequestException as error:
            return [
                "THE PACKAGE INDEX CANNOT BE REACHED, so it is not known whether "
                f"{len(pins)} packages have wheels ({', '.join(pin.key for pin in pins[:3])} …): "
                f"{type(error).__name__}. Try again when it can be reached; complete packages are "
                f"recorded in {COMPLETE.relative_to(ROOT)}."
            ]
    return [problem for answer in answers for problem in answer]


def _index() -> str:
    """Return the URL of the package index that pip is configured with."""
    for name in ("global.index-url", "install.index-url", ":env:.index-url"):
        asked = subprocess.run(  # noqa: S603 (our own command)
            [sys.executable, "-m", "pip", "config", "get", name],
            capture_output=True,
            text=True,
            check=False,
        )
        if asked.returncode == 0 and asked.stdout.strip():
            return asked.stdout.strip()
    from pip._internal.models.index import PyPI  # noqa: PLC0415 (pip says it nowhere else)

    return str(PyPI.simple_url)


def _files(session: requests.Session, index: str, pin: Pin) -> list[dict[str, Any]]:
    name = canonicalize_name(pin.requirement.name)
    answer = session.get(
        f"{index.rstrip('/')}/{name}/", headers={"Accept": _FORMAT}, timeout=_TIMEOUT_SECONDS
    )
    answer.raise_for_status()
    files: list[dict[str, Any]] = answer.json()["files"]
    return files


def gaps(pin: Pin, files: list[dict[str, Any]]) -> list[str]:
    """Return one message for each target that has no wheel of a package.

    Args:
        pin: the pinned package.
        files: the package's files in the index (PEP 691).
    """
    wheels = []
    for file in files:
        if file["hashes"].get("sha256") not in pin.hashes:
            continue
        try:
            _, _, _, tags = parse_wheel_filename(file["filename"])
        except InvalidWheelFilename:
            continue
        wheels.append((tags, SpecifierSet(file.get("requires-python") or "")))
    missing = []
    for target in pin.targets:
        marker = pin.requirement.marker
        if marker is not None and not marker.evaluate(target.markers):
            continue
        fits = any(
            tags & target.tags and pythons.contains(f"3.{target.minor}.1")
            for tags, pythons in wheels
        )
        if not fits:
            version = f"{pin.requirement.name}{pin.requirement.specifier}"
            missing.append(f"{version} has no wheel for {target.name}")
    return missing


def npm_gaps(folders: tuple[str, ...] = _LOCKS) -> list[str]:
    """Return the npm packages that lack a binary for a machine, according to the lock files."""
    missing = []
    for folder in folders:
        packages = json.loads((ROOT / folder / "package-lock.json").read_text())["packages"]
        for name, package in packages.items():
            parts = [
                packages[f"node_modules/{part}"]
                for part in package.get("optionalDependencies", {})
                if "cpu" in packages.get(f"node_modules/{part}", {})
            ]
            missing += [
                f"{folder}: {name} has no program for {system} {cpu}"
                for system, cpu in _MACHINES
                if parts and not any(system in part["os"] and cpu in part["cpu"] for part in parts)
            ]
    return missing


if __name__ == "__main__":
    sys.exit(main())
