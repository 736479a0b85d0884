"""JSON values of whatever an app passes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

_MAX_DEPTH = 20


def as_json(value: Any, depth: int = 0) -> Any:
    """Return a value as JSON has it: NaN and infinity as null, what JSON lacks as text."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if depth < _MAX_DEPTH:
        if isinstance(value, Mapping):
            return {str(name): as_json(one, depth + 1) for name, one in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [as_json(one, depth + 1) for one in value]
    return value.isoformat() if isinstance(value, datetime) else str(value)
