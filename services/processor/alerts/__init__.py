"""Evaluate alerts on their schedule: ask, decide, and order what is sent, in one transaction."""
