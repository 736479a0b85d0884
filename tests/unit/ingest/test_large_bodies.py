"""The slot for decoding large bodies: one at a time, few that wait, the others refused at once."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.ingest.large_bodies import LargeBodySlot
from shared.errors import Unavailable


def test_few_requests_wait_for_the_slot_and_the_others_are_refused_at_once() -> None:
    finish = threading.Event()

    def read_large_body() -> None:
        with LargeBodySlot() as slot:
            slot.acquire()
            slot.acquire()  # it has it already
            finish.wait(30)

    with ThreadPoolExecutor(8) as threads:
        requests = [threads.submit(read_large_body) for _ in range(8)]
        deadline = time.monotonic() + 5
        while sum(request.done() for request in requests) < 4 and time.monotonic() < deadline:
            time.sleep(0.01)
        refused = [request.exception() for request in requests if request.done()]
        finish.set()
        others = [request.exception() for request in requests]
    assert len(refused) == 4
    for error in refused:
        assert isinstance(error, Unavailable)
        assert error.retry_after_seconds
    assert others.count(None) == 4


def test_the_slot_is_free_again_after_an_error() -> None:
    def fail() -> None:
        with LargeBodySlot() as slot:
            slot.acquire()
            raise KeyError

    for _ in range(6):
        with pytest.raises(KeyError):
            fail()
