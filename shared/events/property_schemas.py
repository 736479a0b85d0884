"""Check an event's properties against a schema: the part of JSON Schema that costs little.

A schema is compiled once into functions. What could cost more than the length of the schema
(patterns, references, combinations) is refused when it is saved; words that only describe are
ignored (docs/decisions/0039-event-schemas.md).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Literal

import msgspec

from shared.errors import Unprocessable

SchemaMode = Literal["off", "warn", "refuse"]
MAX_BYTES = 8_000
MAX_DEPTH = 8
Problem = tuple[str, str]
"""The property, with dots; empty: all of them. And what is wrong with it."""
Check = Callable[[Any], Problem | None]
"""Return the first problem of a value; None: it has none."""

_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: (
        (isinstance(value, int) and not isinstance(value, bool))
        or (isinstance(value, float) and value.is_integer())
    ),
}
_DESCRIBING = frozenset(
    {"title", "description", "default", "examples", "$schema", "$id", "$comment", "format"}
)


_OF_PARTS = frozenset({"properties", "additionalProperties", "items"})


class PropertySchema(msgspec.Struct, frozen=True):
    """What ingest does with events of a name whose properties do not fit a schema."""

    mode: Literal["warn", "refuse"]
    json: str
    """The schema, as JSON."""

    def problem(self, properties: object) -> str | None:
        """Return what is wrong with an event's properties; None: nothing."""
        found = compiled(self.json)({} if properties is None else properties)
        if found is None:
            return None
        name, problem = found
        return f"{name[:100]} {problem}." if name else f"The properties {problem}."


@lru_cache(maxsize=4_096)
def compiled(schema: str) -> Check:
    """Return the check of a schema that was saved."""
    return compile_schema(msgspec.json.decode(schema))


def compile_schema(schema: dict[str, Any]) -> Check:
    """Return the check of a schema.

    Raises:
        Unprocessable: the schema is too large, or has a word that is not checked.
    """
    if len(msgspec.json.encode(schema)) > MAX_BYTES:
        raise _refused("", f"Use a schema of at most {MAX_BYTES:,} bytes.")
    return _compile(schema, "", MAX_DEPTH)


def _compile(schema: Any, path: str, depth: int) -> Check:
    if not isinstance(schema, dict):
        raise _refused(path, "A schema must be an object.")
    if not depth:
        raise _refused(path, f"Nest schemas at most {MAX_DEPTH} levels deep.")
    for word in schema.keys() - _WORDS.keys() - _DESCRIBING - _OF_PARTS:
        raise _refused(
            f"{path}.{word[:50]}",
            f"Events cannot be checked by {word[:50]!r}. Leave it out, or use the mode off.",
        )
    checks = [
        _WORDS[word](given, f"{path}.{word}") for word, given in schema.items() if word in _WORDS
    ]
    if "properties" in schema or "additionalProperties" in schema:
        checks.append(_properties(schema, path, depth))
    if "items" in schema:
        checks.append(_items(_compile(schema["items"], f"{path}.items", depth - 1)))

    def check(value: Any) -> Problem | None:
        for one in checks:
            if (problem := one(value)) is not None:
                return problem
        return None

    return check


def _properties(schema: dict[str, Any], path: str, depth: int) -> Check:
    given = schema.get("properties", {})
    others = schema.get("additionalProperties", True)
    if not isinstance(given, dict):
        raise _refused(f"{path}.properties", "Must be an object of schemas.")
    if not isinstance(others, bool):
        raise _refused(f"{path}.additionalProperties", "Must be true or false.")
    checks = {
        name: _compile(one, f"{path}.properties.{name}", depth - 1) for name, one in given.items()
    }

    def check(value: Any) -> Problem | None:
        if not isinstance(value, dict):
            return None
        for name, one in checks.items():
            if name in value and (problem := one(value[name])) is not None:
                within, message = problem
                return (f"{name}.{within}" if within else name), message
        unknown = None if others else next((name for name in value if name not in checks), None)
        return None if unknown is None else (unknown, "is not in the schema")

    return check


def _items(of_item: Check) -> Check:
    def check(value: Any) -> Problem | None:
        if not isinstance(value, list):
            return None
        return next((problem for item in value if (problem := of_item(item)) is not None), None)

    return check


def _type(given: Any, path: str) -> Check:
    names = [given] if isinstance(given, str) else given
    if not isinstance(names, list) or not names or not set(map(str, names)) <= _TYPES.keys():
        raise _refused(path, f"Use {', '.join(_TYPES)}, or a list of them.")
    tests = [_TYPES[name] for name in names]
    problem = "", f"must be of the type {' or '.join(names)}"
    return lambda value: None if any(test(value) for test in tests) else problem


def _required(given: Any, path: str) -> Check:
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        raise _refused(path, "Must be a list of names.")
    names = list(given)

    def check(value: Any) -> Problem | None:
        if not isinstance(value, dict):
            return None
        missing = next((name for name in names if name not in value), None)
        return None if missing is None else (missing, "is missing")

    return check


def _enum(given: Any, path: str) -> Check:
    if not isinstance(given, list) or not given:
        raise _refused(path, "Must be a list of values.")
    # True equals 1 in Python, but not in JSON.
    known = [(isinstance(one, bool), one) for one in given]
    problem = "", f"must be one of {msgspec.json.encode(given).decode()[:200]}"
    return lambda value: None if (isinstance(value, bool), value) in known else problem


def _bound(
    holds: Callable[[Any, Any], bool], words: str, size_of: Callable[[Any], Any]
) -> Callable[[Any, str], Check]:
    """Return what makes the check of a bound; ``size_of`` returns None for values without one."""

    def make(given: Any, path: str) -> Check:
        if _number_of(given) is None:
            raise _refused(path, "Must be a number.")
        problem = "", f"{words} {given}"

        def check(value: Any) -> Problem | None:
            size = size_of(value)
            return None if size is None or holds(size, given) else problem

        return check

    return make


def _number_of(value: Any) -> Any:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _characters_of(value: Any) -> int | None:
    return len(value) if isinstance(value, str) else None


def _items_of(value: Any) -> int | None:
    return len(value) if isinstance(value, list) else None


_WORDS: Mapping[str, Callable[[Any, str], Check]] = {
    "type": _type,
    "required": _required,
    "enum": _enum,
    "const": lambda given, path: _enum([given], path),
    "minimum": _bound(operator.ge, "must be at least", _number_of),
    "maximum": _bound(operator.le, "must be at most", _number_of),
    "exclusiveMinimum": _bound(operator.gt, "must be above", _number_of),
    "exclusiveMaximum": _bound(operator.lt, "must be below", _number_of),
    "minLength": _bound(operator.ge, "must have, in characters, at least", _characters_of),
    "maxLength": _bound(operator.le, "must have, in characters, at most", _characters_of),
    "minItems": _bound(operator.ge, "must have, in items, at least", _items_of),
    "maxItems": _bound(operator.le, "must have, in items, at most", _items_of),
}


def _refused(path: str, message: str) -> Unprocessable:
    return Unprocessable(
        "The schema cannot be used to check events.", errors={f"json_schema{path}": [message]}
    )
