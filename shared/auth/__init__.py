"""Identify callers: login sessions, API keys, tickets, internal tokens."""
