"""PostHog's server SDKs ask for one flag: it is counted as used, and no other is evaluated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from psycopg2.extras import Json
from redis import Redis

from deploy.local.backends import Backends
from deploy.local.children import free_port
from tests.support.edge import Edge, Project, running_edge
from tests.support.evaluation_counts import counted
from tests.support.sdk_processes import POSTHOG_ONE_FLAG, Sdk
from tests.support.waiting import wait_for


@pytest.fixture(scope="module")
def edge(backends: Backends, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with running_edge(backends.database_url, tmp_path_factory.mktemp("counts")) as made:
        made.ports["flags"] = free_port()
        made.start("flags")
        yield made


def _store_flags(edge: Edge, project: Project, *keys: str) -> dict[str, int]:
    """Store flags that are on for everybody; return their ids by key."""
    statement = (
        "INSERT INTO feature_flags (project_id, key, version, definition, created_by) "
        "VALUES (%s, %s, 1, %s, 1) RETURNING id"
    )
    return {
        key: edge.execute(statement, [project.id, key, Json({"key": key})])[0][0] for key in keys
    }


def _counted(edge: Edge, project: Project) -> dict[tuple[int, str], int]:
    """How often flags of a project were evaluated, by id and kind of request."""
    found: Counter[tuple[int, str]] = Counter()
    with Redis.from_url(edge.cache.url) as redis:
        for one, count in counted(redis, project.id).items():
            found[one.flag_id, one.request] += count
    return dict(found)


@pytest.mark.parametrize("sdk", POSTHOG_ONE_FLAG, ids=lambda sdk: sdk.name)
def test_a_flag_that_an_sdk_asks_for_is_used_and_others_are_not_evaluated(
    edge: Edge, sdk: Sdk
) -> None:
    project = edge.project()
    ids = _store_flags(edge, project, "new-checkout", "other", "third")
    host = f"http://127.0.0.1:{edge.ports['flags']}"
    assert sdk.ask(host, project.key, "new-checkout").strip() == "true"
    wait_for(lambda: bool(_counted(edge, project)), 15, "the evaluation is not counted")
    assert _counted(edge, project) == {(ids["new-checkout"], "used"): 1}
