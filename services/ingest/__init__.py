"""Ingest: accepts events from apps and games and holds them safely until they are stored.

In: HTTP requests with a project key, through the gateway.
Out: one stream entry per request (``shared.events.envelope.Batch``), an outcome per event.
Next: the processor reads the stream.
Never: queries PostgreSQL on the hot path; responds with success for an event that is not held.
"""
