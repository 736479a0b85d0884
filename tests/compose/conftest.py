"""One engine and one installation for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.compose.base_images import make_base_images
from tests.compose.engine import Engine, machines_engine, own_engine, wants_own_engine
from tests.compose.stack import Stack, production


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """An engine that has the base images."""
    if not wants_own_engine():
        with machines_engine() as running:
            yield running
        return
    with own_engine() as running:
        make_base_images(running)
        yield running


@pytest.fixture(scope="session")
def stack(engine: Engine) -> Iterator[Stack]:
    """docker-compose.yml, built and running."""
    with production(engine) as running:
        yield running
