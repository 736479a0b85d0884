"""The live application."""

from __future__ import annotations

from flask import Flask

from shared.checks import redis_cache
from shared.web import create_service


def create_app() -> Flask:
    """Health only, for now."""
    return create_service("live", "Live events and visitors.", [], {"redis": redis_cache})
