"""Share one engine and one installation between all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.compose.base_images import make_base_images
from tests.compose.engine import Engine, machines_engine, own_engine, wants_own_engine
from tests.compose.stack import Stack, production


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """Run an engine that has the base images."""
    if not wants_own_engine():
        with machines_engine() as running:
            yield running
        return
    with own_engine() as running:
        make_base_images(running)
        yield running


@pytest.fixture(scope="session")
def stack(engine: Engine) -> Iterator[Stack]:
    """Build and start docker-compose.yml."""
    with production(engine) as running:
        yield running
