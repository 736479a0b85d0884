"""Ingest's routes, one module per protocol."""
