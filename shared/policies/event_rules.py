"""Refuse events that a project does not accept, whether clients send them or a file has them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from shared.events.drops import Dropped, Warnings
from shared.events.outcomes import DropReason, WarningReason
from shared.events.property_schemas import PropertySchema
from shared.policies.policy import SourceRule


@dataclass(frozen=True, slots=True)
class EventRules:
    """What a project says about events of any origin."""

    allowed_sources: Collection[str] = ()
    """Empty: every source may send."""
    sources: Mapping[str, SourceRule] = field(default_factory=dict)
    """Settings of single sources, by name."""
    schemas: Mapping[str, PropertySchema] = field(default_factory=dict)
    """By event name: what the event's properties have to fit."""


def check_source(source: object, allowed: Collection[str], rules: Mapping[str, SourceRule]) -> None:
    """Refuse an event whose source the project does not allow.

    Args:
        source: of the event.
        allowed: the project's allow-list; empty: every source may send.
        rules: settings of single sources, by name.

    Raises:
        Dropped: the source is not in the allow-list, or is switched off.
    """
    if allowed and source not in allowed:
        raise Dropped(
            DropReason.SOURCE_NOT_ALLOWED,
            f"The project does not accept events from source {str(source)[:100]!r}.",
        )
    rule = rules.get(source) if isinstance(source, str) else None
    if rule is not None and not rule.is_active:
        raise Dropped(
            DropReason.SOURCE_NOT_ALLOWED, f"Source {str(source)[:100]!r} is switched off."
        )


def check_schema(
    schemas: Mapping[str, PropertySchema], event_name: str, properties: object, warnings: Warnings
) -> None:
    """Compare an event's properties with the schema of its name, if the project has one.

    Raises:
        Dropped: they do not fit, and the project refuses such events; else a warning is counted.
    """
    schema = schemas.get(event_name)
    problem = schema.problem(properties) if schema is not None else None
    if schema is None or problem is None:
        return
    if schema.mode == "refuse":
        raise Dropped(DropReason.SCHEMA_MISMATCH, problem)
    warnings.add(WarningReason.PROPERTIES_UNEXPECTED, event_name, problem)
