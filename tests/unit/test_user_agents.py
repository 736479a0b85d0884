"""Browser, system and kind of device, from what browsers say of themselves."""

from __future__ import annotations

import pytest

from services.processor.rows import Incoming
from services.processor.user_agents import Device, describe, device_of
from tests.factories import a_batch, an_event

_SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4"
_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0"
IPHONE = (
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) {_SAFARI} Mobile/15E148 Safari/604.1"
)


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        (IPHONE, Device("Mobile Safari", "iOS", "17.4", "mobile")),
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_CHROME} Safari/537.36",
            Device("Chrome", "Windows", "10", "desktop"),
        ),
        (
            f"Mozilla/5.0 (Linux; Android 14; SM-X910) {_CHROME} Safari/537.36",
            Device("Chrome", "Android", "14", "tablet"),
        ),
        (
            f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {_CHROME} Mobile Safari/537.36",
            Device("Chrome Mobile", "Android", "14", "mobile"),
        ),
        ("", Device(None, None, None, None)),
        ("x" * 500, Device(None, None, None, None)),
    ],
)
def test_user_agents_are_understood(user_agent: str, expected: Device) -> None:
    assert device_of(user_agent) == expected


def test_what_the_client_named_itself_stays() -> None:
    named, silent, server = an_event(), an_event(), an_event()
    named.browser, named.os_name = "MyGame", "GameOS"
    server.user_agent = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"
    batch = a_batch(1, [named, silent, server])
    batch.user_agent = IPHONE
    describe([Incoming(event, batch) for event in batch.events])
    assert (named.browser, named.os_name, named.os_version) == ("MyGame", "GameOS", None)
    assert (silent.browser, silent.device_type) == ("Mobile Safari", "mobile")
    assert (server.browser, server.device_type) == ("Firefox", "desktop")
