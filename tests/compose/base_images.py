"""Build stand-ins for the base images: the same tags, from Debian's packages."""

from __future__ import annotations

import shutil
import tarfile
import time
from pathlib import Path

from tests.compose.engine import Engine, run
from tests.conftest import ROOT
from tools.debian import MIRROR

_RECIPES = ROOT / "tests" / "compose" / "stand_ins"
_CERTIFICATES = ("etc/ssl/certs/ca-certificates.crt", "usr/local/share/ca-certificates")
# Every group needs the one before it; within a group they are built at the same time.
_IMAGES = (
    {"base": "stand-in:base"},
    {
        "python": "python:3.13-slim-bookworm",
        "redis": "redis:8-alpine",
        "postgres": "postgres:18-alpine",
    },
    {"node": "node:22-bookworm-slim", "nginx": "nginx:1.28-alpine"},
)
# Documentation is not needed, and the disk of the test need not survive a power loss.
_PACKAGES = """\
force-unsafe-io
path-exclude /usr/share/doc/*
path-exclude /usr/share/man/*
path-exclude /usr/share/locale/*
"""


def tags() -> set[str]:
    """Return the tags that have a stand-in."""
    return {tag for group in _IMAGES for tag in group.values()} - {"stand-in:base"}


def make_base_images(engine: Engine) -> None:
    """Build all stand-ins; this takes one to two minutes."""
    started = time.monotonic()
    context = engine.disk / "stand-ins"
    shutil.copytree(_RECIPES, context)
    for name in ("node.txt", "run.txt"):
        shutil.copy(ROOT / "requirements" / name, context)
    _make_root(engine.disk / "root", context / "root.tar")
    for group in _IMAGES:
        _build(engine, context, group)
        (context / "root.tar").unlink(missing_ok=True)
    print(f"stand-ins made in {time.monotonic() - started:.0f} s", flush=True)


def _make_root(root: Path, archive: Path) -> None:
    run(
        [
            *("debootstrap", "--variant=minbase", "--include=ca-certificates"),
            *("trixie", str(root), MIRROR),
        ],
        {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive"},
    )
    (root / "etc" / "dpkg" / "dpkg.cfg.d" / "stand-in").write_text(_PACKAGES)
    for name in _CERTIFICATES:
        source = Path("/") / name
        if source.is_dir():
            shutil.copytree(source, root / name, dirs_exist_ok=True)
        elif source.exists():
            shutil.copy(source, root / name)
    with tarfile.open(archive, "w") as packed:
        packed.add(root, arcname=".")
    shutil.rmtree(root)


def _build(engine: Engine, context: Path, group: dict[str, str]) -> None:
    """Let Compose build a group of recipes; its own BuildKit client needs no plug-in."""
    lines = ["services:"]
    for name, tag in group.items():
        lines += [
            f"  {name}:",
            f"    image: {tag}",
            f"    build: {{context: ., dockerfile: {name}.Dockerfile, network: host}}",
        ]
    recipe = context / "compose.yml"
    recipe.write_text("\n".join(lines) + "\n")
    engine.compose("-f", recipe.name, "-p", "stand-ins", "build", folder=context)
