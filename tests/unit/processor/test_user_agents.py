"""What is read from user agents, and that nobody can make it slow or large."""

from __future__ import annotations

import pytest

from services.processor.storing import user_agents
from services.processor.storing.rows import flatten
from services.processor.storing.user_agents import Agent, parse
from tests.support.factories import a_batch, an_event

WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
CHROMIUM = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"
WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROMIUM} Safari/537.36"
IPHONE = (
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) {WEBKIT} Version/17.4 "
    "Mobile/15E148 Safari/604.1"
)

KNOWN = [
    (WINDOWS, Agent("Chrome", "Windows", "10", "desktop")),
    (IPHONE, Agent("Mobile Safari", "iOS", "17.4", "mobile")),
    (
        f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/17.4 Safari/605.1.15",
        Agent("Safari", "Mac OS X", "10.15", "desktop"),
    ),
    (
        "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
        Agent("Firefox", "Linux", None, "desktop"),
    ),
    (
        f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {CHROMIUM} Safari/537.36",
        Agent("Chrome", "Chrome OS", "14541.0", "desktop"),
    ),
    (
        f"Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) {WEBKIT} Version/16.6 "
        "Mobile/15E148 Safari/604.1",
        Agent("Mobile Safari", "iOS", "16.6", "tablet"),
    ),
    (
        f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {CHROMIUM} Mobile Safari/537.36",
        Agent("Chrome Mobile", "Android", "14", "mobile"),
    ),
    (
        f"Mozilla/5.0 (Linux; Android 13; SM-X900) {CHROMIUM} Safari/537.36",
        Agent("Chrome", "Android", "13", "tablet"),
    ),
    (
        f"Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.0) {WEBKIT} Version/6.0 TV Safari/537.36",
        Agent("Safari", "Tizen", "6.0", "tv"),
    ),
    (
        f"Mozilla/5.0 (PlayStation; PlayStation 5/6.00) {WEBKIT} Version/15.4 Safari/605.1.15",
        Agent("Safari", None, None, "console"),
    ),
    (
        "Dalvik/2.1.0 (Linux; U; Android 12; SM-G991B Build/SP1A)",
        Agent(None, "Android", "12", None),
    ),
    ("MyGame/3 CFNetwork/1410.0.3 Darwin/22.6.0", Agent(None, "iOS", "16", "mobile")),
    ("okhttp/4.12.0", Agent(None, None, None, None)),
    ("python-requests/2.31", Agent(None, None, None, None)),
    ("", Agent(None, None, None, None)),
]


@pytest.mark.parametrize(("user_agent", "expected"), KNOWN)
def test_usual_user_agents_are_told_apart(user_agent: str, expected: Agent) -> None:
    assert parse(user_agent) == expected


def test_what_the_client_named_stays() -> None:
    event = an_event()
    event.browser, event.os_name, event.device_type = "Our App", "Windows Mobile", "kiosk"
    batch = a_batch(1, [event])
    batch.user_agent = WINDOWS
    user_agents.fill_in(flatten([batch]))
    assert (event.browser, event.os_name, event.device_type) == (
        "Our App",
        "Windows Mobile",
        "kiosk",
    )
    assert event.os_version is None  # the version is not of the system that was named


def test_the_visitors_user_agent_counts_before_the_requests() -> None:
    through_a_server, on_its_own = an_event(), an_event()
    through_a_server.user_agent = IPHONE
    batch = a_batch(1, [through_a_server, on_its_own])
    batch.user_agent = WINDOWS
    user_agents.fill_in(flatten([batch]))
    assert through_a_server.device_type == "mobile"
    assert on_its_own.device_type == "desktop"


def test_long_texts_are_cut_and_few_are_remembered() -> None:
    assert parse("x" * 500 + IPHONE) == Agent(None, None, None, None)
    for number in range(11_000):
        parse(f"agent {number}")
    assert parse.cache_info().currsize == 10_000
