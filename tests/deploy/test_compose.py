"""The compose file against the rest of the tree."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local.gateway import GatewayOptions, client_limits, real_ip, trusted_networks
from deploy.local.problems import CannotStart
from shared.runtime.settings import Settings, variable_name
from tests.compose.base_images import tags
from tests.conftest import ROOT
from tools.compose_check import SECRETS

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
DOCKERFILE = (ROOT / "deploy" / "docker" / "Dockerfile").read_text()


def test_every_process_of_make_run_has_its_container() -> None:
    processes = re.findall(r"^([\w-]+):", (ROOT / "Procfile").read_text(), flags=re.MULTILINE)
    assert set(processes) <= set(COMPOSE["services"])


def test_containers_run_the_same_commands() -> None:
    lines = dict(re.findall(r"^([\w-]+): (.*)$", (ROOT / "Procfile").read_text(), re.MULTILINE))
    for name, line in lines.items():
        if name == "gateway":
            continue
        wanted = re.sub(r" --bind \S+", "", line).replace('"', "").split()
        assert COMPOSE["services"][name]["command"] == wanted, name


def test_services_are_given_only_settings_that_exist() -> None:
    known = {variable_name(entry) for entry in fields(Settings)}
    given = set(COMPOSE["x-environment"])
    assert given <= known
    # Where the services listen is the same in every compose installation.
    assert {name for name in known - given if not name.endswith("_URL")} == set()


def test_compose_requires_each_of_its_secrets() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for name in SECRETS:
        uses = re.findall(rf"\$\{{{name}\b([^}}]*)\}}", text)
        assert uses, name
        assert {use[:2] for use in uses} == {":?"}, name


def test_the_gateway_and_every_service_have_the_same_token() -> None:
    token = COMPOSE["x-environment"]["GATEWAY_TOKEN"]
    for name in ("gateway", "auth", "ingest", "query", "flags", "live", "processor-web"):
        assert SERVICES[name]["environment"]["GATEWAY_TOKEN"] == token, name
    # Without it a service believes everybody.
    assert "GATEWAY_TOKEN" in SECRETS


def test_every_placeholder_of_the_gateway_is_filled() -> None:
    template = (ROOT / "deploy" / "nginx" / "gateway.conf.template").read_text()
    wanted = set(re.findall(r"\$\{([A-Z_]+)\}", template))
    # A script of the image makes these from TRUSTED_PROXIES and the header's name, see below.
    computed = set(client_limits(GatewayOptions())) - {"CLIENT_CONNECTIONS"}
    made = {"REAL_IP", "TRUSTED_NETWORKS", *computed}
    given = set(COMPOSE["services"]["gateway"]["environment"]) - {"TRUSTED_PROXIES"} | made
    assert wanted == given


@pytest.mark.parametrize(
    ("proxies", "directives"),
    [
        ("", ""),
        (
            "10.0.0.0/8, fd00::1",
            "set_real_ip_from 10.0.0.0/8; set_real_ip_from fd00::1; "
            "real_ip_header X-Forwarded-For; real_ip_recursive on;",
        ),
    ],
)
def test_the_image_trusts_the_same_proxies_as_make_run(proxies: str, directives: str) -> None:
    script = ROOT / "deploy" / "docker" / "trusted-proxies.envsh"
    assert script.stat().st_mode & 0o111
    made = source_script(script, proxies)
    assert made.stdout == directives
    assert real_ip(trusted_networks(proxies)) == directives


def test_the_image_refuses_a_proxy_that_is_no_address() -> None:
    script = ROOT / "deploy" / "docker" / "trusted-proxies.envsh"
    refused = source_script(script, "10.0.0.1; include /etc/passwd")
    assert refused.returncode == 1
    assert "which is neither an address nor a network" in refused.stderr
    with pytest.raises(CannotStart, match="which is neither an address nor a network"):
        trusted_networks("10.0.0.1; include /etc/passwd")


def test_the_image_spells_the_country_header_as_nginx_does() -> None:
    script = ROOT / "deploy" / "docker" / "trusted-proxies.envsh"
    made = source_script(script, "10.0.0.0/8", "$TRUSTED_NETWORKS $COUNTRY_HEADER")
    assert made.stdout == "10.0.0.0/8 1;  cf_ipcountry"


def test_the_image_computes_the_limits_of_a_client_as_make_run_does() -> None:
    script = ROOT / "deploy" / "docker" / "trusted-proxies.envsh"
    for rate in ("", "1", "50", "77"):
        options = GatewayOptions.from_environment({"CLIENT_REQUESTS_PER_SECOND": rate})
        wanted = client_limits(options)
        shown = " ".join(f"${name}" for name in wanted)
        made = source_script(script, "", shown, CLIENT_REQUESTS_PER_SECOND=rate)
        assert made.stdout == " ".join(wanted.values())
    for wrong in ("0", "5r/s", "1; return 200", "-1", "1000000"):
        refused = source_script(script, "", CLIENT_CONNECTIONS=wrong)
        assert refused.returncode == 1
        assert "use a number" in refused.stderr
        with pytest.raises(CannotStart, match="use a number"):
            client_limits(GatewayOptions(client_connections=wrong))


def source_script(
    script: Path, proxies: str, shown: str = "$REAL_IP", **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", f'. "$1"; printf %s "{shown}"', "sh", str(script)],
        env={
            "PATH": os.environ["PATH"],
            "TRUSTED_PROXIES": proxies,
            "COUNTRY_HEADER": "CF-IPCountry",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_only_the_gateway_is_published_and_any_other_can_be_scaled() -> None:
    for name, service in COMPOSE["services"].items():
        assert ("ports" in service) == (name == "gateway")
        assert "container_name" not in service


def test_files_that_the_image_copies_exist() -> None:
    for line in re.findall(
        r"^COPY (?!--from)(?:--chmod=\d+ )?(.+)$", DOCKERFILE, flags=re.MULTILINE
    ):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source


def test_no_service_can_answer_at_the_address_of_another() -> None:
    environment, gateway = COMPOSE["x-environment"], SERVICES["gateway"]["environment"]
    ports = {
        name: int(service["environment"]["BIND"].rpartition(":")[2])
        for name, service in SERVICES.items()
        if "BIND" in service.get("environment", {})
    }
    assert len(set(ports.values())) == len(ports) == 6
    for name, port in ports.items():
        assert environment[f"{name.split('-')[0].upper()}_URL"] == f"http://{name}:{port}"
        upstream = f"{name.split('-')[0].upper()}_UPSTREAM"
        assert gateway[upstream] == f"{name}:{port} resolve"
    scraped = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())
    [job] = scraped["scrape_configs"]
    assert {names: one["port"] for one in job["dns_sd_configs"] for names in one["names"]} == ports


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_may_do_little_and_take_little(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    # PostgreSQL's image hands the data folder over and becomes another user; nothing else may.
    handing_over = {"CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"}
    assert set(service.get("cap_add", [])) == (handing_over if name == "postgres" else set())
    assert "mem_limit" in service
    assert "pids_limit" in service
    assert set(service["logging"]["options"]) == {"max-size", "max-file"}
    assert service["restart"] == ("no" if name == "migrate" else "unless-stopped")
    checked = {"gateway", "postgres", "redis", "stream", "cache"} | {
        one for one, other in SERVICES.items() if "BIND" in other.get("environment", {})
    }
    assert ("healthcheck" in service) == (name in checked)


def test_no_server_runs_as_root() -> None:
    # The services' image says it itself; PostgreSQL refuses to run as root.
    assert re.search(r"^USER tidemark$", DOCKERFILE, re.MULTILINE)
    users = {name: service.get("user") for name, service in SERVICES.items()}
    assert {name: user for name, user in users.items() if user} == {
        "gateway": "nginx",
        "redis": "redis",
        "stream": "redis",
        "cache": "redis",
    }


def test_each_container_knows_the_database_role_that_it_needs_and_no_other() -> None:
    roles: dict[str, set[str]] = {}
    for name, service in SERVICES.items():
        text = str(service.get("environment", {}))
        roles[name] = set(re.findall(r"postgresql://(\w+):", text))
    reader, writer = {"tidemark_read"}, {"tidemark_write"}
    expected = {
        **dict.fromkeys(("query", "flags", "live"), reader),
        **dict.fromkeys(("auth", "ingest", "processor", "processor-web", "schedule"), writer),
        "worker": {*writer, "tidemark_owner"},
        "migrate": {*reader, *writer, "tidemark_owner", "tidemark"},
        **{name: set() for name in ("gateway", "postgres", "redis", "stream", "cache")},
    }
    assert roles == expected


def test_each_redis_has_a_bound_and_only_the_cache_may_forget() -> None:
    for name, policy, is_logged in (
        ("redis", "noeviction", "yes"),
        ("stream", "noeviction", "yes"),
        ("cache", "allkeys-lru", "no"),
    ):
        service = SERVICES[name]
        assert service["environment"]["MAXMEMORY_POLICY"] == policy
        assert service["environment"]["APPENDONLY"] == is_logged
        assert service["environment"]["MAXMEMORY"]
        assert ("volumes" in service) == (is_logged == "yes")
        configuration = service["command"][-1]
        assert "maxmemory $$MAXMEMORY\n" in configuration
        assert "appendonly $$APPENDONLY\n" in configuration
        assert "maxmemory-policy $$MAXMEMORY_POLICY\n" in configuration


def test_every_base_image_has_a_stand_in() -> None:
    pulled = {service["image"] for service in SERVICES.values() if "${" not in service["image"]}
    assert pulled | set(re.findall(r"^FROM (\S+:\S+)", DOCKERFILE, re.MULTILINE)) == tags()
