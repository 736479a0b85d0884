"""Measurements of a running Tidemark. Commands, not tests: machines differ, ratios compare."""
