"""Feature flags in a real browser: our SDK's, and on a page of another origin those of others."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import Installation
from tests.support.sdk_pages import running_site

_VARIANTS = [{"key": "a", "rollout_percentage": 60}, {"key": "b", "rollout_percentage": 40}]
_FLAGS: dict[str, dict[str, Any]] = {
    "rollout": {"rollout_percentage": 30},
    "variants": {"variants": _VARIANTS},
    "prices": {"variants": _VARIANTS, "payloads": {"a": {"price": 9}, "b": {"price": 12}}},
    "for-plans": {"conditions": [{"filters": [{"property": "plan", "value": ["pro"]}]}]},
    "off": {"variants": _VARIANTS, "is_active": False},
}
_PERSONS: list[Any] = [
    [f"ünï-{number}" if number % 7 == 4 else f"person-{number}", {"plan": plan}]
    for number, plan in enumerate(["pro", "free", "Pro"] * 10)
]
_PARTS = 10
_MANY: list[Any] = [
    [f"ünï-{number}" if number % 7 == 4 else f"person-{number}", {"plan": "free"}]
    for number in range(10_000)
]
_OPENFEATURE = "/modules/@openfeature"
_IMPORTS = {
    "imports": {
        "@openfeature/core": f"{_OPENFEATURE}/core/dist/esm/index.js",
        "@openfeature/web-sdk": f"{_OPENFEATURE}/web-sdk/dist/esm/index.js",
        "@openfeature/ofrep-web-provider": f"{_OPENFEATURE}/ofrep-web-provider/index.esm.js",
        "@openfeature/ofrep-core": f"{_OPENFEATURE}/ofrep-web-provider/node_modules"
        "/@openfeature/ofrep-core/index.esm.js",
    }
}
"""Where a page finds the packages; a bundler would have put them together."""

_START_OPENFEATURE = """async ([host, key, [targetingKey, attributes]]) => {
    const { OpenFeature, ProviderEvents } = await import("@openfeature/web-sdk");
    const { OFREPWebProvider } = await import("@openfeature/ofrep-web-provider");
    await OpenFeature.setContext({ targetingKey, ...attributes });
    await OpenFeature.setProviderAndWait(
        new OFREPWebProvider({ baseUrl: host, headers: [["X-API-Key", key]], pollInterval: 0 }),
    );
    window.openFeature = OpenFeature;
    window.client = OpenFeature.getClient();
    window.changed = [];
    client.addHandler(ProviderEvents.ConfigurationChanged, (event) => {
        changed.push(...event.flagsChanged);
    });
}"""
_ASK_OPENFEATURE = """async (persons) => {
    const answers = [];
    for (const [targetingKey, attributes] of persons) {
        await openFeature.setContext({ targetingKey, ...attributes });
        answers.push({
            rollout: client.getBooleanValue("rollout", false),
            variants: client.getStringValue("variants", "default"),
            prices: client.getObjectValue("prices", {}),
            "for-plans": client.getBooleanValue("for-plans", false),
            off: client.getStringValue("off", "default"),
        });
    }
    return answers;
}"""
# An instance for each person, whose properties are set before it asks for the first time. A driven
# browser is a bot to posthog-js, which keeps quiet for bots; an option makes it speak.
_ASK_POSTHOG = """async ([host, key, persons]) => {
    const { posthog } = await import("/posthog.mjs");
    const ask = (distinctID, properties) => new Promise((resolve) => {
        const one = posthog.init(key, {
            api_host: host,
            autocapture: false,
            capture_pageview: false,
            persistence: "memory",
            persistence_name: distinctID,
            opt_out_useragent_filter: true,
            advanced_disable_feature_flags_on_first_load: true,
            bootstrap: { distinctID, isIdentifiedID: true },
        }, distinctID);
        one.onFeatureFlags((_flags, values, context) => resolve([
            { ...values }, one.getFeatureFlagPayload("prices"), !!context?.errorsLoading,
        ]));
        one.setPersonPropertiesForFlags(properties);
    });
    const answers = [];
    for (const [distinctID, properties] of persons) answers.push(await ask(distinctID, properties));
    return answers;
}"""

_START_OURS = """async ([project, bootstrap]) => {
    const { createTidemark } = await import("/static/sdk/tidemark.mjs");
    window.mine = createTidemark();
    mine.init({ project, autoPageView: false, persistence: "memory", bootstrap });
    window.flags = await mine.load("flags");
    window.changes = 0;
    flags.onChange(() => { changes++; });
}"""
_ASK_OURS = """async (persons) => {
    const answers = [];
    for (const [id, properties] of persons) {
        mine.reset();
        mine.identify(id);
        await flags.refresh(properties);
        const keys = ["rollout", "variants", "prices", "for-plans", "off", "unknown"];
        for (const key of keys) flags.value(key); // reading again is not recorded again
        answers.push([
            Object.fromEntries(keys.map((key) => [key, flags.value(key)])),
            flags.payload("prices"),
        ]);
    }
    return answers;
}"""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with running_site() as origin:
        yield origin


def _project(installation: Installation, name: str) -> dict[str, Any]:
    made, owner = installation.new_project(name), installation.login()
    place = f"{installation.url}/api/v1/projects/{made['id']}/feature-flags/"
    for key, definition in _FLAGS.items():
        answer = owner.post(place, json={"key": key, **definition}, timeout=10)
        assert answer.status_code == 201, answer.text
    return made


def _hash(text: str) -> float:
    return int(hashlib.sha1(text.encode()).hexdigest()[:15], 16) / 0xFFFFFFFFFFFFFFF


def _by_hand(distinct_id: str, plan: str) -> dict[str, Any]:
    """Return a person's values by the published hash, and the comparison of texts."""
    variants, prices = (
        "a" if _hash(f"{key}.{distinct_id}variant") < 0.6 else "b" for key in ("variants", "prices")
    )
    return {
        "rollout": _hash(f"rollout.{distinct_id}") <= 0.3,
        "variants": variants,
        "prices": prices,
        "for-plans": plan.lower() == "pro",
    }


