"""The OpenAPI schema of a mapping."""

from __future__ import annotations

from typing import Any

from shared.imports.mapping import FIELDS
from shared.imports.reading import DELIMITERS

_NAMES = {"type": "array", "items": {"type": "string"}}
MAPPING_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Which columns of a file become which fields of an event.",
    "additionalProperties": False,
    "properties": {
        "fields": {
            "type": "object",
            "description": "Columns (in JSON lines: paths, such as device.category) by field; the "
            f"first one with a value counts. Fields: {', '.join(FIELDS)}.",
            "additionalProperties": _NAMES,
        },
        "constants": {
            "type": "object",
            "description": "Values of fields that no column of the row has.",
            "additionalProperties": {"type": "string"},
        },
        "properties_from": {
            **_NAMES,
            "description": "Columns that hold objects, whose entries become properties.",
        },
        "person_properties_from": {
            **_NAMES,
            "description": "Columns that hold objects, whose entries become the person's.",
        },
        "other_columns": {"type": "string", "enum": ["properties", "ignore"]},
        "ignored": {**_NAMES, "description": "Columns that are not imported."},
        "event_names": {
            "type": "object",
            "description": "New names of events, by the name in the file.",
            "additionalProperties": {"type": "string"},
        },
        "time_zone": {"type": "string", "description": "IANA name: of times without a zone."},
        "time_unit": {
            "type": "string",
            "enum": ["auto", "seconds", "milliseconds", "microseconds"],
            "description": "Of times that are numbers.",
        },
        "delimiter": {"type": "string", "enum": list(DELIMITERS), "description": "Of CSV."},
        "sessions_of_persons": {
            "type": "boolean",
            "description": "Ids of sessions are unique only together with the person.",
        },
        "is_own_export": {"type": "boolean", "description": "Tidemark has exported the file."},
    },
    "example": {
        "fields": {"event_name": ["event"], "timestamp": ["time"], "distinct_id": ["user_id"]}
    },
}
