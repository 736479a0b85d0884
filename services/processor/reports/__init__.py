"""Send dashboards and saved insights by mail.

In: rows of ``reports`` that are due. Out: one message for each recipient, in the outbox. Next: the
outbox's sender. Never: count events. Every figure is an answer of the query service.
"""