def _open(browser: Browser, site: str) -> tuple[Page, list[str]]:
    """Return a page of the shop, and the errors that it will say."""
    page, errors = browser.new_context().new_page(), []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{site}/shop")
    page.add_script_tag(content=json.dumps(_IMPORTS), type="importmap")
    return page, errors


def test_openfeature_in_a_page_has_the_values_of_the_hash(
    installation: Installation, browser: Browser, site: str
) -> None:
    project = _project(installation, "OpenFeature in a page")
    page, errors = _open(browser, site)
    key = project["public_key"]
    page.evaluate(_START_OPENFEATURE, [installation.url, key, ["somebody", {"plan": "free"}]])
    answers = page.evaluate(_ASK_OPENFEATURE, _PERSONS)
    for (distinct_id, properties), answer in zip(_PERSONS, answers, strict=True):
        expected = _by_hand(distinct_id, properties["plan"])
        price = {"price": {"a": 9, "b": 12}[expected["prices"]]}
        assert answer == {**expected, "prices": price, "off": "default"}
    assert errors == []


def test_openfeature_in_a_page_hears_of_a_change_without_asking(
    installation: Installation, browser: Browser, site: str
) -> None:
    project, owner = _project(installation, "OpenFeature that hears"), installation.login()
    place = f"{installation.url}/api/v1/projects/{project['id']}/feature-flags/"
    [rollout] = [
        one for one in owner.get(place, timeout=10).json()["items"] if one["key"] == "rollout"
    ]
    page, errors = _open(browser, site)
    person = ["person-1", {"plan": "pro"}]
    # The stream says where it begins once it is open; what changes before that is no push.
    with page.expect_response(lambda answer: "/ofrep/v1/stream" in answer.url):
        page.evaluate(_START_OPENFEATURE, [installation.url, project["public_key"], person])
    for percentage, is_on in ((100, True), (0, False), (100, True)):
        page.evaluate("() => { changed.length = 0; }")
        changed = owner.patch(
            f"{place}{rollout['id']}", json={"rollout_percentage": percentage}, timeout=10
        )
        assert changed.status_code == 200, changed.text
        page.wait_for_function("() => changed.includes('rollout')", timeout=10_000)
        value = page.evaluate("(other) => client.getBooleanValue('rollout', other)", not is_on)
        assert value is is_on
    assert errors == []


def test_posthog_in_a_page_has_the_values_of_the_hash(
    installation: Installation, browser: Browser, site: str
) -> None:
    project = _project(installation, "posthog-js with values")
    page, errors = _open(browser, site)
    answers = page.evaluate(_ASK_POSTHOG, [installation.url, project["public_key"], _PERSONS])
    for (distinct_id, properties), answer in zip(_PERSONS, answers, strict=True):
        expected = _by_hand(distinct_id, properties["plan"])
        values, payload, has_failed = answer
        # posthog-js leaves out what is off.
        assert values == {key: value for key, value in expected.items() if value is not False}
        assert payload == {"price": {"a": 9, "b": 12}[expected["prices"]]}
        assert not has_failed
    assert errors == []


@pytest.mark.sweep
@pytest.mark.parametrize("part", range(_PARTS))
def test_ten_thousand_persons_in_pages_have_the_variants_of_the_hash(
    installation: Installation, browser: Browser, site: str, part: int
) -> None:
    persons = _MANY[part::_PARTS]
    project = _project(installation, f"Many persons {part}")
    key = project["public_key"]
    expected = [_by_hand(distinct_id, "free")["variants"] for distinct_id, _ in persons]
    page, errors = _open(browser, site)
    page.evaluate(_START_OPENFEATURE, [installation.url, key, persons[0]])
    by_openfeature = page.evaluate(_ASK_OPENFEATURE, persons)
    assert [answer["variants"] for answer in by_openfeature] == expected
    by_posthog = page.evaluate(_ASK_POSTHOG, [installation.url, key, persons])
    assert [values["variants"] for values, _, _ in by_posthog] == expected
    assert errors == []


