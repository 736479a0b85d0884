"""The provider for OpenFeature's SDK: flags of Tidemark behind a standard interface."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import FlagNotFoundError, TargetingKeyMissingError, TypeMismatchError
from openfeature.flag_evaluation import FlagResolutionDetails, FlagValueType, Reason
from openfeature.provider import AbstractProvider, Metadata

from tidemark.client import Client
from tidemark.evaluation import Evaluation

_Value = TypeVar("_Value")
_OF_GROUPS = ("groups", "group_properties")
_REASONS = {
    "disabled": Reason.DISABLED,
    "not_scheduled": Reason.DISABLED,
    "override": Reason.TARGETING_MATCH,
    "condition_match": Reason.TARGETING_MATCH,
    "out_of_rollout": Reason.SPLIT,
}


class TidemarkProvider(AbstractProvider):  # type: ignore[misc]  # openfeature may be missing
    """Evaluates flags with a client, as ``client.flags`` does, and records the same events.

    The targeting key is the distinct id, ``groups`` and ``group_properties`` of the context are
    those of ``client.flags.value``, and its other attributes are properties of the person. A flag
    without variants is a boolean. One with variants has the variant's payload as its value, or the
    variant's key if there is none; while it is off for a person, code gets its own default.
    """

    def __init__(self, client: Client) -> None:
        super().__init__()
        self._flags = client.flags

    def get_metadata(self) -> Metadata:
        """Return the provider's name."""
        return Metadata("Tidemark")

    def resolve_boolean_details(
        self,
        flag_key: str,
        default_value: bool,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[bool]:
        """Return a flag's value as a boolean."""
        return self._resolve(flag_key, default_value, evaluation_context, _is_bool)

    def resolve_string_details(
        self,
        flag_key: str,
        default_value: str,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[str]:
        """Return a flag's value as a text."""
        return self._resolve(
            flag_key, default_value, evaluation_context, lambda one: isinstance(one, str)
        )

    def resolve_integer_details(
        self,
        flag_key: str,
        default_value: int,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[int]:
        """Return a flag's value as a whole number."""
        return self._resolve(
            flag_key,
            default_value,
            evaluation_context,
            lambda one: isinstance(one, int) and not _is_bool(one),
        )

    def resolve_float_details(
        self,
        flag_key: str,
        default_value: float,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[float]:
        """Return a flag's value as a number."""
        return self._resolve(
            flag_key,
            default_value,
            evaluation_context,
            lambda one: isinstance(one, (int, float)) and not _is_bool(one),
        )

    def resolve_object_details(
        self,
        flag_key: str,
        default_value: Sequence[FlagValueType] | Mapping[str, FlagValueType],
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[Sequence[FlagValueType] | Mapping[str, FlagValueType]]:
        """Return a flag's value as an object or a list."""
        return self._resolve(
            flag_key,
            default_value,
            evaluation_context,
            lambda one: isinstance(one, (dict, list)),
        )

    def _resolve(
        self,
        key: str,
        default: _Value,
        context: EvaluationContext | None,
        fits: Callable[[Any], bool],
    ) -> FlagResolutionDetails[_Value]:
        found = self._evaluate(key, context)
        value = _value(found)
        metadata = {} if found.version is None else {"version": found.version}
        variant = found.variant or ("off" if found.value is False else "on")
        reason = _REASONS.get(found.reason, Reason.DEFAULT)
        # Off says nothing to code that asks for other than a boolean.
        if found.value is False and not isinstance(default, bool):
            value = default
        elif not fits(value):
            raise TypeMismatchError(
                f"The value of {key} is {value!r}. Ask for a {type(value).__name__}."
            )
        return FlagResolutionDetails(value, None, None, reason, variant, metadata)

    def _evaluate(self, key: str, context: EvaluationContext | None) -> Evaluation:
        if context is None or not context.targeting_key:
            raise TargetingKeyMissingError("Pass the distinct id of the person as targeting key.")
        attributes = dict(context.attributes)
        groups, group_properties = (
            attributes.pop(name) if isinstance(attributes.get(name), Mapping) else None
            for name in _OF_GROUPS
        )
        found = self._flags.evaluate(
            key, context.targeting_key, attributes, groups, group_properties
        )
        if found is None:
            raise FlagNotFoundError(f"There is no flag {key}, or the server does not answer.")
        return found


def _value(found: Evaluation) -> Any:
    """Return the value as OpenFeature has it: the payload of a variant is its value."""
    return found.payload if found.variant and found.payload is not None else found.value


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)
