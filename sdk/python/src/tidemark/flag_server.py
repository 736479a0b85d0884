"""The server's requests for flags: those of one person, and all definitions."""

from __future__ import annotations

import http.client
import json
import time
from typing import Any

from tidemark.evaluation import Evaluation, Person, read_payload
from tidemark.request import exchange_within, outcome_of

_PAUSE_SECONDS = 5.0
"""After a request that failed no other one is made for that long: the app's users are waiting."""
_OF_ONE_REQUEST = frozenset({400, 413, 414, 422})
"""Such a status is about what was sent, and says nothing about the next person."""


class FlagsUnavailable(Exception):
    """The flags could not be had; the message says why."""

    def __init__(self, message: str, pause_seconds: float = _PAUSE_SECONDS) -> None:
        super().__init__(message)
        self.pause_seconds = pause_seconds
        """How long to ask for no other person."""


class FlagsPaused(FlagsUnavailable):
    """No request was made, as one has failed a moment ago."""


class FlagServer:
    """Asks the server for flags. No key is in an address."""

    def __init__(self, host: str, key: str, timeout_seconds: float) -> None:
        self._host = host
        self._key = key
        self.timeout_seconds = timeout_seconds
        self._paused_until = 0.0

    def evaluate(self, person: Person, deadline: float) -> dict[str, Evaluation]:
        """Return all flags of a person by key.

        Args:
            person: whom they are evaluated for.
            deadline: how long to wait, on the monotonic clock.

        Raises:
            FlagsUnavailable: they could not be had.
        """
        if time.monotonic() < self._paused_until:
            raise FlagsPaused("The last request failed a moment ago.")
        body = {
            "token": self._key,
            "distinct_id": person.distinct_id,
            "person_properties": person.properties,
            "groups": person.groups,
            "group_properties": person.group_properties,
        }
        try:
            content = self._request("POST", "/flags/?v=2", {}, deadline, json.dumps(body).encode())
            return {key: _evaluation(one) for key, one in content["flags"].items()}
        except FlagsUnavailable as why:
            self._paused_until = time.monotonic() + why.pause_seconds
            raise
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise FlagsUnavailable(f"The answer has another form: {error!r}") from error

    def definitions(self, tag: str) -> tuple[dict[str, Any], str] | None:
        """Return all definitions by key and their entity tag; None: they are those of the tag.

        Args:
            tag: of the definitions that are known; empty: there are none.

        Raises:
            FlagsUnavailable: they could not be had.
        """
        headers = {"Authorization": f"Bearer {self._key}"}
        if tag:
            headers["If-None-Match"] = tag
        try:
            deadline = time.monotonic() + self.timeout_seconds
            content = self._request("GET", "/flags/definitions", headers, deadline)
            if content is None:
                return None
            types = content.get("group_type_mapping") or {}
            return {one["key"]: _with_group_type(one, types) for one in content["flags"]}, content[
                "etag"
            ]
        except (KeyError, TypeError, AttributeError) as error:
            raise FlagsUnavailable(f"The answer has another form: {error!r}") from error

    def _request(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        deadline: float,
        body: bytes | None = None,
    ) -> Any:
        """Return the answer's JSON, an object with its entity tag as ``etag``; None: 304."""
        sent = {"Content-Type": "application/json", **headers}
        try:
            seconds = deadline - time.monotonic()
            answer = exchange_within(self._host, method, path, sent, seconds=seconds, body=body)
            content = json.loads(answer.body) if answer.status == 200 else None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise FlagsUnavailable(f"{type(error).__name__}: {error}") from error
        if answer.status == 304:
            return None
        if not isinstance(content, dict):
            outcome = outcome_of(answer)
            pause = max(_PAUSE_SECONDS, outcome.retry_after_seconds)
            raise FlagsUnavailable(
                f"{answer.status} {outcome.message}",
                0 if answer.status in _OF_ONE_REQUEST else pause,
            )
        return {**content, "etag": answer.headers["ETag"] or ""}


def _with_group_type(flag: dict[str, Any], types: dict[str, str]) -> dict[str, Any]:
    """Return the definition of a flag with the type of the groups that it is for, if it is."""
    index = flag["filters"].get("aggregation_group_type_index")
    return flag if index is None else {**flag, "group_type": types[str(index)]}


def _evaluation(record: dict[str, Any]) -> Evaluation:
    metadata = record.get("metadata") or {}
    variant = record.get("variant")
    reason = record.get("reason") or {}
    return Evaluation(
        bool(record["enabled"]) and (True if variant is None else str(variant)),
        read_payload(metadata.get("payload")),
        # The code is PostHog's, which knows fewer reasons.
        str(reason.get("description") or reason.get("code", "")),
        metadata.get("version"),
    )
