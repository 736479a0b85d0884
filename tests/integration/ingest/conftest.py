"""The edge that the tests of ingest share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.local.backends import Backends
from tests.support.edge import Edge, running_edge


@pytest.fixture(scope="module")
def edge(backends: Backends, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """An edge whose Redises and services may be stopped; what is stopped is started again."""
    with running_edge(backends.database_url, tmp_path_factory.mktemp("edge")) as made:
        yield made
