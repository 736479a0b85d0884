"""Tidemark for Python: records events in the background, and never raises into the app."""

from tidemark.client import Client

__all__ = ["Client"]
