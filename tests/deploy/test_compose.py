"""The compose file against the rest of the tree."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

import yaml

from shared.settings import Settings, variable_name
from tests.conftest import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())


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
    assert set(COMPOSE["x-environment"]) <= known


def test_every_placeholder_of_the_gateway_is_filled() -> None:
    template = (ROOT / "deploy" / "nginx" / "gateway.conf.template").read_text()
    wanted = set(re.findall(r"\$\{([A-Z_]+)\}", template))
    assert wanted == set(COMPOSE["services"]["gateway"]["environment"])


def test_only_the_gateway_is_published_and_any_other_can_be_scaled() -> None:
    for name, service in COMPOSE["services"].items():
        assert ("ports" in service) == (name == "gateway")
        assert "container_name" not in service


def test_files_that_the_image_copies_exist() -> None:
    dockerfile = (ROOT / "deploy" / "docker" / "Dockerfile").read_text()
    for line in re.findall(r"^COPY (?!--from)(.+)$", dockerfile, flags=re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
