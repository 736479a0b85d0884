"""What SDKs do when the network or the server fails: they send again, and it is stored once."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import pytest

from tests.clients.conftest import stored_events
from tests.clients.faults import Fault, failing_network
from tests.clients.sdk import POSTHOG, SEGMENT, Sdk
from tests.conftest import Installation

_BOTH = ["opened", "bought", "$create_alias", "$groupidentify"]
_NAMES = {
    "posthog-python": [*_BOTH, "seen", "$set", "$set_once"],
    "posthog-python 3": [*_BOTH, "seen", "$pageview", "$identify", "$set_once"],
    "posthog-node": [*_BOTH, "seen", "$identify", "$set"],
    **{sdk.name: [*_BOTH, "$identify", "$pageview", "$screen"] for sdk in SEGMENT},
}


@pytest.mark.parametrize("sdk", [*POSTHOG, *SEGMENT], ids=lambda sdk: sdk.name)
def test_failures_lead_to_resending_and_every_event_is_stored_once(
    installation: Installation, sdk: Sdk, happened_at: datetime
) -> None:
    project = installation.new_project(sdk.name)
    faults = [Fault.REFUSED, Fault.CUT, Fault.REFUSED_AFTERWARDS]
    with failing_network(installation.url, faults) as network:
        sdk.run(network.url, project["public_key"], happened_at)
    assert [seen.fault for seen in network.sendings] == [*faults, None]
    assert [seen.answer for seen in network.sendings] == [None, 200, 200, 200]
    rows = stored_events(installation, project["id"])
    assert Counter(row.event_name for row in rows) == Counter(_NAMES[sdk.name])
    [opened] = [row for row in rows if row.event_name == "opened"]
    assert opened.distinct_id == "u-1"
    assert opened.timestamp == happened_at
    assert {name: opened.properties[name] for name in ("level", "price", "name")} == {
        "level": 3,
        "price": 1.5,
        "name": "Zoë \U0001f600",
    }


@pytest.mark.parametrize("sdk", [*POSTHOG, *SEGMENT], ids=lambda sdk: sdk.name)
def test_an_answer_that_comes_too_late_leads_to_resending_and_no_duplicate(
    installation: Installation, sdk: Sdk, happened_at: datetime
) -> None:
    project = installation.new_project(f"{sdk.name}, slow")
    with failing_network(installation.url, [Fault.SLOW]) as network:
        sdk.run(network.url, project["public_key"], happened_at, TIMEOUT="1")
    assert len(network.sendings) == 2
    rows = stored_events(installation, project["id"])
    assert len({row.event_id for row in rows}) == len(rows) == len(_NAMES[sdk.name])
