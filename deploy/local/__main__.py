"""Run a whole installation: the command behind ``make run``."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path

from deploy.local import gateway, installation, leftovers, options
from deploy.local.backends import Backends, laid_out_backends
from deploy.local.children import free_port
from deploy.local.database_urls import DatabaseUrls
from deploy.local.permissions import keep_private
from deploy.local.preflight import exclusive, require_disk_space, require_free_port
from deploy.local.problems import CannotStart
from deploy.local.programs import programs
from deploy.local.supervision import Runner
from deploy.local.terminal import Terminal
from shared.auth.internal_token import gateway_token
from shared.runtime.settings import Settings, variable_name

ROOT = installation.ROOT
GEOGRAPHY = (
    ROOT / "deploy/geography/node_modules/@ip-location-db/geo-whois-asn-country-mmdb"
    "/geo-whois-asn-country.mmdb"
)
"""The database of countries by network address; make installs it."""
SERVICES = ("auth", "ingest", "processor", "query", "flags", "live")


def main() -> int:
    """Run the installation and return the exit code."""
    # Until the processes run, SIGTERM interrupts the start as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return run(options.with_dotenv(os.environ))
    except CannotStart as problem:
        print(f"tidemark: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("tidemark: stopped before it was ready.", file=sys.stderr)
        return 0


def run(environ: Mapping[str, str]) -> int:
    """Run the installation until SIGTERM or Ctrl-C, and return the exit code.

    Raises:
        CannotStart: a precondition is not met.
    """
    port = options.port(environ)
    data_dir = options.data_folder(environ)
    require_disk_space(data_dir, options.minimum_free_mb(environ))
    with exclusive(data_dir):
        # Under the lock: a second start would close the folder to the servers of the first.
        keep_private(data_dir)
        leftovers.terminate(data_dir / "run" / "processes.json")
        require_free_port(port)
        print("tidemark: starting …", flush=True)
        runner = _prepare_runner(port, data_dir, environ)
        runner.run_until_stopped()
    return 1 if runner.failed else 0


def _prepare_runner(port: int, data_dir: Path, environ: Mapping[str, str]) -> Runner:
    """Write the configuration of every process, and return the runner of all processes."""
    ports = {service: free_port() for service in SERVICES}
    run_dir = data_dir / "run"
    run_dir.mkdir(exist_ok=True)
    backends = laid_out_backends(data_dir, environ)
    environment = _environment(backends, port, data_dir, ports, environ)
    configuration = gateway.configure(
        run_dir / "gateway", port, ports, gateway.GatewayOptions.from_environment(environment)
    )
    environment["NGINX_BINARY"] = str(gateway.binary())
    environment["NGINX_CONFIGURATION"] = str(configuration)
    urls = DatabaseUrls.of(backends, environ)
    environment = urls.for_all(environment)
    installation.write_private(
        run_dir / "environment.json",
        {key: environment[key] for key in _shared_variables() if key in environment}
        | urls.of_operators,
    )
    all_programs = [
        replace(program, environment=urls.of_program(program.name))
        for program in programs(backends, ROOT / "Procfile", environment)
    ]
    # The processes inherit the environment of supervisord, which is this process.
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    return Runner(all_programs, run_dir, Terminal([program.name for program in all_programs]))


def _environment(
    backends: Backends,
    port: int,
    data_dir: Path,
    ports: Mapping[str, int],
    environ: Mapping[str, str],
) -> dict[str, str]:
    """Return the settings of every process; values in ``environ`` replace the defaults."""
    defaults = {
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "COOKIE_SECURE": "false",
        "LOG_FORMAT": "text",
        "LOG_LEVEL": "WARNING",
        "GEOIP_DATABASE": str(GEOGRAPHY) if GEOGRAPHY.exists() else "",
        "PYTHONUNBUFFERED": "1",
        "DAY_FILES": str(data_dir / "day-files"),
        "DISK_FOLDERS": ":".join(str(data_dir / name) for name in backends.embedded),
    }
    fixed = {
        **backends.environment,
        "DATA_DIR": str(data_dir),
        "SUPERVISION_FILE": str(data_dir / "run" / "supervision.json"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{environ.get('PATH', '')}",
        "PYTHONPATH": str(ROOT),
        **{f"{name.upper()}_PORT": str(chosen) for name, chosen in ports.items()},
        **{f"{name.upper()}_URL": f"http://127.0.0.1:{chosen}" for name, chosen in ports.items()},
    }
    secret = environ.get("SECRET_KEY") or installation.stored_secret(data_dir / "secret_key")
    token = environ.get("GATEWAY_TOKEN") or gateway_token(secret)
    return {**defaults, **environ, **fixed, "SECRET_KEY": secret, "GATEWAY_TOKEN": token}


def _shared_variables() -> list[str]:
    """Return the variables that `make bench`, commands and tests need to use this installation."""
    settings = {variable_name(entry) for entry in fields(Settings)}
    return sorted(settings | {"DATA_DIR"} | {f"{name.upper()}_PORT" for name in SERVICES})


if __name__ == "__main__":
    sys.exit(main())
