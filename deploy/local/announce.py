"""Print the addresses and credentials once all services are ready; print what is missing before."""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_POLL_SECONDS = 0.3
_REPEAT_SECONDS = 60.0


def main(environment: Mapping[str, str]) -> None:
    """Poll readiness until every service is ready; report once a minute what is not."""
    url = f"{environment['QUERY_URL']}/api/v1/health/ready"
    report_at = time.monotonic() + _REPEAT_SECONDS
    while (missing := not_ready(url)) is not None:
        if time.monotonic() > report_at:
            print(
                f"tidemark: still waiting for: {missing}. "
                f"Logs are in {Path(environment['DATA_DIR']) / 'logs'}.",
                flush=True,
            )
            report_at = time.monotonic() + _REPEAT_SECONDS
        time.sleep(_POLL_SECONDS)
    data_dir = Path(environment["DATA_DIR"])
    url, path = environment["PUBLIC_URL"], data_dir / "credentials.json"
    credentials: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    lines = [f"Tidemark is ready:  {url}"]
    if credentials:
        lines += [
            f"  sign in with      {credentials['email']}  {credentials['password']}",
            f"  (stored in        {path})",
        ]
    lines += [
        f"  play games at     {url}/demo/",
        f"  logs are in       {data_dir / 'logs'}",
        "  stop with         Ctrl-C",
    ]
    print("\n" + "\n".join(lines) + "\n", flush=True)


def not_ready(url: str) -> str | None:
    """Return the services, processes and dependencies that are not ready; None: all are.

    Args:
        url: the address of the installation's readiness.
    """
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
    parts = [
        f"{name} {state}"
        for kind in ("services", "processes", "dependencies")
        for name, state in report.get(kind, {}).items()
        if state not in {"ok", "running"}
    ]
    return "; ".join(parts) or "its health, which is read at this moment"


if __name__ == "__main__":
    main(os.environ)
