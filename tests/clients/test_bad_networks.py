"""What SDKs do when the network or the server fails: they send again, and it is stored once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import pytest

from tests.clients.conftest import stored_events
from tests.conftest import Installation
from tests.support.failing_network import Fault, Seen, failing_network
from tests.support.sdk_processes import POSTHOG, SEGMENT, Sdk

_BOTH = ["opened", "bought", "$create_alias", "$groupidentify"]
_NAMES = {
    "posthog-python": [*_BOTH, "seen", "$set", "$set_once"],
    "posthog-python 3": [*_BOTH, "seen", "$pageview", "$identify", "$set_once"],
    "posthog-node": [*_BOTH, "seen", "$identify", "$set"],
    **{sdk.name: [*_BOTH, "$identify", "$pageview", "$screen"] for sdk in SEGMENT},
}


_FAULTS = (Fault.REFUSED, Fault.CUT, Fault.REFUSED_AFTERWARDS)
every_sdk = pytest.mark.parametrize("sdk", [*POSTHOG, *SEGMENT], ids=lambda sdk: sdk.name)


@dataclass(frozen=True)
class Run:
    """What an SDK did on a failing network."""

    project_id: int
    sendings: list[Seen]


class Runs(Protocol):
    """Runs that go on at the same time."""

    def __call__(self, sdk: Sdk, *faults: Fault) -> Run:
        """The run of an SDK that met these faults."""


@pytest.fixture(scope="module")
def run_of(installation: Installation, happened_at: datetime) -> Iterator[Runs]:
    """All SDKs at once: mostly they wait until they may try again."""

    def run(sdk: Sdk, faults: tuple[Fault, ...]) -> Run:
        project = installation.new_project(f"{sdk.name}: {', '.join(f.name for f in faults)}")
        patience = {"TIMEOUT": "1"} if Fault.SLOW in faults else {}
        with failing_network(installation.url, faults) as network:
            sdk.run(network.url, project["public_key"], happened_at, **patience)
        return Run(project["id"], network.sendings)

    with ThreadPoolExecutor(max_workers=len(POSTHOG) + len(SEGMENT)) as pool:
        running = {
            (sdk.name, faults): pool.submit(run, sdk, faults)
            for faults in (_FAULTS, (Fault.SLOW,))
            for sdk in (*POSTHOG, *SEGMENT)
        }
        yield lambda sdk, *faults: running[sdk.name, faults].result()


@every_sdk
def test_failures_lead_to_resending_and_every_event_is_stored_once(
    installation: Installation, sdk: Sdk, happened_at: datetime, run_of: Runs
) -> None:
    run = run_of(sdk, *_FAULTS)
    assert [seen.fault for seen in run.sendings] == [*_FAULTS, None]
    assert [seen.answer for seen in run.sendings] == [None, 200, 200, 200]
    rows = stored_events(installation, run.project_id)
    assert Counter(row.event_name for row in rows) == Counter(_NAMES[sdk.name])
    [opened] = [row for row in rows if row.event_name == "opened"]
    assert opened.distinct_id == "u-1"
    assert opened.timestamp == happened_at
    persons = {(row.distinct_id, row.person_id) for row in rows if row.distinct_id[0] == "u"}
    assert len(persons) == len({person for _, person in persons}) == 2  # u-1 and u-2
    assert {name: opened.properties[name] for name in ("level", "price", "name")} == {
        "level": 3,
        "price": 1.5,
        "name": "Zoë \U0001f600",
    }


@every_sdk
def test_an_answer_that_comes_too_late_leads_to_resending_and_no_duplicate(
    installation: Installation, sdk: Sdk, run_of: Runs
) -> None:
    run = run_of(sdk, Fault.SLOW)
    assert [seen.fault for seen in run.sendings][:2] == [Fault.SLOW, None]
    assert {seen.answer for seen in run.sendings} == {200}  # so it was there every time
    rows = stored_events(installation, run.project_id)
    assert Counter(row.event_name for row in rows) == Counter(_NAMES[sdk.name])
