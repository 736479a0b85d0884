"""A project's flags as a YAML file that can be kept in git."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec
import yaml
from marshmallow import ValidationError

from shared.errors import BadRequest, PayloadTooLarge, Unprocessable
from shared.flags.definition import FlagDefinition, to_json
from shared.web.flag_schemas import FlagRequest
from shared.web.schemas import flatten_errors

MAX_BYTES = 1024 * 1024
_MAX_DEPTH = 50
_DEFAULTS = to_json(FlagDefinition("any"))
_LINE_BREAKS = {"\x85", "\u2028", "\u2029"}
_EXAMPLE = 'Send {"flags": {"new-checkout": {"rollout_percentage": 20}}} as YAML.'


class _Loader(yaml.SafeLoader):
    """Read plain YAML, in which `no` and times are texts.

    Anchors are refused, since a few lines of them can stand for gigabytes, and so are tags, and
    keys that come twice, of which one would be lost.
    """

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 (as the base declares it)
    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "anchor", None) is not None:
            raise _refusal("anchors and aliases are not supported", event)
        if getattr(event, "tag", None) not in (None, "!"):
            raise _refusal("tags are not supported", event)
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise _refusal(f"there are more than {_MAX_DEPTH} levels", event)
        found: yaml.Node | None = super().compose_node(parent, index)
        self._depth -= 1
        return found

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _refusal("keys have to be texts", key)
            if key.value in keys:
                raise _refusal(f"the key {key.value} comes twice", key)
            keys.add(key.value)
            # Also `true`, under which a flag without variants has its payload, and numbers.
            key.tag = "tag:yaml.org,2002:str"
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


def _refusal(problem: str, at: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=at.start_mark)


for _name, _pattern, _first in (
    ("null", r"(?:~|null|Null|NULL|)\Z", ["~", "n", "N", ""]),
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)\Z", list("tTfF")),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)\Z", list("-+0123456789")),
    ("float", r"[-+]?[0-9]+\.[0-9]*(?:[eE][-+][0-9]+)?\Z", list("-+0123456789")),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(_pattern), _first)


class _Dumper(yaml.SafeDumper):
    """Write texts so that they are read again: some line breaks are lost unless escaped."""


def _write_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = '"' if _LINE_BREAKS & set(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _write_text)


def to_yaml(flags: Iterable[FlagDefinition]) -> str:
    """Return flags as YAML, each with what is not as in a new flag."""
    content = {}
    for flag in flags:
        fields = to_json(flag)
        key = fields.pop("key")
        content[key] = {name: value for name, value in fields.items() if value != _DEFAULTS[name]}
    text: str = yaml.dump(
        {"flags": content}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100
    )
    return text


def read_yaml(body: bytes) -> dict[str, FlagDefinition]:
    """Read flags from YAML, by key; fields that are not there are as in a new flag.

    Raises:
        PayloadTooLarge: the file is larger than one megabyte.
        BadRequest: it is no YAML of this form; the message names the line.
        Unprocessable: names each wrong field.
    """
    if len(body) > MAX_BYTES:
        raise PayloadTooLarge(f"The file is larger than {MAX_BYTES} bytes. Shorten its payloads.")
    content = _parsed(body)
    if not isinstance(content, dict) or not isinstance(content.get("flags"), dict):
        raise BadRequest(f"The file has no flags. {_EXAMPLE}")
    if set(content) != {"flags"}:
        others = ", ".join(sorted(set(content) - {"flags"}))
        raise BadRequest(f"The file has unknown entries: {others}. {_EXAMPLE}")
    schema, found = FlagRequest(), {}
    errors: dict[str, list[str]] = {}
    for key, fields in content["flags"].items():
        try:
            found[key] = _flag(schema, key, {} if fields is None else fields)
        except ValidationError as error:
            errors |= flatten_errors(error.messages, f"flags.{key}")
    if errors:
        raise Unprocessable("The file has flags that cannot be stored.", errors=errors)
    return found


def _flag(schema: FlagRequest, key: str, fields: Any) -> FlagDefinition:
    if not isinstance(fields, dict):
        raise ValidationError("Use the fields of a flag, or {}.")
    if "key" in fields:
        raise ValidationError({"key": ["Is the name of the entry already. Remove it."]})
    return msgspec.convert(schema.load({**fields, "key": key}), FlagDefinition)


def _parsed(body: bytes) -> Any:
    try:
        return _Loader(body.decode()).get_single_data()
    except UnicodeDecodeError as error:
        raise BadRequest("The file is not UTF-8. Save it as UTF-8.") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise BadRequest(f"The file is not plain YAML: {error.problem}{where}.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadRequest("The file is not plain YAML. Check its indentation.") from error
