"""Measure a running Tidemark. These are commands, not tests: compare ratios, not machines."""
