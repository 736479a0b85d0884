"""One value has one form, whichever client sent it: addresses, devices, campaigns."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.event_steps import normalise_each
from services.ingest.protocols import native, posthog, segment
from shared.events.campaign import campaign_of
from shared.events.envelope import Event
from shared.events.field_values import clean_url, device_type
from shared.policies.networks import canonical_address
from tests.support.factories import a_request_context


@pytest.mark.parametrize(
    ("given_url", "stored"),
    [
        ("https://user:pw@site.test/a?b@c", "https://site.test/a?b@c"),
        ("https://a:b@c@site.test:8080", "https://site.test:8080"),
        (" https://user@site.test/", "https://site.test/"),
        ("//user:pw@site.test/", "//site.test/"),
        ("https://münchen.test:444/ü", "https://xn--mnchen-3ya.test:444/ü"),
        ("https://MÜNCHEN.test", "https://xn--mnchen-3ya.test"),
        ("https://site.test/@ann", "https://site.test/@ann"),
        ("mailto:ann@site.test", "mailto:ann@site.test"),
        ("/search?q=ann@site.test", "/search?q=ann@site.test"),
        ("https://\u2028..test/", "https://\u2028..test/"),  # no host name: left as it is
    ],
)
def test_an_address_has_no_credentials_and_an_ascii_host(given_url: str, stored: str) -> None:
    assert clean_url(given_url) == stored


@given(
    st.from_regex(r"[a-z]{1,5}(:[a-z@]{0,5})?", fullmatch=True),
    st.from_regex(r"[a-zäöü]{1,8}\.test(:[0-9]{1,4})?", fullmatch=True),
    st.from_regex(r"(/[a-zü@:]{0,5}){0,3}(\?[a-z@=]{0,5})?(#[a-z@]{0,5})?", fullmatch=True),
)
def test_cleaning_changes_nothing_behind_the_host(user: str, host: str, rest: str) -> None:
    cleaned = clean_url(f"https://{user}@{host}{rest}")
    assert cleaned == clean_url(cleaned)
    assert cleaned.endswith(rest)
    assert "@" not in urlsplit(cleaned).netloc
    assert urlsplit(cleaned).netloc.isascii()


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("Desktop", "desktop"),
        (" Mobile ", "mobile"),
        ("ios", "mobile"),
        ("Generic tablet", "tablet"),
        ("SmartTV", "tv"),
        ("Fridge", "fridge"),
        ("  ", None),
    ],
)
def test_a_kind_of_device_has_one_name_in_every_protocol(sent: str, stored: str | None) -> None:
    assert device_type(sent) == stored
    properties = {"$device_type": sent}
    calls = {
        native: {"event_name": "m", "distinct_id": "a", "device_type": sent},
        posthog: {"event": "m", "distinct_id": "a", "properties": properties},
        segment: {
            "type": "track", "event": "m", "userId": "a", "context": {"device": {"type": sent}},
        },
    }  # fmt: skip
    for protocol, call in calls.items():
        assert _event(protocol.canonical, call).device_type == stored
    body = msgspec.json.encode([calls[native]])
    [fast] = native.read(body, None).events  # type: ignore[arg-type]
    assert _event(native.canonical, fast).device_type == stored


LONG = "https://s.test/p?click=" + "x" * 2500 + "&utm_source=%20News%20&utm_campaign=Spring++Sale"


def test_a_campaign_behind_the_cut_of_an_address_is_read_by_every_protocol() -> None:
    for protocol, call in (
        (native, {"event_name": "m", "distinct_id": "a", "page_url": LONG}),
        (posthog, {"event": "m", "distinct_id": "a", "properties": {"$current_url": LONG}}),
        (segment, {"type": "page", "userId": "c", "context": {"page": {"url": LONG}}}),
    ):
        event = _event(protocol.canonical, call)
        assert event.page_url == LONG[:2000]
        assert event.campaign is not None
        assert (event.campaign.source, event.campaign.name) == ("news", "spring sale")


def test_many_other_parameters_hide_no_campaign() -> None:
    query = "&".join(f"p{number}=1" for number in range(500))
    campaign = campaign_of(None, f"https://s.test/?{query}&utm_medium=E-Mail")
    assert campaign is not None
    assert campaign.medium == "e-mail"


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("90.0.0.1", "90.0.0.1"),
        ("90.0.0.1:41234", "90.0.0.1"),
        ("::ffff:90.0.0.1", "90.0.0.1"),
        ("::FFFF:5a00:1", "90.0.0.1"),
        ("0:0:0:0:0:ffff:90.0.0.1", "90.0.0.1"),
        ("[::ffff:90.0.0.1]:443", "90.0.0.1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("[2001:db8::1]:8080", "2001:db8::1"),
        ("unix:", "unix:"),
        ("", ""),
    ],
)
def test_an_address_has_one_form(written: str, address: str) -> None:
    assert canonical_address(written) == address


def _event(canonical: object, call: object) -> Event:
    outcomes = normalise_each([call], canonical, a_request_context())  # type: ignore[arg-type]
    [event] = outcomes.events
    return event
