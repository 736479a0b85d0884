"""Connections are counted for whoever has them, however many projects and keys that is."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial

import pytest

from services.live.viewers import Connections, Viewer
from shared.errors import TidemarkError, TooManyRequests, Unavailable


async def close(_reason: TidemarkError) -> None:
    """Nothing is open."""


def is_open(
    stack: ExitStack, connections: Connections, viewer: Viewer, visitor: str | None = None
) -> bool:
    try:
        stack.enter_context(connections.opened(viewer, partial(close), visitor))
    except (TooManyRequests, Unavailable):
        return False
    return True


@pytest.mark.parametrize(
    ("viewers", "opened"),
    [
        ([Viewer(one, key=f"sk_{one}", owner_id=7) for one in (1, 2, 3)], [True, True, False]),
        ([Viewer(1, key="pk", owner_id=one) for one in (1, 2, 3)], [True, True, True]),
        ([Viewer(one, key=f"sk_{one}") for one in (1, 2, 3)], [True, True, True]),
        ([Viewer(one, 7) for one in (1, 2, 3)], [True, True, False]),
        ([Viewer(7, key="a"), Viewer(7, key="b"), Viewer(1, key="c", owner_id=7)], [True] * 3),
    ],
    ids=["one_owner", "owners", "no_owner", "one_user", "other_numbers"],
)
def test_connections_are_counted_by_account(viewers: list[Viewer], opened: list[bool]) -> None:
    connections = Connections(100, 2, lambda _: None)
    with ExitStack() as stack:
        assert [is_open(stack, connections, one) for one in viewers] == opened
    with ExitStack() as stack:
        assert is_open(stack, connections, viewers[-1])


def test_a_visitor_has_a_share_and_all_leave_a_reserve_for_secret_keys() -> None:
    connections = Connections(400, 200, lambda _: None)
    page, server = Viewer(1, key="pk", owner_id=7), Viewer(1, key="sk", owner_id=7)
    for _ in range(2):
        with ExitStack() as stack:
            # One network of IPv6 is one visitor.
            addresses = [f"2001:db8::{number:x}" for number in range(20)]
            assert [is_open(stack, connections, page, one) for one in addresses].count(True) == 10
            assert is_open(stack, connections, page, "2001:db8:1::1")
            crowd = [f"192.0.2.{number}" for number in range(200)]
            assert [is_open(stack, connections, page, one) for one in crowd].count(True) == 169
            assert [is_open(stack, connections, server) for _ in range(21)].count(True) == 20


@pytest.mark.parametrize("address", ["10.0.0.7", "192.168.1.1", "127.0.0.1", "fd00::1", ""])
def test_a_private_address_stands_for_many_visitors(address: str) -> None:
    connections = Connections(400, 200, lambda _: None)
    page = Viewer(1, key="pk", owner_id=7)
    with ExitStack() as stack:
        opened = [is_open(stack, connections, page, address) for _ in range(200)]
        assert opened.count(True) == 180  # the reserve of secret keys holds for them, too


def test_an_address_has_one_share_in_all_projects_of_an_owner() -> None:
    connections = Connections(400, 200, lambda _: None)
    with ExitStack() as stack:
        pages = [Viewer(number, key=f"pk_{number}", owner_id=7) for number in range(1, 41)]
        opened = [is_open(stack, connections, page, "192.0.2.1") for page in pages]
        assert opened.count(True) == 10
        assert is_open(stack, connections, pages[-1], "192.0.2.2")
        assert is_open(stack, connections, Viewer(99, key="pk", owner_id=8), "192.0.2.1")


@pytest.mark.parametrize("owner_id", [7, None], ids=["of_one_owner", "of_none"])
def test_the_projects_of_an_owner_leave_half_of_the_connections(owner_id: int | None) -> None:
    """However many users look at them: an owner may invite any number."""
    connections = Connections(100, 10, lambda _: None)
    with ExitStack() as stack:
        crowd = [Viewer(1 + user % 20, user, owner_id=owner_id) for user in range(1, 101)]
        opened = [is_open(stack, connections, one) for one in crowd]
        assert opened.count(True) == (50 if owner_id else 100)
        assert is_open(stack, connections, Viewer(99, 999, owner_id=8)) == bool(owner_id)
