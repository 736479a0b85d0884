"""Processor: store events exactly once, keep the counts, run the scheduled jobs.

In: the stream's entries (``shared.events.envelope.Batch``), through a consumer group.
Out: rows in PostgreSQL, dead letters, stored events published for live views.
Next: query reads the tables; live forwards the published events.
Never: serves anybody but owners of the installation; acknowledges an entry before its transaction
is committed.
"""