def _open_ours(browser: Browser, installation: Installation) -> tuple[Page, list[str]]:
    """Return a page of the installation, and the errors that it will say."""
    page, errors = browser.new_context().new_page(), []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{installation.url}/demo/")
    return page, errors


def test_our_sdk_in_a_page_has_the_values_of_the_hash_and_counts_what_was_read(
    installation: Installation, browser: Browser
) -> None:
    project = _project(installation, "Our SDK with flags")
    page, errors = _open_ours(browser, installation)
    page.evaluate(_START_OURS, [project["public_key"], None])
    answers = page.evaluate(_ASK_OURS, _PERSONS)
    for (distinct_id, properties), (values, payload) in zip(_PERSONS, answers, strict=True):
        expected = _by_hand(distinct_id, properties["plan"])
        assert values == {**expected, "off": False, "unknown": None}
        assert payload == {"price": {"a": 9, "b": 12}[expected["prices"]]}
    page.evaluate("() => mine.flush()")
    installation.wait_until_stored()
    called = installation.login().get(
        f"{installation.url}/api/events/",
        params={"project_id": project["id"], "event_name": "$feature_flag_called", "limit": 200},
        timeout=10,
    )
    assert called.status_code == 200, called.text
    read = [
        (
            one["distinct_id"],
            one["properties"]["$feature_flag"],
            one["properties"]["$feature_flag_response"],
        )
        for one in called.json()["items"]
    ]
    assert sorted(read, key=str) == sorted(
        (
            (distinct_id, key, value)
            for (distinct_id, _), (values, _) in zip(_PERSONS, answers, strict=True)
            for key, value in values.items()
        ),
        key=str,
    )
    assert errors == []


def test_our_sdk_in_a_page_begins_with_given_values_and_hears_of_changes(
    installation: Installation, browser: Browser
) -> None:
    project, owner = _project(installation, "Our SDK that hears"), installation.login()
    place = f"{installation.url}/api/v1/projects/{project['id']}/feature-flags/"
    [rollout] = [
        one for one in owner.get(place, timeout=10).json()["items"] if one["key"] == "rollout"
    ]
    page, errors = _open_ours(browser, installation)
    page.route("**/flags/?v=2", lambda route: route.abort())
    given = {"flags": {"rollout": "given"}, "payloads": {"rollout": [1]}}
    with page.expect_response(lambda answer: "/ofrep/v1/stream" in answer.url):
        page.evaluate(_START_OURS, [project["public_key"], given])
    assert page.evaluate("() => [flags.value('rollout'), flags.payload('rollout')]") == [
        "given",
        [1],
    ]
    page.unroute("**/flags/?v=2")
    for percentage, is_on in ((100, True), (0, False), (100, True)):
        changed = owner.patch(
            f"{place}{rollout['id']}", json={"rollout_percentage": percentage}, timeout=10
        )
        assert changed.status_code == 200, changed.text
        page.wait_for_function("(on) => flags.value('rollout') === on", arg=is_on, timeout=10_000)
    assert page.evaluate("changes") == 3
    assert not [one for one in errors if "ERR_FAILED" not in one]


def test_events_say_the_values_of_flags_that_the_page_has_read(
    installation: Installation, browser: Browser
) -> None:
    project = _project(installation, "Our SDK whose events say flags")
    page, errors = _open_ours(browser, installation)
    page.evaluate(_START_OURS, [project["public_key"], None])
    page.evaluate(_ACT_BETWEEN_READINGS)
    installation.wait_until_stored()
    owner, by_name = installation.login(), {}
    for name in ("before", "after", "as somebody else"):
        answer = owner.get(
            f"{installation.url}/api/events/",
            params={"project_id": project["id"], "event_name": name},
            timeout=10,
        )
        [one] = answer.json()["items"]
        properties = one["properties"]
        by_name[name] = {key: properties[key] for key in properties if "$feature" in key}
    first, second = _by_hand("person-3", "free"), _by_hand("person-4", "free")
    assert first["rollout"] != second["rollout"]
    assert by_name == {
        "before": {},
        "after": {"$feature/rollout": first["rollout"], "$feature/variants": first["variants"]},
        "as somebody else": {
            "$feature/rollout": second["rollout"],
            "$feature/variants": second["variants"],
        },
    }
    assert errors == []


_ACT_BETWEEN_READINGS = """async () => {
    mine.identify("person-3");
    await flags.refresh();
    mine.event("before");
    for (const key of ["rollout", "variants", "unknown"]) flags.value(key);
    mine.event("after");
    mine.identify("person-4");
    await flags.refresh();
    mine.event("as somebody else");
    await mine.flush();
}"""
