"""Send events in the background, and repeat every request until it is accepted."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from tests.compose.stack import Stack

_SENDERS = 3
_BATCH = 10
_PAUSE_SECONDS = 0.1
# How long a request is repeated before the test fails.
_PATIENCE_SECONDS = 90.0
_COME_BACK = {429, 502, 503, 504}


class Load:
    """Senders, and counts of what they sent."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._stop = threading.Event()
        self._problems: list[str] = []
        self.accepted = 0
        self.repeated = 0
        self._lock = threading.Lock()

    def run(self) -> None:
        """Send batches until `stop` is called."""
        with requests.Session() as session:
            while not self._stop.wait(_PAUSE_SECONDS) and not self._problems:
                self._send(session, _batch())

    def stop(self) -> None:
        """Let every sender finish its request."""
        self._stop.set()

    def assert_went_well(self) -> None:
        """Fail if a request was never accepted."""
        assert not self._problems, self._problems

    def wait_for_more(self, events: int) -> None:
        """Wait until this many more events were accepted."""
        wanted = self.accepted + events
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while self.accepted < wanted:
            assert not self._problems, self._problems
            assert time.monotonic() < deadline, f"{self.accepted} of {wanted} were accepted"
            time.sleep(0.05)

    def _send(self, session: requests.Session, body: dict[str, object]) -> None:
        """Send the same events, with the same ids, until they are accepted."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        headers = {"X-API-Key": self._stack.credentials["secret_key"]}
        problem = ""
        while time.monotonic() < deadline:
            try:
                answer = session.post(
                    f"{self._stack.url}/api/v1/events/ingest",
                    json=body,
                    headers=headers,
                    timeout=10,
                )
            except requests.RequestException as error:
                problem = str(error)
            else:
                if answer.status_code == 202:
                    with self._lock:
                        self.accepted += _BATCH
                    return
                problem = f"{answer.status_code} {answer.text[:500]}"
                if answer.status_code not in _COME_BACK:
                    break
            with self._lock:
                self.repeated += 1
            time.sleep(0.3)
        self._problems.append(problem)


@contextmanager
def load(stack: Stack) -> Iterator[Load]:
    """Send events in the background; afterwards add the accepted ones to `stack.sent`."""
    sent = Load(stack)
    senders = [threading.Thread(target=sent.run) for _ in range(_SENDERS)]
    for sender in senders:
        sender.start()
    try:
        sent.wait_for_more(_BATCH)
        yield sent
    finally:
        sent.stop()
        for sender in senders:
            sender.join()
    sent.assert_went_well()
    stack.sent += sent.accepted
    print(f"{sent.accepted} events accepted, {sent.repeated} requests repeated", flush=True)


def _batch() -> dict[str, object]:
    return {
        "events": [
            {
                "event_id": str(uuid.uuid4()),
                "event_name": "round_played",
                "user_id": f"player-{number}",
                "properties": {"score": number},
            }
            for number in range(_BATCH)
        ]
    }
