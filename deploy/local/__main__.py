"""``make run``: start everything, say where it is, and stop it cleanly."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

import requests
from honcho.environ import parse

from deploy.demo_config import write_demo_config
from deploy.local import gateway, installation, leftovers
from deploy.local.backends import Backends, running_backends
from deploy.local.children import free_port
from deploy.local.preflight import (
    DEFAULT_MINIMUM_FREE_MB,
    exclusive,
    require_disk_space,
    require_free_port,
)
from deploy.local.problems import CannotStart
from deploy.local.processes import Processes
from shared.runtime.settings import Settings, variable_name

ROOT = installation.ROOT
GEOGRAPHY = (
    ROOT / "deploy/geography/node_modules/@ip-location-db/geo-whois-asn-country-mmdb"
    "/geo-whois-asn-country.mmdb"
)
"""Countries by address; installed by make."""
SERVICES = ("auth", "ingest", "processor", "query", "flags", "live")
_READY_SECONDS = 60


def main() -> int:
    """Run the installation; answers the exit code."""
    # Until the processes run, a SIGTERM ends the start as Ctrl-C does: servers are stopped first.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return run(_with_dotenv(os.environ))
    except CannotStart as problem:
        print(f"tidemark: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("tidemark: stopped before it was ready.", file=sys.stderr)
        return 0


def run(environ: Mapping[str, str]) -> int:
    """Check, start, wait, and stop.

    Raises:
        CannotStart: with the sentence to print.
    """
    port = _port(environ)
    data_dir = Path(environ.get("DATA_DIR") or ROOT / ".data").resolve()
    require_disk_space(data_dir, _minimum_free_mb(environ))
    with exclusive(data_dir):
        leftovers.end(data_dir / "run" / "processes.json")
        require_free_port(port)
        print("tidemark: starting PostgreSQL and Valkey …", flush=True)
        with running_backends(data_dir, environ) as backends:
            return _run_on(backends, port, data_dir, environ)


def _run_on(backends: Backends, port: int, data_dir: Path, environ: Mapping[str, str]) -> int:
    """Prepare the installation on running servers, and run its processes until told to stop."""
    ports = {service: free_port() for service in SERVICES}
    environment = _environment(backends, port, data_dir, ports, environ)
    run_dir = data_dir / "run"
    run_dir.mkdir(exist_ok=True)
    url = environment["PUBLIC_URL"]
    credentials = installation.prepare(environment, data_dir / "credentials.json", url)
    options = gateway.GatewayOptions.from_environment(environ)
    configuration = gateway.configure(run_dir / "gateway", port, ports, options)
    write_demo_config(
        run_dir / "gateway" / "demo" / "config.json", credentials.get("public_key", "")
    )
    environment["NGINX_BINARY"] = str(gateway.binary())
    environment["NGINX_CONFIGURATION"] = str(configuration)
    installation.write_private(
        run_dir / "environment.json",
        {key: environment[key] for key in _told_to_others() if key in environment},
    )
    leftovers.remember(run_dir / "processes.json")
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    processes = Processes(ROOT / "Procfile", environment)
    announcement = threading.Thread(
        target=_announce, args=(environment, credentials, data_dir), daemon=True
    )
    announcement.start()
    problem = processes.run()
    if problem:
        print(f"tidemark: {problem}", file=sys.stderr)
        return 1
    return 0


def _environment(
    backends: Backends,
    port: int,
    data_dir: Path,
    ports: Mapping[str, int],
    environ: Mapping[str, str],
) -> dict[str, str]:
    """The settings of every process; what the caller set himself counts."""
    ours = {
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "COOKIE_SECURE": "false",
        "LOG_FORMAT": "text",
        "LOG_LEVEL": "WARNING",
        "GEOIP_DATABASE": str(GEOGRAPHY) if GEOGRAPHY.exists() else "",
    }
    fixed = {
        **backends.environment,
        "DATA_DIR": str(data_dir),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{environ.get('PATH', '')}",
        "PYTHONPATH": str(ROOT),
        **{f"{name.upper()}_PORT": str(chosen) for name, chosen in ports.items()},
        **{f"{name.upper()}_URL": f"http://127.0.0.1:{chosen}" for name, chosen in ports.items()},
    }
    secret = environ.get("SECRET_KEY") or installation.stored_secret(data_dir / "secret_key")
    return {**ours, **environ, **fixed, "SECRET_KEY": secret}


def _told_to_others() -> list[str]:
    """The variables with which `make bench`, commands and tests attach to this installation."""
    settings = {variable_name(entry) for entry in fields(Settings)}
    return sorted(settings | {"DATA_DIR"} | {f"{name.upper()}_PORT" for name in SERVICES})


def _announce(
    environment: Mapping[str, str], credentials: Mapping[str, str], data_dir: Path
) -> None:
    """Wait until everything is ready, then say where it is."""
    url = environment["PUBLIC_URL"]
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        time.sleep(0.5)  # first of all, let the processes be forked while this thread holds no lock
        try:
            if (
                requests.get(
                    f"{environment['QUERY_URL']}/api/v1/health/ready", timeout=5
                ).status_code
                == 200
            ):
                break
        except requests.RequestException:
            continue
    else:
        print(
            f"tidemark: not everything was ready within {_READY_SECONDS} seconds; "
            f"{url}/api/v1/health/ says which part is not.",
            file=sys.stderr,
            flush=True,
        )
        return
    leftovers.remember(data_dir / "run" / "processes.json")
    lines = [f"Tidemark is ready:  {url}"]
    if credentials:
        lines += [
            f"  log in with       {credentials['email']}  {credentials['password']}",
            f"  (kept in          {data_dir / 'credentials.json'})",
        ]
    lines += [f"  play Snake at     {url}/demo/snake/", "  stop with         Ctrl-C"]
    print("\n" + "\n".join(lines) + "\n", flush=True)


def _port(environ: Mapping[str, str]) -> int:
    text = environ.get("PORT") or "8000"
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65_535:
        raise CannotStart(f"PORT is {text!r}; use a number from 1 to 65535.")
    return int(text)


def _minimum_free_mb(environ: Mapping[str, str]) -> int:
    text = environ.get("TIDEMARK_MINIMUM_FREE_MB") or str(DEFAULT_MINIMUM_FREE_MB)
    if not text.isascii() or not text.isdigit():
        raise CannotStart(f"TIDEMARK_MINIMUM_FREE_MB is {text!r}; use a number of megabytes.")
    return int(text)


def _with_dotenv(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment, with what ``.env`` adds to it."""
    dotenv = ROOT / ".env"
    return {**(parse(dotenv.read_text()) if dotenv.exists() else {}), **environ}


if __name__ == "__main__":
    sys.exit(main())
