"""Maintain stored data: retention, reconciliation, rebuild, replay, deletion."""
