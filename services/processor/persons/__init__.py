"""Decide which person an event belongs to; merge, describe, export and delete persons."""
