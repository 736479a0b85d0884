"""The kinds of insight."""

from __future__ import annotations

from typing import Literal

InsightKind = Literal[
    "trends",
    "funnel",
    "retention",
    "paths",
    "lifecycle",
    "stickiness",
    "breakdown",
    "sessions",
    "revenue",
    "game",
]
