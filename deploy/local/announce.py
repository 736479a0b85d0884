"""Says when everything is ready and where it is, then ends; until then, what is not ready."""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_TURN_SECONDS = 0.3
_SAY_AGAIN_SECONDS = 60.0


def main(environment: Mapping[str, str]) -> None:
    """Ask until all is well. Only a word now and then tells of what is not."""
    ready = f"{environment['QUERY_URL']}/api/v1/health/ready"
    say_at = time.monotonic() + _SAY_AGAIN_SECONDS
    while (wrong := _wrong(ready)) is not None:
        if time.monotonic() > say_at:
            print(f"tidemark: not everything is ready yet: {wrong}. Still trying.", flush=True)
            say_at = time.monotonic() + _SAY_AGAIN_SECONDS
        time.sleep(_TURN_SECONDS)
    data_dir = Path(environment["DATA_DIR"])
    url, path = environment["PUBLIC_URL"], data_dir / "credentials.json"
    credentials: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    lines = [f"Tidemark is ready:  {url}"]
    if credentials:
        lines += [
            f"  log in with       {credentials['email']}  {credentials['password']}",
            f"  (kept in          {path})",
        ]
    lines += [
        f"  play Snake at     {url}/demo/snake/",
        f"  logs are in       {data_dir / 'logs'}",
        "  stop with         Ctrl-C",
    ]
    print("\n" + "\n".join(lines) + "\n", flush=True)


def _wrong(url: str) -> str | None:
    """Return what is not ready yet; None: everything is."""
    try:
        with urllib.request.urlopen(url, timeout=10):  # noqa: S310 (our own service)
            return None
    except urllib.error.HTTPError as error:
        try:
            report = json.load(error)
        except ValueError:
            return f"the query service answers {error.code}"
    except OSError:
        return "the query service does not answer"
    parts = {**report.get("services", {}), **report.get("processes", {})}
    well = {"ok", "running"}
    return "; ".join(f"{name} {state}" for name, state in parts.items() if state not in well)


if __name__ == "__main__":
    main(os.environ)
