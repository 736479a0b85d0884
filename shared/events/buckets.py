"""The grain of the additive counts."""

BUCKET_SECONDS = 900
"""A quarter of an hour: every time zone's hours and days are sums of whole buckets."""
