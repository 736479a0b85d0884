"""Containers that are killed, scaled, restarted and made anew under load: all counts exact."""

from __future__ import annotations

import time
from ipaddress import ip_address

import pytest
import requests

from tests.compose.load import load
from tests.compose.stack import Stack, wait_for

_KILLS = 6


def test_killed_containers_restart_and_no_event_is_lost_or_doubled(stack: Stack) -> None:
    with load(stack) as sent:
        stack.up("--no-recreate", "--scale", "processor=4", "--scale", "ingest=4")
        assert len(stack.containers("processor")) == len(stack.containers("ingest")) == 4
        for number in range(_KILLS):
            stack.kill("processor" if number % 2 else "ingest")
            sent.wait_for_more(100)
        stack.wait_until_well()
        stack.up("--no-recreate", "--scale", "processor=2", "--scale", "ingest=1")
        assert len(stack.containers("processor")) == 2
        assert len(stack.containers("ingest")) == 1
        sent.wait_for_more(200)
    stack.assert_exact()


@pytest.mark.parametrize(
    "services",
    [
        ["gateway"],
        ["auth", "query", "flags", "live"],
        ["ingest"],
        ["processor", "processor-web", "worker", "schedule"],
        ["redis"],
        ["stream"],
        ["cache"],
        ["postgres"],
    ],
    ids=" ".join,
)
def test_a_restart_under_load_loses_and_doubles_nothing(stack: Stack, services: list[str]) -> None:
    with load(stack) as sent:
        started = time.monotonic()
        stack.compose("restart", *services)
        # A first process that does not hear SIGTERM is killed after ten seconds at the least.
        assert time.monotonic() - started < 10, "something did not stop when it was told to"
        sent.wait_for_more(100)
        stack.wait_until_well()
        sent.wait_for_more(100)
    stack.assert_exact()


def test_the_gateway_finds_services_that_have_swapped_addresses(stack: Stack) -> None:
    services = sorted(
        ("auth", "ingest", "query", "flags", "live"), key=lambda name: _number(stack, name)
    )
    before = {name: stack.addresses(name) for name in services}
    with load(stack) as sent:
        stack.compose("rm", "--force", "--stop", *services)
        # The engine gives away the lowest address that is free: started in this order, each has
        # the one that another had.
        for name in (*services[1:], services[0]):
            stack.compose("up", "--detach", "--no-deps", name)
        after = {name: stack.addresses(name) for name in services}
        assert all(before[name].isdisjoint(after[name]) for name in services), (before, after)
        for name in services:
            place = f"{stack.url}/api/v1/openapi/{name}.json"
            wait_for(lambda p=place: _answers(p), 30)  # type: ignore[misc]
        sent.wait_for_more(200)
    stack.wait_until_well()
    stack.assert_exact()


def test_down_and_up_again_finds_the_data(stack: Stack) -> None:
    before, credentials = stack.totals(), stack.credentials
    stack.down()
    assert not stack.containers()
    stack.up()
    stack.read_credentials()
    assert stack.credentials == credentials
    assert stack.totals() == before
    with load(stack) as sent:
        sent.wait_for_more(100)
    stack.assert_exact()


def _number(stack: Stack, service: str) -> int:
    [address] = stack.addresses(service)
    return int(ip_address(address))


def _answers(place: str) -> bool:
    return requests.get(place, timeout=10).status_code == 200
