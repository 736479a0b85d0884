"""The kinds of insight, and of what has figures."""

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
FigureKind = Literal[InsightKind, "web", "live"]
"""What has figures that lead to persons: every insight, the web report and the live report."""
