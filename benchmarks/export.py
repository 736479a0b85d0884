"""Export a million events in each format, and measure time and memory: ``make bench-export``.

It starts its own servers in a folder of its own, which is removed at the end unless ``--keep``. The
memory is the largest resident size of the query worker while it exports.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import requests
from alembic import command
from alembic.config import Config

from benchmarks.query import FIRST_DAY, KEY, fill
from deploy.local.backends import running_backends
from deploy.local.children import free_port
from services.query.records.export import FORMATS

DAYS = 10


def main() -> None:
    """Fill, export, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=1_000_000)
    options.add_argument("--folder", type=Path, default=Path(".bench-export"))
    options.add_argument("--keep", action="store_true")
    chosen = options.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    try:
        with running_backends(chosen.folder) as servers:
            os.environ.update(
                servers.environment, SECRET_KEY=secrets.token_hex(32), LOG_FORMAT="text"
            )
            command.upgrade(Config("alembic.ini"), "head")
            url = servers.database_url.replace("postgresql+psycopg2://", "postgresql://", 1)
            project_id = fill(url, chosen.events, chosen.events // 50, DAYS)
            with _query_service() as (address, worker):
                _report(f"{address}/api/v1/analytics/{project_id}/exports/events", worker)
    finally:
        if not chosen.keep:
            shutil.rmtree(chosen.folder)


@contextmanager
def _query_service() -> Iterator[tuple[str, int]]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "services/query/gunicorn.conf.py",
         "--bind", f"127.0.0.1:{port}", "services.query.app:create_app()"]
    )  # fmt: skip
    try:
        address = f"http://127.0.0.1:{port}"
        while True:
            try:
                requests.get(f"{address}/healthz", timeout=5)
                break
            except requests.ConnectionError:
                time.sleep(0.1)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
        yield address, int(children.split()[0])
    finally:
        process.terminate()
        process.wait()


def _report(url: str, worker: int) -> None:
    asked = {
        "from": FIRST_DAY.date().isoformat(),
        "to": (FIRST_DAY + timedelta(days=DAYS - 1)).date().isoformat(),
    }
    print(f"{'format':<10}{'events':>12}{'MB':>8}{'seconds':>9}{'first s':>9}{'RSS MB':>8}")
    for name in FORMATS:
        Path(f"/proc/{worker}/clear_refs").write_text("5")  # forget the largest size so far
        started = time.monotonic()
        first = size = 0.0
        with requests.get(
            url,
            params={**asked, "format": name},
            headers={"X-API-Key": KEY},
            stream=True,
            timeout=60,
        ) as answer:
            assert answer.status_code == 200, answer.text
            for piece in answer.iter_content(1 << 16):
                first = first or time.monotonic() - started
                size += len(piece)
        took = time.monotonic() - started
        status = Path(f"/proc/{worker}/status").read_text()
        [peak] = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
        print(
            f"{name:<10}{int(answer.headers['X-Export-Events']):>12,}{size / 1e6:>8.0f}"
            f"{took:>9.1f}{first:>9.2f}{int(peak) / 1024:>8.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
