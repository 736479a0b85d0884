"""The answers with all flags of a person, the same in Flask's routes and before them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable
from typing import Any

import msgspec
from flask import request

from services.flags.request import FlagsRequest, person_of
from services.flags.routes.callers import FlagsOfKey, evaluate
from services.flags.served_flags import ServedFlags
from services.flags.tagged import Tagged, tagged
from shared.flags.evaluation import Evaluation, Person
from shared.flags.evaluation_counts import Request

REFUSED = "tidemark.refused"
"""Key of the WSGI environment: the error of a request that was refused before Flask."""


def raise_refusal() -> None:
    """Raise the error of a request that was refused before Flask, whose body is read."""
    error = request.environ.get(REFUSED)
    if error is not None:
        raise error


def flags_content(sent: FlagsRequest, flags: FlagsOfKey) -> dict[str, Any]:
    """Return the content of ``/flags?v=2``, to be encoded by msgspec.

    Raises:
        TooManyRequests: as ``evaluate``.
    """
    found = evaluate(flags, person_of(sent), request_of(sent), sent.keys)
    return {
        "flags": records(flags.served, found.values()),
        "errorsWhileComputingFlags": False,
        "requestId": str(uuid.uuid4()),
        "evaluatedAt": int(time.time() * 1000),
    }


def request_of(sent: FlagsRequest) -> Request:
    """Return what a request of PostHog's SDKs, or of Tidemark's own, says of the need for flags.

    One without names loads all flags; events tell which of them code needs.
    """
    return "loaded" if sent.keys is None else "used"


def records(flags: ServedFlags, found: Iterable[Evaluation]) -> msgspec.Raw:
    """Return evaluations as ``/flags?v=2`` has them, by key."""
    return msgspec.Raw(b"{%s}" % b",".join(map(flags.posthog.of, found)))


def ofrep_answer(flags: FlagsOfKey, person: Person, stream: str | None) -> Tagged:
    """Return all flags of a person as OFREP has them.

    Args:
        flags: the project's, and who is charged.
        person: whom they are evaluated for.
        stream: where the client is told of changes; None: nowhere.

    Raises:
        TooManyRequests: as ``evaluate``.
    """
    # OpenFeature's SDKs send no event when code asks for one of these flags.
    found = evaluate(flags, person, "used").values()
    content: dict[str, Any] = {
        "flags": msgspec.Raw(b"[%s]" % b",".join(map(flags.served.ofrep.of, found)))
    }
    if stream is not None:
        content["eventStreams"] = [{"type": "sse", "endpoint": {"requestUri": stream}}]
    return tagged(content)
