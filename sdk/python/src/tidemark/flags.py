"""Feature flags: values and payloads, evaluated by the server or in this process."""

from __future__ import annotations

import json
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from tidemark.definitions import Definitions
from tidemark.evaluation import Evaluation, LocalEvaluation, Person
from tidemark.flag_server import FlagServer, FlagsPaused, FlagsUnavailable
from tidemark.forks import ForkSafeLock
from tidemark.json_values import as_json
from tidemark.matching import Unsure

log = logging.getLogger("tidemark")

_KEPT_SECONDS = 5.0
_MAX_ANSWERS = 1_000
_MAX_CALLS = 100_000
_MAX_PERSONS = 10_000
_REMEMBERED_SECONDS = 86_400.0
"""How long a value is remembered: an experiment that begins later needs its own first reading."""

Record = Callable[[str, str, Mapping[str, Any]], object]


class Flags:
    """Values of flags for persons. No method raises; errors go to the logger ``tidemark``.

    One request has all flags of a person, and its answer is kept for 5 seconds. Of properties that
    a call does not pass, the values that are stored of the person count.
    """

    def __init__(self, server: FlagServer, local: Definitions | None, record: Record) -> None:
        self._server = server
        self._local = local
        self._record = record
        self._answers: OrderedDict[str, tuple[float, dict[str, Evaluation]]] = OrderedDict()
        self._called: OrderedDict[tuple[str, str, bool | str], float] = OrderedDict()
        """When the reading of a person, flag and value was recorded, on the monotonic clock."""
        self._read: OrderedDict[str, dict[str, tuple[bool | str, float]]] = OrderedDict()
        """The values that were read, by person and flag, each with when."""
        self._lock = ForkSafeLock()

    def value(
        self,
        key: str,
        distinct_id: str,
        *,
        person_properties: Mapping[str, Any] | None = None,
        groups: Mapping[str, str] | None = None,
        group_properties: Mapping[str, Mapping[str, Any]] | None = None,
        default: bool | str | None = None,
    ) -> bool | str | None:
        """Return a flag's value: ``True``, ``False`` or the key of a variant.

        A person's first reading of a value in a day records ``$feature_flag_called``, and the
        events of the person have the value as ``$feature/`` and the key for a day.

        Args:
            key: of the flag.
            distinct_id: the person.
            person_properties: what conditions compare.
            groups: keys of the person's groups by type, such as ``{"company": "acme"}``.
            group_properties: by type, such as ``{"company": {"plan": "pro"}}``.
            default: what to return where there is no such flag, or it could not be evaluated.
        """
        found = self.evaluate(key, distinct_id, person_properties, groups, group_properties)
        return default if found is None else found.value

    def payload(
        self,
        key: str,
        distinct_id: str,
        *,
        person_properties: Mapping[str, Any] | None = None,
        groups: Mapping[str, str] | None = None,
        group_properties: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> Any:
        """Return the payload of a flag's value, None where there is none; records nothing."""
        person = _person(distinct_id, person_properties, groups, group_properties)
        found = None if person is None else self._find(person, [key]).get(key)
        return None if found is None else found.payload

    def values(
        self,
        distinct_id: str,
        *,
        person_properties: Mapping[str, Any] | None = None,
        groups: Mapping[str, str] | None = None,
        group_properties: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> dict[str, bool | str]:
        """Return the values of all flags by key, such as for a page; records nothing."""
        person = _person(distinct_id, person_properties, groups, group_properties)
        found = {} if person is None else self._find(person, None)
        return {key: one.value for key, one in found.items()}

    def evaluate(
        self,
        key: str,
        distinct_id: str,
        person_properties: Mapping[str, Any] | None = None,
        groups: Mapping[str, str] | None = None,
        group_properties: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> Evaluation | None:
        """Return a flag's value with payload and reason, and record as ``value`` does.

        None: there is no such flag, or it could not be evaluated.
        """
        person = _person(distinct_id, person_properties, groups, group_properties)
        found = None if person is None else self._find(person, [key]).get(key)
        if found is not None:
            self._note(key, str(distinct_id), found.value)
        return found

    def read_by(self, distinct_id: str) -> dict[str, bool | str]:
        """Return the values that were read of a person, as properties of the person's events."""
        definitions = self._local.known() if self._local is not None else None
        since = time.monotonic() - _REMEMBERED_SECONDS
        with self._lock:
            return {
                f"$feature/{key}": value
                for key, (value, at) in self._read.get(distinct_id, {}).items()
                if at > since and (definitions is None or key in definitions)
            }

    def close(self) -> None:
        """Ask for no more definitions."""
        if self._local is not None:
            self._local.close()

    def _find(self, person: Person, keys: list[str] | None) -> dict[str, Evaluation]:
        """Return evaluations by key, those that can be had."""
        deadline = time.monotonic() + self._server.timeout_seconds
        try:
            definitions = self._local.current(deadline) if self._local is not None else None
            if definitions is None:
                return self._ask(person, deadline)
            run, found, unsure = LocalEvaluation(definitions, person), {}, []
            for key in definitions if keys is None else keys:
                try:
                    if key in definitions:
                        found[key] = run.evaluate(key)
                except Unsure:
                    unsure.append(key)
            asked = self._ask(person, deadline) if unsure else {}
            return {**found, **{key: asked[key] for key in unsure if key in asked}}
        except Exception:
            log.exception("Flags could not be evaluated.")
            return {}

    def _ask(self, person: Person, deadline: float) -> dict[str, Evaluation]:
        """Return all flags as the server answers now or a moment ago; none: it does not answer."""
        question = json.dumps(
            [person.distinct_id, person.properties, person.groups, person.group_properties],
            sort_keys=True,
        )
        with self._lock:
            known_at, known = self._answers.get(question, (-_KEPT_SECONDS, {}))
        if time.monotonic() - known_at < _KEPT_SECONDS:
            return known
        try:
            found = self._server.evaluate(person, deadline)
        except FlagsPaused:
            return known
        except FlagsUnavailable as why:
            log.warning("Flags could not be asked for; what was known stays in force: %s", why)
            return known
        with self._lock:
            self._answers[question] = (time.monotonic(), found)
            self._answers.move_to_end(question)
            _drop_oldest(self._answers, _MAX_ANSWERS)
            # What was read of a flag that is gone is no property of the person's events.
            read = self._read.get(person.distinct_id, {})
            for key in read.keys() - found.keys():
                del read[key]
        return found

    def _note(self, key: str, distinct_id: str, value: bool | str) -> None:
        """Remember what a person was answered, and record it if it is the first time in a day."""
        call, now = (distinct_id, key, value), time.monotonic()
        with self._lock:
            self._read.setdefault(distinct_id, {})[key] = (value, now)
            self._read.move_to_end(distinct_id)
            _drop_oldest(self._read, _MAX_PERSONS)
            if now - self._called.get(call, -_REMEMBERED_SECONDS) < _REMEMBERED_SECONDS:
                return
            # Before it is recorded, so that no other thread records it, too.
            self._called[call] = now
            self._called.move_to_end(call)
            _drop_oldest(self._called, _MAX_CALLS)
        properties = {"$feature_flag": key, "$feature_flag_response": value}
        if self._record("$feature_flag_called", distinct_id, properties) is None:
            with self._lock:
                self._called.pop(call, None)


def _drop_oldest(kept: OrderedDict[Any, Any], most: int) -> None:
    if len(kept) > most:
        kept.popitem(last=False)


def _person(
    distinct_id: object,
    properties: Mapping[str, Any] | None,
    groups: Mapping[str, str] | None,
    group_properties: Mapping[str, Mapping[str, Any]] | None,
) -> Person | None:
    """Return the person with JSON values; None: what was passed has another form."""
    try:
        return Person(
            str(distinct_id),
            as_json(dict(properties or {})),
            as_json(dict(groups or {})),
            as_json(dict(group_properties or {})),
        )
    except Exception:
        log.exception("Flags could not be evaluated: pass properties and groups as mappings.")
        return None
