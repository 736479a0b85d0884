"""Find Chrome or Chromium for the browser tests, or install the distribution's Chromium."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

HOW_TO = (
    "Install Chromium (Debian: apt-get install chromium; macOS: brew install --cask chromium), or "
    "name a browser: CHROMIUM=/path/to/chrome make test"
)


def find_browser() -> str | None:
    """Return the browser that the variable ``CHROMIUM`` names, or one on the path."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def main() -> int:
    """Install Chromium if there is no browser and this process is root on Debian or Ubuntu."""
    if find_browser():
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("tidemark: installing Chromium for the browser tests …", flush=True)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-qq"], ["install", "-qq", "-y", "chromium"]):
            subprocess.run(["apt-get", *command], check=False, env=quiet, stdout=subprocess.DEVNULL)  # noqa: S603, S607
        if find_browser():
            return 0
    print(f"tidemark: the browser tests will fail: there is no Chromium. {HOW_TO}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
