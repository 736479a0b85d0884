"""Read the settings of ``make run`` from the environment and from ``.env``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from deploy.local.installation import ROOT
from deploy.local.preflight import DEFAULT_MINIMUM_FREE_MB
from deploy.local.problems import CannotStart


def with_dotenv(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment together with the variables of ``.env``; the environment wins."""
    from_file = dotenv_values(ROOT / ".env", interpolate=False)
    return {**{name: value or "" for name, value in from_file.items()}, **environ}


def data_folder(environ: Mapping[str, str]) -> Path:
    """Return the folder of the installation's data, ``DATA_DIR``."""
    return Path(environ.get("DATA_DIR") or ROOT / ".data").resolve()


def port(environ: Mapping[str, str], name: str = "PORT", default: int = 8000) -> int:
    """Return a port.

    Raises:
        CannotStart: it is not a number from 1 to 65535.
    """
    text = environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65_535:
        raise CannotStart(f"{name} is {text!r}; use a number from 1 to 65535.")
    return int(text)


def minimum_free_mb(environ: Mapping[str, str]) -> int:
    """Return how many megabytes the disk must have free at the start.

    Raises:
        CannotStart: it is not a number.
    """
    text = environ.get("TIDEMARK_MINIMUM_FREE_MB") or str(DEFAULT_MINIMUM_FREE_MB)
    if not text.isascii() or not text.isdigit():
        raise CannotStart(f"TIDEMARK_MINIMUM_FREE_MB is {text!r}; use a number of megabytes.")
    return int(text)
